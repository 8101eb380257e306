"""Caregivers and relatives: who is close to a contact. Part of the area's rules."""

from collections.abc import Mapping
from typing import Any, TypeVar

from django.db import transaction
from django.utils.translation import gettext as _

from domain.access.rules import check_version
from domain.audit.rules import differences
from domain.core.errors import InvalidInput, InvalidState, NotAllowed
from domain.core.phones import as_e164

from .models import Caregiver, Contact, ContactRelative, RegisteredRelative
from .models.contacts import CHANGE, ERASE
from .models.relatives import Named
from .recording import note
from .rules import as_address, shown
from .standing import check_may_keep_up, check_present, check_text, locked, scope_of, validate

CAREGIVER_FIELDS = (
    "first_name",
    "last_name",
    "relation",
    "phone",
    "email",
    "address",
    "postcode",
    "city",
    "is_primary",
    "is_emergency_contact",
    "informed_on",
    "consent_on",
)
RELATIVE_FIELDS = ("first_name", "last_name", "birth_year", "phone", "email", "language", "needs")
LINK_FIELDS = ("relation", "has_custody", "may_be_contacted", "is_primary")
N = TypeVar("N", Caregiver, RegisteredRelative)


# --- Caregivers


@transaction.atomic
def add_caregiver(*, contact: Contact, by: Any, **values: Any) -> Caregiver:
    """Add a caregiver to a contact; `values` are of `CAREGIVER_FIELDS`.

    A new primary one takes the place of the former. Raises InvalidInput naming the field, InvalidState for a
    contact that was merged or erased, NotAllowed.
    """
    contact = _open_contact(contact, by)
    row = Caregiver(contact=contact, created_by=by, updated_by=by)
    _assign(row, values, CAREGIVER_FIELDS)
    _one_primary(row, by=by)
    row.save(force_insert=True)
    note(
        "caregiver.added",
        row,
        by=by,
        changes=_given(row, CAREGIVER_FIELDS),
        subject_ids=[contact.pk, row.pk],
    )
    return row


@transaction.atomic
def change_caregiver(
    row: Caregiver, *, changes: Mapping[str, Any], by: Any, version: int | None = None
) -> Caregiver:
    """Change some of `CAREGIVER_FIELDS`. Raises as `add_caregiver`, and StaleVersion."""
    row = _locked(row, version)
    _open_contact(row.contact, by)
    changed = _changed(row, changes, CAREGIVER_FIELDS)
    if changed:
        _one_primary(row, by=by)
        row.updated_by = by
        row.save()
        note("caregiver.changed", row, by=by, changes=changed, subject_ids=[row.contact_id, row.pk])
    return row


@transaction.atomic
def remove_caregiver(row: Caregiver, *, by: Any, version: int | None = None, reason: str = "") -> None:
    """Remove a caregiver; nothing is kept but that it was done. Raises NotAllowed, StaleVersion."""
    row = _locked(row, version)
    _open_contact(row.contact, by)
    note("caregiver.removed", row, by=by, reason=reason, subject_ids=[row.contact_id, row.pk])
    row.delete()


# --- Relatives whom contacts share


@transaction.atomic
def register_relative(*, by: Any, **values: Any) -> RegisteredRelative:
    """Register a relative, to be linked to contacts; `values` are of `RELATIVE_FIELDS`.

    Until they are linked for the first time, whoever registered them alone sees them. Raises InvalidInput
    naming the field, NotAllowed for somebody who keeps up no contacts.
    """
    _check_may_register(by)
    row = RegisteredRelative(created_by=by, updated_by=by)
    _assign(row, values, RELATIVE_FIELDS)
    row.save(force_insert=True)
    note(
        "relative.registered",
        row,
        by=by,
        changes=_given(row, RELATIVE_FIELDS),
        subject_ids=[row.pk],
    )
    return row


