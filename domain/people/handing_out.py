"""Copies of all that is kept about a contact: made by a job, sealed, for whoever asked, for a few days.

Part of the area's rules. `exporting` makes the copy itself.
"""

import base64
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from domain.access.queries import scope_for
from domain.core.errors import InvalidState, NotAllowed
from domain.encryption.reading import read_sealed
from domain.encryption.rules import shred

from .exporting import export_contact
from .models import Contact, ContactHandOut
from .models.contacts import EXPORT
from .recording import note
from .requesting import ask_authors, ask_to_tell
from .standing import check_may, locked

# After so long the copy is destroyed, whether it was fetched or not.
KEPT_FOR = timedelta(days=3)


def kept(contact: Contact, *, by: Any) -> Contact:
    """The contact, locked, for who may hand out what is kept: an erasure came first, or waits and finds the
    copy. Locked before any copy is, as the erasure does.

    Raises NotAllowed, or InvalidState for who was erased.
    """
    row = (
        Contact.objects.select_for_update(of=("self",)).select_related("local_association").get(pk=contact.pk)
    )
    check_may(by, EXPORT, row.local_association.path)
    if row.erased_at is not None:
        raise InvalidState(_("What was kept about this person was erased."), code="erased-contact")
    return row


@transaction.atomic
def ask_for_copy(contact: Contact, *, by: Any) -> ContactHandOut:
    """Note that somebody asks for all that is kept; the job makes it (`handing_out_jobs`).

    The authors of private notes are asked for those (`requesting`). Raises NotAllowed, or InvalidState for
    who was erased.
    """
    contact = locked(contact)
    contact = kept(contact, by=by)
    row = ContactHandOut(contact=contact, asked_by=by, created_by=by, updated_by=by)
    row.save(force_insert=True)
    note("contact-hand-out.asked", row, by=by, subject_ids=[contact.pk])
    asked = ask_authors(contact, by=by)
    for about, author in {(each.contact_id, each.author_id): None for each in asked}:
        ask_to_tell(about, author)
    return row


@transaction.atomic
@sensitive_variables()
def make_copy(row: ContactHandOut, *, by: Any) -> ContactHandOut:
    """Make the copy and seal it, once; whoever asked must still be allowed to.

    Raises NotAllowed, or InvalidState where the person, or this copy, is gone meanwhile.
    """
    contact = kept(row.contact, by=by)
    row = ContactHandOut.objects.select_for_update(of=("self",)).get(pk=row.pk)
    if row.made_at is not None:
        return row
    if row.destroyed_at is not None:
        raise InvalidState(_("This copy is destroyed: ask for a new one."), code="gone")
    content = export_contact(contact, by=by)
    row.archive = base64.b64encode(content).decode()
    row.size, row.made_at = len(content), timezone.now()
    row.expires_at = row.made_at + KEPT_FOR
    row.save()
    return row


@transaction.atomic
@sensitive_variables()
def fetch_copy(row: ContactHandOut, *, by: Any) -> bytes:
    """The bytes of the ZIP, for whoever asked for it; each time is on the record.

    Raises NotAllowed, or InvalidState where it isn't made yet, or is destroyed.
    """
    row = ContactHandOut.objects.select_for_update(of=("self",)).get(pk=row.pk)
    if by is None or row.asked_by_id != by.pk:
        raise NotAllowed(_("Only who asked for this copy may fetch it."))
    if row.destroyed_at is not None or (row.expires_at is not None and row.expires_at <= timezone.now()):
        raise InvalidState(_("This copy is destroyed: ask for a new one."), code="gone")
    if row.made_at is None:
        raise InvalidState(_("This copy isn't made yet."), code="not-made")
    content = base64.b64decode(read_sealed(row, "archive", by=by, scope=scope_for(by), verb="fetched"))
    if row.fetched_at is None:
        row.fetched_at, row.updated_by = timezone.now(), by
        row.save(update_fields=["fetched_at", "updated_by"])
    return content


def destroy_copies(now: datetime) -> int:
    """Destroy what has expired, with its keys; returns how many."""
    expired = ContactHandOut.objects.filter(expires_at__lte=now, destroyed_at__isnull=True)
    return sum(_destroy(row, by=None, reason="Expired") for row in expired)


def waiting_copy(contact: Contact, *, by: Any) -> ContactHandOut | None:
    """The copy that somebody has asked for and that isn't made yet, the latest."""
    rows = ContactHandOut.objects.filter(contact=contact, asked_by=by, made_at=None, destroyed_at=None)
    return rows.order_by("-created_at").first()


def forget_copies(*, contact: Contact, by: Any) -> None:
    """A step of a contact's erasure: no copy of what is erased may stay."""
    for row in ContactHandOut.objects.filter(contact=contact, destroyed_at__isnull=True):
        _destroy(row, by=by, reason="The contact is erased")


@transaction.atomic
def _destroy(row: ContactHandOut, *, by: Any, reason: str) -> bool:
    row = ContactHandOut.objects.select_for_update(of=("self",)).get(pk=row.pk)
    if row.destroyed_at is not None:
        return False
    shred(row, by=by, reason=reason)
    row.archive, row.destroyed_at, row.updated_by = None, timezone.now(), by
    row.save()
    note("contact-hand-out.destroyed", row, by=by, subject_ids=[row.contact_id])
    return True
