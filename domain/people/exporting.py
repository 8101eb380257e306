"""Handing out what is kept about a contact (GDPR, articles 15 and 20): a ZIP of JSON and a page to read.

`handing_out` keeps it, sealed and for a few days, for whoever asked.
"""

import io
import json
import zipfile
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from django.db import models, transaction
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from domain.encryption.fields import EncryptedField
from domain.encryption.reading import read_sealed_rows

from .choices import NoteVisibility
from .models import Caregiver, Contact, ContactMerge, ContactNote, ContactRelative, Note
from .models.contacts import EXPORT
from .recording import note
from .requesting import for_copy, note_handed_out
from .standing import check_may

# Called with the contact, gives (title, rows): what a later area keeps of them. Rows are of label and value.
export_parts: list[Callable[[Contact], tuple[str, list[dict[str, Any]]]]] = []
_OURS = {
    *("record_key", "name_key", "name_search", "change_xid", "version", "created_by", "updated_by"),
    *("reminder", "reminded_at"),
}


@transaction.atomic
@sensitive_variables()
def export_contact(contact: Contact, *, by: Any) -> bytes:
    """All that is kept about a contact, aliases included, as the bytes of a ZIP; that is recorded.

    Of private notes those that their authors released, and sealed those that two people did (`requesting`);
    the others are counted. Raises NotAllowed.
    """
    check_may(by, EXPORT, contact.local_association.path)
    registered = [contact, *contact.aliases.all()]
    parts = [part for each in registered for part in _parts(each, by)]
    sealed = [request for each in registered for request in for_copy(each, by=by)[1]]
    content = {"made_at": timezone.now().isoformat(timespec="seconds"), "parts": parts}
    note("contact.exported", contact, by=by, subject_ids=_named(registered))
    page = render_to_string("people/export.html", {"contact": contact, "parts": parts, "now": timezone.now()})
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("data.json", json.dumps(content, ensure_ascii=False, indent=2, default=str))
        packed.writestr("data.html", page)
        if sealed:
            envelopes = [json.loads(request.envelope) for request in sealed]
            packed.writestr(
                "sealed-notes.html", render_to_string("people/sealed.html", {"envelopes": envelopes})
            )
    return archive.getvalue()


def _named(people: Sequence[Contact]) -> list[UUID]:
    """Whom a copy tells of by name: the contact, and those close to them."""
    keys = [each.pk for each in people]
    relatives = ContactRelative.objects.filter(contact__in=keys).order_by().values_list("relative", flat=True)
    caregivers = Caregiver.objects.filter(contact__in=keys).order_by().values_list("pk", flat=True)
    return [*keys, *relatives.distinct(), *caregivers]


def _parts(contact: Contact, by: Any) -> list[dict[str, Any]]:
    notes = ContactNote.objects.filter(contact=contact, visibility=NoteVisibility.TEAM)
    private = ContactNote.objects.filter(contact=contact, visibility=NoteVisibility.PRIVATE)
    own = Note.objects.filter(contact=contact)
    released, sealed = for_copy(contact, by=by)
    note_handed_out([*released, *sealed], by=by)
    private_out = private.filter(pk__in=[each.contact_note_id for each in released])
    own_out = own.filter(pk__in=[each.own_note_id for each in released])
    kept = private.count() + own.count() - len(released) - len(sealed)
    numbers = {_("Kept back"): kept, _("Released, sealed"): len(sealed)}
    found = [
        _part(str(contact._meta.verbose_name), Contact.objects.filter(pk=contact.pk), "diagnosis"),
        _part(_("Status"), contact.status_changes.all()),
        _part(_("Assigned mentors"), contact.mentors.select_related("user")),
        _part(_("Caregivers"), contact.caregivers.all()),
        _part(_("Relatives"), contact.relatives.select_related("relative")),
        _part(_("Notes"), notes.select_related("author"), "body"),
        _part(_("Private notes, released by their authors"), private_out.select_related("author"), "body"),
        _part(_("Notes of one's own, released by their authors"), own_out.select_related("author"), "body"),
        {"title": _("Private notes"), "rows": [numbers] if kept or sealed else []},
        {"title": _("Merges"), "rows": _merges(contact)},
    ]
    for part in export_parts:
        title, rows = part(contact)
        found.append({"title": title, "rows": rows})
    return [part for part in found if part["rows"]]


def _merges(contact: Contact) -> list[dict[str, Any]]:
    """When another registration was merged in. Not what moved: notes of one's own are among it."""
    merges = ContactMerge.objects.filter(contact=contact)
    return [
        {
            str(capfirst(merge._meta.get_field("created_at").verbose_name)): str(merge.created_at),
            str(merge._meta.verbose_name): str(merge),
        }
        for merge in merges.select_related("contact", "merged")
    ]


def _part(title: str, rows: Any, *sealed: str) -> dict[str, Any]:
    rows = list(rows)
    opened: dict[Any, dict[str, Any]] = {}
    if rows and sealed:
        opened = read_sealed_rows(type(rows[0]), [row.pk for row in rows], sealed, by=None, scope=None)
    return {"title": capfirst(title), "rows": [_row(row, opened.get(row.pk, {})) for row in rows]}


def _row(row: models.Model, opened: dict[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for field in row._meta.concrete_fields:
        if field.name in _OURS:
            continue
        if isinstance(field, EncryptedField):
            value = opened.get(field.name)
        elif field.is_relation:
            related = getattr(row, field.name)
            value = str(related) if related is not None else None
        elif field.choices:
            value = getattr(row, f"get_{field.name}_display")()
        else:
            value = field.value_from_object(row)
        if value not in (None, "", [], {}):
            values[str(capfirst(field.verbose_name))] = _plain(value)
    return values


def _plain(value: Any) -> Any:
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    return value if isinstance(value, int | list | dict) else str(value)
