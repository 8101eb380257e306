"""Registering contacts, what is known of them, and their status: checked, written, audited together."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from domain.associations.models import LocalAssociation
from domain.audit.entities import HIDDEN
from domain.audit.rules import differences
from domain.core.errors import InvalidInput, InvalidState, NotAllowed
from domain.core.phones import as_e164
from domain.identity.emails import canonical

from .choices import GIVEN_REASONS, ClosedReason, ContactStatus
from .mentoring import assign_to_self, end_assignments
from .models import Contact
from .models.contacts import ADD, CHANGE, VIEW
from .queries import duplicates_of
from .recording import note
from .standing import (
    check_may,
    check_may_keep_up,
    check_present,
    check_text,
    locked,
    may_read_health,
    scope_of,
    validate,
)
from .statuses import change_status, note_status

# What a form, the API or an import can set; the rest is set by rules and triggers.
FIELDS = (
    "first_name",
    "last_name",
    "birth_year",
    "phone",
    "email",
    "address",
    "postcode",
    "city",
    "municipality",
    "language",
    "diagnosis_category",
    "source",
    "consent_basis",
    "consent_on",
)
# Sealed: of these the record says that they changed, never what they are.
SEALED = ("diagnosis",)
# From which status each verb leads where. Closing and opening again have rules of their own.
PAUSE_FROM = (ContactStatus.NEW, ContactStatus.ACTIVE)
ACTIVATE_FROM = (ContactStatus.NEW, ContactStatus.PAUSED)
CLOSE_FROM = (ContactStatus.NEW, ContactStatus.ACTIVE, ContactStatus.PAUSED)


class PossibleDuplicate(InvalidState):
    """There are contacts that may be the same person; `candidates` are those that the caller sees."""

    code = "possible-duplicate"

    def __init__(self, candidates: list[Contact]):
        super().__init__(_("This may be someone who is registered already: compare before you go on."))
        self.candidates = candidates


@transaction.atomic
def create_contact(
    *, by: Any, local_association: LocalAssociation, duplicate_checked: bool = False, **values: Any
) -> Contact:
    """Register a contact in a local association; `values` are of `FIELDS`.

    A peer mentor who registers someone is assigned to them. Raises PossibleDuplicate unless somebody has
    compared, InvalidInput naming the field, InvalidState for an association that is closed, NotAllowed.
    """
    local_association = LocalAssociation.objects.select_for_update(no_key=True).get(pk=local_association.pk)
    check_may(by, ADD, local_association.path)
    _check_open(local_association)
    contact = Contact(local_association=local_association, created_by=by, updated_by=by)
    assign(contact, values)
    _check(contact)
    scope = scope_of(by)
    contact.name_it()
    if not duplicate_checked and (candidates := duplicates_of(contact, scope)):
        raise PossibleDuplicate(candidates)
    contact.save(force_insert=True)
    note_status(contact, "", by=by)
    given = {name: (None, shown(contact, name)) for name in ("local_association", *FIELDS, *SEALED)}
    note(
        "contact.created",
        contact,
        by=by,
        changes={name: pair for name, pair in given.items() if pair[1] not in (None, "")},
        subject_ids=[contact.pk],
    )
    if scope is not None and not scope.can(VIEW, local_association.path):
        assign_to_self(contact, by=by)
    return contact


@transaction.atomic
def change_contact(
    contact: Contact, *, changes: Mapping[str, Any], by: Any, version: int | None = None
) -> Contact:
    """Change some of `FIELDS`. Place and status have rules of their own.

    Raises InvalidInput naming the field, InvalidState for an alias or an erased one, NotAllowed (of what
    tells about health to who may not read it, too: whether it changed would tell), StaleVersion.
    """
    row = locked(contact, version)
    check_may_keep_up(by, row)
    check_present(row)
    scope = scope_of(by)
    if (
        {*SEALED, "diagnosis_category"} & set(changes)
        and scope is not None
        and not may_read_health(scope, row)
    ):
        raise NotAllowed(_("You are not allowed to change this."))
    before = {name: shown(row, name) for name in changes if name in FIELDS}
    assign(row, changes)
    _check(row)
    changed = differences(before, {name: shown(row, name) for name in before})
    changed.update({name: (HIDDEN, HIDDEN) for name in SEALED if name in changes})
    if changed:
        row.updated_by = by
        row.save()
        note("contact.changed", row, by=by, changes=changed, subject_ids=[row.pk])
    return row


@transaction.atomic
def move_contact(
    contact: Contact, *, to: LocalAssociation, by: Any, version: int | None = None, reason: str = ""
) -> Contact:
    """Hand a contact over to another local association; whoever has a role there sees them from now on.

    Raises InvalidState for a closed association, an alias or an erased one; NotAllowed where the caller's
    role reaches only one of the two places; StaleVersion.
    """
    row = locked(contact, version)
    check_may(by, CHANGE, row.local_association.path, to.path)
    check_present(row)
    to = LocalAssociation.objects.select_for_update(no_key=True).get(pk=to.pk)
    if to.pk == row.local_association_id:
        return row
    _check_open(to)
    before, row.local_association, row.updated_by = row.local_association, to, by
    row.save()
    note(
        "contact.moved",
        row,
        by=by,
        reason=reason,
        changes={"local_association": (str(before), str(to))},
        subject_ids=[row.pk],
    )
    return row


@transaction.atomic
def pause_contact(contact: Contact, *, by: Any, version: int | None = None, reason: str = "") -> Contact:
    """Let the support rest; who supports them stays. Raises InvalidState, NotAllowed, StaleVersion."""
    return _change_status(
        contact, ContactStatus.PAUSED, PAUSE_FROM, by=by, version=version, reason=reason, verb="paused"
    )


@transaction.atomic
def activate_contact(contact: Contact, *, by: Any, version: int | None = None, reason: str = "") -> Contact:
    """Say that the support goes on. Raises InvalidState, NotAllowed, StaleVersion."""
    return _change_status(
        contact, ContactStatus.ACTIVE, ACTIVATE_FROM, by=by, version=version, reason=reason, verb="activated"
    )


@transaction.atomic
def close_contact(
    contact: Contact, *, closed_reason: str, by: Any, version: int | None = None, reason: str = ""
) -> Contact:
    """End the support, for a reason of the list; `reason`, in words of one's own, goes on the record.

    Assignments of mentors end today, and with them what mentors see. Raises InvalidInput without a reason
    that can be given, InvalidState, NotAllowed, StaleVersion.
    """
    if closed_reason not in GIVEN_REASONS:
        raise InvalidInput(_("Say why: choose one of the reasons."), code="required", field="closed_reason")
    row = _change_status(
        contact,
        ContactStatus.CLOSED,
        CLOSE_FROM,
        by=by,
        version=version,
        reason=reason,
        verb="closed",
        closed_reason=closed_reason,
    )
    end_assignments(row, by=by)
    return row


@transaction.atomic
def reopen_contact(contact: Contact, *, by: Any, version: int | None = None, reason: str = "") -> Contact:
    """Take up the support again; mentors are assigned anew. Raises InvalidState, NotAllowed, StaleVersion."""
    row = locked(contact, version)
    check_present(row)
    _check_open(row.local_association)
    return _change_status(
        contact,
        ContactStatus.ACTIVE,
        (ContactStatus.CLOSED,),
        by=by,
        version=version,
        reason=reason,
        verb="reopened",
    )


def hand_over_contacts(*, merged: LocalAssociation, into: LocalAssociation, by: Any) -> None:
    """When a local association is merged into another, its contacts go along; in the merge's transaction."""
    for row in Contact.objects.select_for_update(of=("self",)).filter(local_association=merged):
        row.local_association, row.updated_by = into, by
        row.save()
        note(
            "contact.moved",
            row,
            by=by,
            changes={"local_association": (str(merged), str(into))},
            subject_ids=[row.pk],
        )


