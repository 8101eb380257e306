"""Erasing somebody takes the owner's rights, which web processes don't have.

Why is in the words of whoever asks: on the organisation's record. The job, whose arguments are no
organisation's, is told the event.
"""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from domain.audit.models import AuditEvent
from domain.audit.rules import write
from domain.core.errors import DomainError
from domain.identity.models import User
from tenants.db import connection
from tenants.jobs import JobContext, JobRefused, enqueue, job
from tenants.models import Organization

from .erasing import erase_contact, erase_relative, relative_erasers
from .models import Contact, RegisteredRelative

ERASE_CONTACT = "contacts.erase"
ERASE_RELATIVE = "relatives.erase"


@job(ERASE_CONTACT, title=gettext_lazy("Erase a contact"), as_owner=True)
def erase(
    context: JobContext,
    *,
    contact: str,
    by: str,
    request: str = "",
    reason: str = "",
    with_relatives: bool = False,
) -> None:
    """Erase a contact of the organisation the run belongs to; whoever asked must still be allowed to."""
    row = Contact.objects.filter(pk=UUID(contact)).first()
    if row is None or row.erased_at is not None:
        return  # An attempt before got that far.
    try:
        erase_contact(row, by=_asker(by), reason=reason or said(request), with_relatives=with_relatives)
    except DomainError as refusal:
        raise JobRefused(str(refusal.message)) from refusal


@job(ERASE_RELATIVE, title=gettext_lazy("Erase a relative"), as_owner=True)
def erase_one_relative(
    context: JobContext, *, relative: str, by: str, request: str = "", reason: str = ""
) -> None:
    """Erase a relative of the organisation the run belongs to; whoever asked must still be allowed to."""
    row = RegisteredRelative.objects.filter(pk=UUID(relative)).first()
    if row is None or row.erased_at is not None:
        return
    try:
        erase_relative(row, by=_asker(by), reason=reason or said(request))
    except DomainError as refusal:
        raise JobRefused(str(refusal.message)) from refusal


def ask_for_contact(contact: Contact, *, by: User, reason: str, with_relatives: bool = False) -> Any:
    """Ask for a contact to be erased; gives the run."""
    return enqueue(
        ERASE_CONTACT,
        _here(),
        key=str(contact.pk),
        contact=str(contact.pk),
        by=str(by.pk),
        request=_asked("contact", contact, by=by, reason=reason),
        with_relatives=with_relatives,
    )


def ask_for_relative(relative: RegisteredRelative, *, by: User, reason: str) -> None:
    """Ask for a relative to be erased."""
    enqueue(
        ERASE_RELATIVE,
        _here(),
        key=str(relative.pk),
        relative=str(relative.pk),
        by=str(by.pk),
        request=_asked("relative", relative, by=by, reason=reason or _("Their last link was ended.")),
    )


relative_erasers.append(ask_for_relative)


def said(request: str) -> str:
    """The reason of the event in which somebody asked for an erasure."""
    event = AuditEvent.objects.filter(pk=UUID(request)).first()
    return "" if event is None else event.reason


def _asked(noun: str, row: Contact | RegisteredRelative, *, by: User, reason: str) -> str:
    """The id of the event that somebody asks for this, and why."""
    action = f"{noun}.erasure-requested"
    kind, key = row._meta.label_lower, str(row.pk)
    return str(write(action, kind, key, key, by=by, reason=reason, subject_ids=[row.pk]).pk)


def _here() -> Organization:
    return Organization.objects.get(schema_name=connection.schema_name)


def _asker(by: str) -> User:
    asker = User.objects.filter(pk=UUID(by), is_active=True).first()
    if asker is None:
        raise JobRefused(_("Whoever asked for this has no account any more."))
    return asker
