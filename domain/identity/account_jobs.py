"""Shutting an account out, or letting it in, takes the owner's rights."""

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from domain.core.errors import DomainError
from tenants.jobs import JobContext, JobRefused, job

from .accounts import activate_account, deactivate_account
from .models import User

SET_ACTIVE = "account.set_active"


@job(SET_ACTIVE, title=gettext_lazy("Shut an account out, or let it in"), as_owner=True)
def set_active(context: JobContext, *, person: str, active: bool, by: str, reason: str) -> dict[str, int]:
    """For the platform's console. Whoever asked must still be staff."""
    asker = User.objects.filter(pk=UUID(by), is_active=True).first()
    if asker is None:
        raise JobRefused(_("Whoever asked for this has no account any more."))
    row = User.objects.get(pk=UUID(person))
    if row.is_active == active:
        return {}  # An attempt before got that far.
    try:
        if active:
            activate_account(row, by=asker, reason=reason)
            return {}
        return {"sessions": deactivate_account(row, by=asker, reason=reason)}
    except (DomainError, PermissionDenied) as refusal:
        raise JobRefused(str(refusal)) from refusal
