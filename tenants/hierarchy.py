"""How organisations relate: dated edges from a parent to its child. Parents see aggregates, never rows."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from .authority import require_staff
from .events import announce
from .models import Organization, OrganizationHierarchy

# What the database refuses (tenants/migrations/0002), in words.
_REFUSALS = {
    "hierarchy_not_itself": lambda: _("An organisation can't be its own parent."),
    "hierarchy_one_parent_at_a_time": lambda: _(
        "It has another parent in that period: end that relation first."
    ),
    "hierarchy_one_open_parent": lambda: _("It has another parent in that period: end that relation first."),
    "hierarchy_no_cycle": lambda: _("The parent would be below its own child."),
}


def link_organizations(
    *, parent: Organization, child: Organization, kind: str, valid_from: date, by: Any
) -> OrganizationHierarchy:
    """Put one organisation below another from a day on, until the relation is ended.

    Raises ValidationError where that would give the child two parents at a time or make a circle.
    """
    require_staff(by)
    edge = OrganizationHierarchy(parent=parent, child=child, kind=kind, valid_from=valid_from)
    with transaction.atomic():
        edge.full_clean(validate_constraints=False)  # The database tells apart more cases.
        _save(edge)
        announce(
            "organization.linked",
            child,
            by=by,
            changes={"parent": (None, parent.name), "valid_from": (None, valid_from)},
        )
    return edge


def unlink_organizations(edge: OrganizationHierarchy, *, last_day: date, by: Any) -> None:
    """Let a relation end; `last_day` is the last on which it holds. What was stays in the record."""
    require_staff(by)
    with transaction.atomic():
        current = OrganizationHierarchy.objects.select_for_update().get(pk=edge.pk)
        if last_day < current.valid_from:
            raise ValidationError(_("The last day lies before the first."))
        before = current.valid_to
        current.valid_to = last_day
        _save(current)
        announce(
            "organization.unlinked",
            current.child,
            by=by,
            changes={"parent": (current.parent.name, None), "valid_to": (before, last_day)},
        )


def _save(edge: OrganizationHierarchy) -> None:
    try:
        with transaction.atomic():
            edge.save()
    except IntegrityError as error:
        diagnosis = getattr(error.__cause__, "diag", None)
        refusal = _REFUSALS.get(getattr(diagnosis, "constraint_name", None) or "")
        if refusal is None:
            raise
        raise ValidationError(refusal()) from error
