"""Erasing a person takes the owner's rights, which web processes don't have."""

from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from domain.audit.models import AuditEvent
from domain.core.errors import DomainError
from domain.identity.models import Membership, User
from tenants.jobs import JobContext, JobRefused, job

from .erasing import erase_member

ERASE = "people.erase"


@job(ERASE, title=gettext_lazy("Erase a person"), as_owner=True)
def erase(context: JobContext, *, person: str, by: str, request: str = "", reason: str = "") -> None:
    """Erase a person from the organisation the run belongs to; whoever asked must still be allowed to.

    `request` is the event in which they said why (`erasing.note_request`).
    """
    asker = User.objects.filter(pk=UUID(by), is_active=True).first()
    if asker is None:
        raise JobRefused(_("Whoever asked for this has no account any more."))
    membership = (
        Membership.objects.here().select_related("user", "organization").filter(user=UUID(person)).first()
    )
    if membership is None:
        return  # An attempt before got that far.
    asked = AuditEvent.objects.filter(pk=UUID(request)).first() if request else None
    reason = asked.reason if asked is not None else reason
    try:
        erase_member(membership, by=asker, reason=reason)
    except DomainError as refusal:
        raise JobRefused(str(refusal.message)) from refusal
