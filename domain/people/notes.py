"""Writing about contacts: the notes of who follows them up, and one's own. Part of the area's rules."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from domain.access.rules import check_version
from domain.audit.entities import HIDDEN
from domain.core.errors import InvalidInput, InvalidState, NotAllowed
from domain.core.reminding import Delivery

from .choices import NoteVisibility
from .models import Contact, ContactNote, Note
from .recording import note
from .requesting import check_not_asked_for
from .standing import check_present, check_text, locked, may_keep_up, may_read_health, scope_of, validate

NOTE_FIELDS = ("kind", "visibility", "body", "follow_up_on")
# What the record doesn't say of a private one: neither what it is, nor when its author comes back to it.
PRIVATE = ("kind", "follow_up_on")
OWN_FIELDS = ("contact", "title", "body", "is_pinned")


@transaction.atomic
@sensitive_variables()
def add_note(*, contact: Contact, author: Any, by: Any, **values: Any) -> ContactNote:
    """Write a note about a contact; `values` are of `NOTE_FIELDS`. A follow-up day makes it a task.

    Raises InvalidInput naming the field, InvalidState for a contact that was merged or erased, NotAllowed for
    who may not read what the team writes there, or only reads.
    """
    contact = locked(contact)
    check_present(contact)
    scope = scope_of(by)
    if scope is not None and not (may_read_health(scope, contact) and may_keep_up(scope, contact)):
        raise NotAllowed(_("You are not allowed to write about this person."))
    row = ContactNote(contact=contact, author=author, created_by=by, updated_by=by)
    _assign(row, values, NOTE_FIELDS, needed=("body",))
    row.save(force_insert=True)
    note(
        "contact-note.added",
        row,
        by=by,
        changes=_given(row, ("kind", "visibility", "follow_up_on")),
        subject_ids=[contact.pk],
    )
    return row


@transaction.atomic
@sensitive_variables()
def change_note(
    row: ContactNote, *, changes: Mapping[str, Any], by: Any, version: int | None = None
) -> ContactNote:
    """Change some of `NOTE_FIELDS`, as its author alone may.

    Raises InvalidInput, NotAllowed, StaleVersion.
    """
    row = _locked(row, version)
    _check_author(row, by)
    if {"body", "visibility"} & changes.keys():
        check_not_asked_for(row)
    before = {name: getattr(row, name) for name in changes if name in NOTE_FIELDS}
    _assign(row, changes, NOTE_FIELDS, needed=("body",) if "body" in changes else ())
    changed = _differences(row, before)
    if changed:
        if "follow_up_on" in changed:
            row.followed_up_at, row.reminded_at, row.reminder = None, None, Delivery.NONE
        row.updated_by = by
        row.save()
        note("contact-note.changed", row, by=by, changes=changed, subject_ids=[row.contact_id])
    return row


@transaction.atomic
def delete_note(row: ContactNote, *, by: Any, version: int | None = None) -> None:
    """Delete a note with its key, as its author alone may. Raises NotAllowed, StaleVersion."""
    row = _locked(row, version)
    _check_author(row, by)
    check_not_asked_for(row)
    note("contact-note.deleted", row, by=by, subject_ids=[row.contact_id])
    row.delete()


@transaction.atomic
def note_follow_up(row: ContactNote, *, by: Any, version: int | None = None) -> ContactNote:
    """Say that a note was followed up, as whoever reads it may. Raises InvalidState, StaleVersion."""
    row = _locked(row, version)
    if not row.is_open:
        raise InvalidState(_("There is nothing left to follow up."), code="nothing-open")
    scope = scope_of(by)
    if scope is not None and not ContactNote.objects.visible_to(scope).filter(pk=row.pk).exists():
        raise NotAllowed(_("You are not allowed to do this."))
    row.followed_up_at, row.updated_by = timezone.now(), by
    row.save()
    note(
        "contact-note.followed-up",
        row,
        by=by,
        changes={"follow_up_on": (HIDDEN,) * 2 if _is_private(row, {}) else (row.follow_up_on,) * 2},
        subject_ids=[row.contact_id],
    )
    return row


@transaction.atomic
@sensitive_variables()
def write_own_note(*, by: Any, **values: Any) -> Note:
    """Write a note of one's own; `values` are of `OWN_FIELDS`. A contact must be one that the writer sees.

    Raises InvalidInput naming the field, NotAllowed for support, which is no member.
    """
    scope = scope_of(by)
    if scope is None or not scope.is_member:
        raise NotAllowed(_("You are not allowed to do this."))
    row = Note(author=by, created_by=by, updated_by=by)
    _check_sees(values.get("contact"), by)
    _assign(row, values, OWN_FIELDS, needed=("title", "body"))
    row.save(force_insert=True)
    note("note.created", row, by=by, subject_ids=[by.pk])
    return row


@transaction.atomic
@sensitive_variables()
def change_own_note(row: Note, *, changes: Mapping[str, Any], by: Any, version: int | None = None) -> Note:
    """Change some of `OWN_FIELDS`, as its author alone may. Raises InvalidInput, NotAllowed, StaleVersion."""
    row = _locked(row, version)
    _check_author(row, by)
    if {"body", "title", "contact"} & changes.keys():
        check_not_asked_for(row)
    _check_sees(changes.get("contact"), by)
    before = {name: getattr(row, name) for name in changes if name in OWN_FIELDS}
    if "contact" in changes:
        row.kept_at = None
    _assign(row, changes, OWN_FIELDS, needed=tuple({"title", "body"} & changes.keys()))
    changed = _differences(row, before)
    if changed:
        row.updated_by = by
        row.save()
        hidden = dict.fromkeys(changed, (HIDDEN, HIDDEN))
        note("note.changed", row, by=by, changes=hidden, subject_ids=[by.pk])
    return row


@transaction.atomic
def delete_own_note(row: Note, *, by: Any, version: int | None = None) -> None:
    """Delete a note of one's own with its key. Raises NotAllowed, StaleVersion."""
    row = _locked(row, version)
    _check_author(row, by)
    check_not_asked_for(row)
    note("note.deleted", row, by=by, subject_ids=[by.pk])
    row.delete()


