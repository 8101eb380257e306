"""The kinds of certifications: what each asks for, and for how long it holds. Part of the area's rules."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from domain.associations.standing import check_may
from domain.audit.entities import create_entity, update_entity
from domain.core.errors import InvalidInput, StaleVersion
from domain.core.scope import EVERYWHERE

from .choices import CertificationStatus, Requirement
from .models import (
    CHANGE_KINDS,
    CertificationKind,
    CertificationRequirement,
    MentorCertification,
)


@transaction.atomic
def create_kind(*, by: Any, **values: Any) -> CertificationKind:
    """Add a kind. Raises InvalidInput for values that won't do, NotAllowed."""
    check_may(by, CHANGE_KINDS, EVERYWHERE)
    try:
        return create_entity(CertificationKind(**_clean(values)), by=by)
    except ValidationError as error:
        raise _as_refusal(error) from error


@transaction.atomic
def change_kind(
    kind: CertificationKind, *, changes: Mapping[str, Any], by: Any, version: int | None = None
) -> CertificationKind:
    """Change a kind; its key stays. What has been issued keeps its last day.

    Certifications that are under way get the lines of new requirements, and lose those that aren't asked for
    any more and weren't ticked. Raises InvalidInput, NotAllowed, StaleVersion.
    """
    check_may(by, CHANGE_KINDS, EVERYWHERE)
    kind.check_schema()
    row = CertificationKind.objects.select_for_update(of=("self",)).get(pk=kind.pk)
    if version is not None and row.version != version:
        raise StaleVersion(_("Someone else has changed this since you opened it. Reload and try again."))
    if changes.get("key", row.key) != row.key:
        raise InvalidInput(_("The key of a kind can't be changed."), code="read-only", field="key")
    before = list(row.requirements)
    try:
        row = update_entity(row, by=by, values=_clean(changes))
    except ValidationError as error:
        raise _as_refusal(error) from error
    if list(row.requirements) != before:
        _fit_checklists(row, by)
    return row


def _fit_checklists(kind: CertificationKind, by: Any) -> None:
    held = MentorCertification.objects.filter(kind=kind).exclude(status=CertificationStatus.REVOKED)
    lines = CertificationRequirement.objects.filter(certification__in=held)
    lines.filter(done_on__isnull=True).exclude(requirement__in=kind.requirements).delete()
    CertificationRequirement.objects.bulk_create(
        [
            CertificationRequirement(certification=row, requirement=key)
            for row in held
            for key in kind.requirements
        ],
        ignore_conflicts=True,
    )
    # The checklist is part of the certification: who keeps a copy of that must learn that it changed.
    held.update(updated_by=by)


def _clean(values: Mapping[str, Any]) -> dict[str, Any]:
    """Requirements once each, in the order of the list."""
    cleaned = dict(values)
    if "requirements" in cleaned:
        asked = set(cleaned["requirements"] or [])
        unknown = asked - set(Requirement.values)
        if unknown:
            raise InvalidInput(_("There is no such requirement."), field="requirements")
        cleaned["requirements"] = [key for key in Requirement.values if key in asked]
    return cleaned


def _as_refusal(error: ValidationError) -> InvalidInput:
    for field, messages in getattr(error, "message_dict", {"": error.messages}).items():
        return InvalidInput(messages[0], field="" if field == "__all__" else field)
    return InvalidInput(_("That won't do."))
