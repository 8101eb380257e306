"""Changing the tree of local associations: checked, written and audited together."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any, NoReturn

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from psycopg import errors as pg

from domain.audit.rules import differences, record
from domain.core.errors import InvalidInput, InvalidState, StaleVersion
from domain.core.phones import as_e164
from domain.core.scope import EVERYWHERE

from .memberships import hand_over_memberships
from .models import ADD, CHANGE, LocalAssociation, LocalAssociationEdge
from .queries import lock_tree, resolve
from .standing import check_may

# What a form or an import can set; the rest is set by rules and triggers.
FIELDS = (
    "name",
    "number",
    "kind",
    "organization_number",
    "paying_entity",
    "account_dimension",
    "municipality",
    "county",
    "email",
    "phone",
)
# Set by us, or looked up before; that numbers are unique is the database's to say.
_NOT_TYPED = {field.name for field in LocalAssociation._meta.concrete_fields if field.name not in FIELDS} | {
    "paying_entity"
}
# Called with `into=`, `merged=` and `by=` when an association is merged: a later area moves what it holds.
merge_steps: list[Callable[..., None]] = []


@transaction.atomic
def create_association(
    *, by: Any, parent: LocalAssociation | None = None, valid_from: date | None = None, **values: Any
) -> LocalAssociation:
    """Make an association below `parent`, or a root; `values` are of `FIELDS`.

    Raises InvalidInput naming the field, InvalidState for a parent that is closed, NotAllowed.
    """
    check_may(by, ADD, parent.path if parent else EVERYWHERE)
    lock_tree()
    parent = _present(parent)
    check_open(parent)
    association = LocalAssociation(parent=parent, created_by=by, updated_by=by)
    assign(association, values)
    validate(association)
    _save(association)
    LocalAssociationEdge.objects.create(
        association=association, parent=parent, valid_from=valid_from or timezone.localdate()
    )
    changes = {name: (None, _shown(association, name)) for name in (*FIELDS, "parent")}
    record(
        "local-association.created",
        association,
        by=by,
        changes={name: pair for name, pair in changes.items() if pair[1] not in (None, "")},
    )
    return association


@transaction.atomic
def change_association(
    association: LocalAssociation, *, changes: Mapping[str, Any], by: Any, version: int | None = None
) -> LocalAssociation:
    """Change some of `FIELDS`. Its place in the tree is changed by `move_association`.

    Raises InvalidInput naming the field, InvalidState for an alias, NotAllowed, StaleVersion.
    """
    row = _locked(association, version)
    check_may(by, CHANGE, row.path)
    _check_not_alias(row)
    before = {name: _shown(row, name) for name in changes if name in FIELDS}
    assign(row, changes)
    validate(row)
    changed = differences(before, {name: _shown(row, name) for name in before})
    if changed:
        row.updated_by = by
        _save(row)
        record("local-association.changed", row, by=by, changes=changed)
    return row


@transaction.atomic
def move_association(
    association: LocalAssociation,
    *,
    to: LocalAssociation | None,
    by: Any,
    version: int | None = None,
    from_day: date | None = None,
) -> LocalAssociation:
    """Hang an association, with everything below it, below another one; None makes it a root.

    The paths of the subtree change in one statement (a trigger). The place of the days before `from_day`
    (today unless given; not later, not before it came to its present place) stays known. Raises InvalidState
    for a place below itself or a closed one, InvalidInput for the day, NotAllowed where the caller's role
    reaches only one of the two places, StaleVersion.
    """
    lock_tree()
    row = _locked(association, version)
    to = _present(to)
    check_may(by, CHANGE, row.path, to.path if to else EVERYWHERE)
    _check_not_alias(row)
    if row.parent == to:
        return row
    check_open(to)
    if to is not None and to.path.startswith(row.path):
        raise InvalidState(
            _("“%(to)s” is “%(name)s” itself or below it: it can't be moved there.")
            % {"to": to, "name": row},
            code="tree-ring",
        )
    before = row.parent
    _change_place(row, to, from_day or timezone.localdate())
    row.parent, row.updated_by = to, by
    row.save()
    below = LocalAssociation.objects.below(row.path).count() - 1
    record(
        "local-association.moved",
        row,
        by=by,
        changes={
            "parent": (str(before) if before else None, str(to) if to else None),
            "moved along": (None, below),
        },
    )
    return row


@transaction.atomic
def set_active(
    association: LocalAssociation, *, active: bool, by: Any, version: int | None = None, reason: str = ""
) -> LocalAssociation:
    """Close an association, or open it again. Nothing is deleted, nobody loses a membership by it.

    Raises InvalidState where active ones are below it, or for an alias; NotAllowed; StaleVersion.
    """
    lock_tree()
    row = _locked(association, version)
    check_may(by, CHANGE, row.path)
    _check_not_alias(row)
    if row.is_active == active:
        return row
    if active:
        check_open(row.parent)
    else:
        open_below = LocalAssociation.objects.below(row.path).active().exclude(pk=row.pk).count()
        if open_below:
            raise InvalidState(
                _("%(count)d active ones are below it: move or close them first.") % {"count": open_below},
                code="active-below",
            )
    row.is_active, row.updated_by = active, by
    row.save()
    verb = "reopened" if active else "closed"
    record(
        f"local-association.{verb}",
        row,
        by=by,
        changes={"is_active": (not active, active)},
        reason=reason[:500],
    )
    return row


@transaction.atomic
def merge_associations(
    association: LocalAssociation,
    *,
    into: LocalAssociation,
    by: Any,
    version: int | None = None,
    reason: str = "",
) -> LocalAssociation:
    """Merge an association into another; gives the one that remains.

    Its members and everything below it go to the other one. It stays as an alias: its number still finds the
    other, and history keeps its name. Raises InvalidState for itself, a closed one or one below it,
    NotAllowed, StaleVersion.
    """
    lock_tree()
    row = _locked(association, version)
    into = LocalAssociation.objects.select_for_update().get(pk=resolve(into).pk)
    check_may(by, CHANGE, row.path, into.path)
    _check_not_alias(row)
    if into.path.startswith(row.path):
        raise InvalidState(
            _("It can't be merged into itself or into one below it: move that one out first."),
            code="tree-ring",
        )
    check_open(into)
    today = timezone.localdate()
    children = list(row.children.all())
    for child in children:
        move_association(child, to=into, by=by)
    members = hand_over_memberships(row, into, by=by, today=today)
    paid = LocalAssociation.objects.filter(paying_entity=row).exclude(pk=into.pk)
    paid.update(paying_entity=into, updated_by=by)
    LocalAssociation.objects.filter(pk=into.pk, paying_entity=row).update(paying_entity=None)
    for step in merge_steps:
        step(merged=row, into=into, by=by)
    row.refresh_from_db()
    row.merged_into, row.is_active, row.updated_by = into, False, by
    row.save()
    record(
        "local-association.merged",
        row,
        by=by,
        changes={
            "merged_into": (None, str(into)),
            "members": (None, members),
            "below": (None, len(children)),
        },
        reason=reason[:500],
    )
    record("local-association.took-over", into, by=by, changes={"merged": (None, str(row))})
    into.refresh_from_db()
    return into


# --- What the rules have in common


def _locked(association: LocalAssociation, version: int | None) -> LocalAssociation:
    association.check_schema()
    row = (
        LocalAssociation.objects.select_for_update(of=("self",))
        .select_related("parent")
        .get(pk=association.pk)
    )
    if version is not None and row.version != version:
        raise StaleVersion(_("Someone else has changed this since you opened it. Reload and try again."))
    return row


def _present(association: LocalAssociation | None) -> LocalAssociation | None:
    """The row as it is now, once nobody else changes the tree."""
    return LocalAssociation.objects.get(pk=association.pk) if association else None


def check_open(parent: LocalAssociation | None) -> None:
    """Raise InvalidState for one that is closed: nothing can be put below it."""
    if parent is not None and not parent.is_active:
        raise InvalidState(
            _("“%(name)s” is closed: choose another, or open it again first.") % {"name": parent},
            code="closed-association",
        )


def _check_not_alias(row: LocalAssociation) -> None:
    if row.merged_into_id is not None:
        raise InvalidState(
            _("This was merged into “%(name)s”: change that one instead.") % {"name": row.merged_into},
            code="merged-association",
        )


def assign(row: LocalAssociation, values: Mapping[str, Any]) -> None:
    """Set fields as they are stored: spaces single, phone in E.164. Raises InvalidInput."""
    unknown = sorted(set(values) - set(FIELDS))
    if unknown:
        raise InvalidInput(_("This can't be set here."), code="not-editable", field=unknown[0])
    for name, value in values.items():
        setattr(row, name, " ".join(value.split()) if isinstance(value, str) else value)
    row.organization_number = row.organization_number.replace(" ", "")
    row.phone = as_e164(row.phone)


def validate(row: LocalAssociation) -> None:
    """Raise InvalidInput for a value that won't do; what the database alone can tell is left to it."""
    if "\x00" in row.name + row.number + row.account_dimension:
        raise InvalidInput(_("A character here can't be stored."), field="name")
    if row.paying_entity_id is not None and row.paying_entity_id == row.pk:
        raise InvalidInput(_("Leave it empty where it pays for itself."), field="paying_entity")
    try:
        row.clean_fields(exclude=_NOT_TYPED)
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise InvalidInput(messages[0], field="" if field == "__all__" else field) from error