@transaction.atomic
def change_relative(
    row: RegisteredRelative, *, changes: Mapping[str, Any], by: Any, version: int | None = None
) -> RegisteredRelative:
    """Change some of `RELATIVE_FIELDS`, as who keeps up any of their contacts may.

    Raises InvalidInput naming the field, InvalidState for an erased one, NotAllowed, StaleVersion.
    """
    row = _locked(row, version)
    _check_may_keep_up_relative(row, by)
    changed = _changed(row, changes, RELATIVE_FIELDS)
    if changed:
        row.updated_by = by
        row.save()
        note("relative.changed", row, by=by, changes=changed, subject_ids=[row.pk])
    return row


@transaction.atomic
def link_relative(
    *, contact: Contact, relative: RegisteredRelative, by: Any, **values: Any
) -> ContactRelative:
    """Say that a relative belongs to a contact, and as what; `values` are of `LINK_FIELDS`.

    Raises InvalidState where they are linked already or the relative was erased, InvalidInput, also for a
    relative whom `by` doesn't see, NotAllowed.
    """
    contact = _open_contact(contact, by)
    relative = RegisteredRelative.objects.select_for_update().get(pk=relative.pk)
    _check_sees(relative, by)
    _check_not_erased(relative)
    if ContactRelative.objects.filter(contact=contact, relative=relative).exists():
        raise InvalidState(_("They are linked already."), code="linked-already")
    row = ContactRelative(contact=contact, relative=relative, created_by=by, updated_by=by)
    _assign(row, values, LINK_FIELDS)
    _one_primary(row, by=by)
    row.save(force_insert=True)
    if not relative.was_linked:
        relative.was_linked, relative.updated_by = True, by
        relative.save(update_fields=["was_linked", "updated_by"])
    _keep_relations(relative, by=by)
    note(
        "contact-relative.linked",
        row,
        by=by,
        changes=_given(row, LINK_FIELDS),
        subject_ids=[contact.pk, relative.pk],
    )
    return row


@transaction.atomic
def change_link(
    row: ContactRelative, *, changes: Mapping[str, Any], by: Any, version: int | None = None
) -> ContactRelative:
    """Change some of `LINK_FIELDS`. Raises InvalidInput, NotAllowed, StaleVersion."""
    row = _locked(row, version)
    _open_contact(row.contact, by)
    changed = _changed(row, changes, LINK_FIELDS)
    if changed:
        _one_primary(row, by=by)
        row.updated_by = by
        row.save()
        _keep_relations(row.relative, by=by)
        note(
            "contact-relative.changed",
            row,
            by=by,
            changes=changed,
            subject_ids=[row.contact_id, row.relative_id],
        )
    return row


@transaction.atomic
def unlink_relative(
    row: ContactRelative,
    *,
    by: Any,
    erase_relative: bool | None = None,
    version: int | None = None,
    reason: str = "",
) -> RegisteredRelative | None:
    """End a link; gives the relative where they are to be erased, which the caller asks for as a job.

    With the last link nobody needs to know of the relative: somebody has to say whether what is kept about
    them goes as well. Raises InvalidState ("last-link") until `erase_relative` says so, NotAllowed,
    StaleVersion.
    """
    row = _locked(row, version)
    _open_contact(row.contact, by)
    relative = RegisteredRelative.objects.select_for_update().get(pk=row.relative_id)
    is_last = not relative.links.exclude(pk=row.pk).exists()
    if is_last and erase_relative is None:
        raise InvalidState(
            _("This is the relative's last link: say whether what is kept about them is to be erased."),
            code="last-link",
        )
    if is_last and erase_relative:
        _check_may_erase(by)
    note(
        "contact-relative.unlinked",
        row,
        by=by,
        reason=reason,
        subject_ids=[row.contact_id, row.relative_id],
    )
    row.delete()
    _keep_relations(relative, by=by)
    return relative if is_last and erase_relative else None


# --- What they have in common