# --- What the rules have in common


def assign(row: Contact, values: Mapping[str, Any]) -> None:
    """Set fields as they are stored: spaces single, phone in E.164, e-mail canonical. Raises InvalidInput."""
    unknown = sorted(set(values) - {*FIELDS, *SEALED})
    if unknown:
        raise InvalidInput(_("This can't be set here."), code="not-editable", field=unknown[0])
    for name, value in values.items():
        if name in SEALED:
            setattr(row, name, (value or "").strip() or None)
        else:
            setattr(row, name, " ".join(value.split()) if isinstance(value, str) else value)
    check_text(row)
    row.phone = as_e164(row.phone)
    row.email = as_address(row.email)
    category = row.diagnosis_category if "diagnosis_category" in values else None
    if category is not None and not category.is_active:
        raise InvalidInput(
            _("“%(name)s” isn't used any more: choose another.") % {"name": category},
            code="retired",
            field="diagnosis_category",
        )


def as_address(email: str) -> str:
    """The canonical spelling of an e-mail address; an empty one stays so. Raises InvalidInput."""
    if not email:
        return ""
    try:
        return canonical(email)
    except ValidationError as error:
        raise InvalidInput(error.message, code=error.code or "", field="email") from error


def shown(row: Any, name: str) -> Any:
    """A value as it may be read on the record: of a reference, what it is called."""
    value = getattr(row, name)
    if name in SEALED:
        return HIDDEN if value is not None else None
    return str(value) if hasattr(value, "_meta") else value


def _change_status(
    contact: Contact,
    status: ContactStatus,
    sources: tuple[ContactStatus, ...],
    *,
    by: Any,
    version: int | None,
    reason: str,
    verb: str,
    closed_reason: str = "",
) -> Contact:
    row = locked(contact, version)
    check_may(by, CHANGE, row.local_association.path)
    check_present(row)
    if row.status not in sources:
        raise InvalidState(
            _("This can't be done while the status is “%(status)s”.") % {"status": row.get_status_display()},
            code="wrong-status",
        )
    pair = change_status(row, status, by=by, closed_reason=closed_reason)
    why = {"closed_reason": (None, str(ClosedReason(closed_reason).label))} if closed_reason else {}
    note(
        f"contact.{verb}",
        row,
        by=by,
        reason=reason,
        changes={"status": pair, **why},
        subject_ids=[row.pk],
    )
    return row


def _check(row: Contact) -> None:
    # Keys are made from the names when it is saved.
    validate(row, without=("name_key", "name_search", "local_association", "diagnosis_category"))


def _check_open(association: LocalAssociation) -> None:
    if not association.is_active:
        raise InvalidState(
            _("“%(name)s” is closed: choose another.") % {"name": association}, code="closed-association"
        )
