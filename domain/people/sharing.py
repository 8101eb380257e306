"""Sharing one contact with one more person until a day. Part of the area's rules.

What a share opens is in `domain.people.models.contacts.reached`, by which everything that leads to a contact
is found: lists, details, search, choosers and the API agree on it.
"""

from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from domain.access.sharing import give_share, locked_share
from domain.core.errors import InvalidInput

from .models import Contact, ContactShare
from .models.contacts import CHANGE, READ_HEALTH
from .models.shares import READ, SEE
from .recording import note
from .standing import check_may, check_present, locked


@transaction.atomic
def share_contact(
    contact: Contact,
    *,
    user: Any,
    until: date,
    reason: str,
    by: Any,
    with_health: bool = False,
    version: int | None = None,
) -> ContactShare:
    """Let one more member see a contact from today until a day; `with_health`: with diagnosis and notes.

    Sharing once more with the same person changes day, reason and how much. Raises NotAllowed unless `by` may
    change contacts there (for health: read it there), InvalidState for who was merged or erased, InvalidInput
    for oneself and as `give_share`, StaleVersion.
    """
    contact = locked(contact, version)
    path = contact.local_association.path
    check_may(by, CHANGE, path)
    check_present(contact)
    if with_health:
        check_may(by, READ_HEALTH, path)
    if by is not None and user.pk == by.pk:
        raise InvalidInput(_("You see this person already."), code="yourself", field="user")
    share, is_new, before = give_share(
        ContactShare,
        contact,
        codename=READ if with_health else SEE,
        user=user,
        until=until,
        reason=reason,
        by=by,
    )
    note(
        "contact-share.created" if is_new else "contact-share.changed",
        share,
        by=by,
        reason=share.reason,
        changes={"valid_to": (before, until), "with_health": (None, with_health)},
        subject_ids=[contact.pk, user.pk],
    )
    return share


@transaction.atomic
def end_contact_share(share: ContactShare, *, by: Any, version: int | None = None) -> None:
    """End it at once, as who may share the contact, or whom it was shared with.

    Raises NotAllowed, StaleVersion, or InvalidState where it is gone already.
    """
    row = locked_share(share, version=version)
    contact = Contact.objects.select_related("local_association").get(pk=row.content_object_id)
    if by is not None and by.pk != row.user_id:
        check_may(by, CHANGE, contact.local_association.path)
    _end(row, by=by)


def forget_shares(*, contact: Contact, by: Any) -> None:
    """A step of a contact's erasure: nobody sees more of who is nobody any more."""
    for row in ContactShare.objects.filter(content_object=contact):
        _end(row, by=by)


def _end(row: ContactShare, *, by: Any) -> None:
    note(
        "contact-share.ended",
        row,
        by=by,
        changes={"valid_to": (row.valid_to, timezone.localdate() - timedelta(days=1))},
        subject_ids=[row.content_object_id, row.user_id],
    )
    row.delete()