def _locked(row: Any, version: int | None) -> Any:
    row.check_schema()
    related = [name for name in ("contact", "relative") if any(f.name == name for f in row._meta.fields)]
    found = type(row).objects.select_for_update(of=("self",)).select_related(*related).get(pk=row.pk)
    check_version(found, version)
    return found


def _open_contact(contact: Contact, by: Any) -> Contact:
    row = locked(contact)
    check_may_keep_up(by, row)
    check_present(row)
    return row


def _check_may_register(by: Any) -> None:
    scope = scope_of(by)
    if scope is not None and not (scope.can("people.add_contact") or scope.can("people.change_contact")):
        raise NotAllowed(_("You are not allowed to do this."))


def _check_may_keep_up_relative(row: RegisteredRelative, by: Any) -> None:
    _check_not_erased(row)
    scope = scope_of(by)
    if scope is None:
        return
    links = row.links.order_by().values("contact")
    if not links.exists():
        if row.created_by_id == by.pk and not row.was_linked:
            return
    elif Contact.objects.changeable_by(scope).filter(pk__in=links).exists():
        return
    raise NotAllowed(_("You are not allowed to change this."))


def _check_sees(relative: RegisteredRelative, by: Any) -> None:
    """Linking somebody to a contact of one's own would show them to whoever doesn't see them."""
    scope = scope_of(by)
    seen = RegisteredRelative.objects if scope is None else RegisteredRelative.objects.visible_to(scope)
    if not seen.filter(pk=relative.pk).exists():
        raise InvalidInput(_("There is no such person."), code="does-not-exist", field="relative")


def _check_may_erase(by: Any) -> None:
    """Before a job is asked for that would refuse it when nobody is there to be told."""
    scope = scope_of(by)
    if scope is not None and not (scope.can(CHANGE) or scope.can(ERASE)):
        raise NotAllowed(_("You may not erase people."))


def _check_not_erased(row: RegisteredRelative) -> None:
    if row.erased_at is not None:
        raise InvalidState(_("What was kept about this person was erased."), code="erased-relative")


def _assign(row: Any, values: Mapping[str, Any], fields: tuple[str, ...]) -> None:
    unknown = sorted(set(values) - set(fields))
    if unknown:
        raise InvalidInput(_("This can't be set here."), code="not-editable", field=unknown[0])
    for name, value in values.items():
        setattr(row, name, " ".join(value.split()) if isinstance(value, str) else value)
    check_text(row)
    if isinstance(row, Named):
        row.phone = as_e164(row.phone)
        row.email = as_address(row.email)
        if not (row.first_name or row.last_name):
            raise InvalidInput(_("Write a first or a last name."), field="first_name")
    kept = tuple(field.name for field in row._meta.concrete_fields if field.name not in fields)
    validate(row, without=(*kept, "is_primary"))


def _changed(row: Any, changes: Mapping[str, Any], fields: tuple[str, ...]) -> dict[str, tuple[Any, Any]]:
    before = {name: shown(row, name) for name in changes if name in fields}
    _assign(row, changes, fields)
    return differences(before, {name: shown(row, name) for name in before})


def _given(row: Any, fields: tuple[str, ...]) -> dict[str, tuple[Any, Any]]:
    values = {name: shown(row, name) for name in fields}
    return {name: (None, value) for name, value in values.items() if value not in ("", None, False)}


def _one_primary(row: Any, *, by: Any) -> None:
    """A new primary one takes the place of the former; the contact is locked."""
    if row.is_primary:
        others = type(row).objects.filter(contact=row.contact_id, is_primary=True).exclude(pk=row.pk)
        others.update(is_primary=False, updated_by=by)


def _keep_relations(relative: RegisteredRelative, *, by: Any) -> None:
    types = sorted(set(relative.links.order_by().values_list("relation", flat=True)))
    if types != relative.relation_types:
        relative.relation_types, relative.updated_by = types, by
        relative.save(update_fields=["relation_types", "updated_by"])