def drop_private_notes(person: Any) -> None:
    """A step of the erasure of a member: what they alone could read goes unread, with its keys."""
    for row in ContactNote.objects.filter(author=person, visibility=NoteVisibility.PRIVATE):
        row.delete()
    for own in Note.objects.filter(author=person):
        own.delete()


# --- What they have in common


def _locked(row: Any, version: int | None) -> Any:
    row.check_schema()
    found = type(row).objects.select_for_update(of=("self",)).select_related("contact").get(pk=row.pk)
    check_version(found, version)
    return found


def _check_author(row: Any, by: Any) -> None:
    if by is None or row.author_id != by.pk:
        raise NotAllowed(_("Only who wrote this may change it."))


def _check_sees(contact: Contact | None, by: Any) -> None:
    scope = scope_of(by)
    if contact is None or scope is None:
        return
    if not Contact.objects.visible_to(scope).filter(pk=contact.pk).exists():
        raise InvalidInput(_("There is no such person."), code="does-not-exist", field="contact")


@sensitive_variables()
def _assign(row: Any, values: Mapping[str, Any], fields: tuple[str, ...], *, needed: tuple[str, ...]) -> None:
    unknown = sorted(set(values) - set(fields))
    if unknown:
        raise InvalidInput(_("This can't be set here."), code="not-editable", field=unknown[0])
    for name in needed:
        given = values.get(name)
        if not isinstance(given, str) or not given.strip():
            raise InvalidInput(_("Write something."), code="required", field=name)
    for name, value in values.items():
        setattr(row, name, value.strip() if isinstance(value, str) else value)
    check_text(row)
    kept = tuple(field.name for field in row._meta.concrete_fields if field.name not in fields)
    validate(row, without=(*kept, "contact"))


def _differences(row: Any, before: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """What changed, as it may be read on the record: of sealed content only that it did."""
    sealed = {field.name for field in row.encrypted_fields()}
    found = {}
    private = _is_private(row, before)
    for name, old in before.items():
        new = getattr(row, name)
        if name in sealed or (private and name in PRIVATE and old != new):
            found[name] = (HIDDEN, HIDDEN)
        elif old != new:
            found[name] = (old, new)
    return found


def _given(row: Any, names: tuple[str, ...]) -> dict[str, tuple[Any, Any]]:
    values = {name: getattr(row, name) for name in names if getattr(row, name) not in (None, "")}
    if _is_private(row, values):
        values.update((name, HIDDEN) for name in PRIVATE if name in values)
    return {name: (None, value) for name, value in values.items()}


def _is_private(row: Any, before: Mapping[str, Any]) -> bool:
    """Whether a note is, or was, its author's alone: then the record says of it only that it was written."""
    return NoteVisibility.PRIVATE in (getattr(row, "visibility", ""), before.get("visibility"))
