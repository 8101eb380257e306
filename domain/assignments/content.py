"""What an assignment tells: its parts, checked; and what of it a contact's own rows say already."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from domain.audit.reading import Seen, note_seen
from domain.core.errors import InvalidInput, NotAllowed
from domain.core.scope import Scope
from domain.encryption.reading import read_sealed_rows
from domain.people.models import Contact

from .choices import PARTS


@sensitive_variables()
def checked(content: Any) -> dict[str, str]:
    """All parts as texts. Raises InvalidInput, which names the part and never quotes it."""
    if not isinstance(content, Mapping):
        raise InvalidInput(_("This must be an object."), field="content")
    unknown = sorted(str(name) for name in content if name not in PARTS)
    if unknown:
        raise InvalidInput(_("The content has a part that isn't known."), code="unknown", field="content")
    found: dict[str, str] = {}
    for name, longest in PARTS.items():
        value = content.get(name) or ""
        if not isinstance(value, str) or "\x00" in value:
            raise InvalidInput(_("This must be a text."), field=f"content/{name}")
        if len(value) > longest:
            raise InvalidInput(
                _("Keep it within %(limit)d characters.") % {"limit": longest},
                code="max-length",
                field=f"content/{name}",
            )
        found[name] = value.strip()
    if not any(found.values()):
        raise InvalidInput(_("Write what it is about."), code="required", field="content")
    return found


@transaction.atomic
@sensitive_variables()
def from_contact(contact: Contact, *, by: Any, scope: Scope) -> dict[str, str]:
    """What stands on a contact's page, as the parts of an assignment; that it was read is on the record.

    The diagnosis for who may open it. Raises NotAllowed for a contact whom the caller doesn't see.
    """
    row = Contact.objects.visible_to(scope).present().filter(pk=contact.pk).first()
    if row is None:
        raise NotAllowed(_("You may not see this person."))
    note_seen(Contact, [Seen.of(row)], by=by, verb="read")
    opened = read_sealed_rows(Contact, [row.pk], ["diagnosis"], by=by, scope=scope)
    town = f"{row.postcode} {row.city}".strip()
    return {
        "name": str(row),
        "address": ", ".join(part for part in (row.address, town) if part),
        "phone": row.phone,
        "medical_summary": opened.get(row.pk, {}).get("diagnosis") or "",
        "message": "",
    }