def _save(row: LocalAssociation) -> None:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        refuse(error)


def refuse(error: IntegrityError) -> NoReturn:
    """Say what the database refused; two people may have been at it in the same moment."""
    cause = error.__cause__
    name = cause.diag.constraint_name if isinstance(cause, pg.Error) else ""
    if name == "association_number_unique":
        raise InvalidInput(
            _("Another local association has this number."), code="number-taken", field="number"
        ) from error
    if name == "association_legal_entity_once":
        raise InvalidInput(
            _("Another local association has this organisation number."),
            code="organization-number-taken",
            field="organization_number",
        ) from error
    raise error


def _change_place(row: LocalAssociation, to: LocalAssociation | None, day: date) -> None:
    """The edge of the old place ends the day before, the new one begins; within a day it is one place."""
    if day > timezone.localdate():
        raise InvalidInput(_("The day can't be in the future."), field="from_day")
    edge = row.places.select_for_update().filter(valid_to__isnull=True).first()
    if edge is not None and day < edge.valid_from:
        raise InvalidInput(
            _("It came to its present place on %(day)s: the move can't be earlier.")
            % {"day": edge.valid_from.strftime("%d.%m.%Y")},
            field="from_day",
        )
    if edge is not None and edge.valid_from == day:
        edge.parent = to
        edge.save()
        return
    if edge is not None:
        edge.valid_to = day - timedelta(days=1)
        edge.save()
    LocalAssociationEdge.objects.create(association=row, parent=to, valid_from=day)


def _shown(row: LocalAssociation, name: str) -> Any:
    value = getattr(row, name)
    return str(value) if isinstance(value, LocalAssociation) else value
