"""Shutting an account out of the whole platform, and letting it in again. Staff of the platform alone.

An organisation suspends a membership; this is for an account in wrong hands, wherever it belongs. Needs the
owner's rights (a job `as_owner`, or a command): the platform sees no people of organisations.
"""

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django_tenants.utils import schema_context

from domain.audit.rules import record
from domain.core.errors import InvalidInput, InvalidState
from tenants.authority import require_staff

from .ending import end_everywhere
from .models import User


@transaction.atomic
def deactivate_account(person: User, *, by: User | None, reason: str) -> int:
    """Refuse the person everywhere, and end all their sessions; returns how many. Memberships stay.

    On the platform's record, and each organisation has the end of its sessions on its own. Raises
    PermissionDenied, InvalidState for oneself or where it is so already, InvalidInput without a reason.
    """
    row = _set(person, active=False, action="person.deactivated", by=by, reason=reason)
    return end_everywhere(row, by=by, reason=reason.strip()[:500])


@transaction.atomic
def activate_account(person: User, *, by: User | None, reason: str) -> None:
    """Let them in again, with what they had. Raises as `deactivate_account`."""
    _set(person, active=True, action="person.activated", by=by, reason=reason)


def _set(person: User, *, active: bool, action: str, by: User | None, reason: str) -> User:
    require_staff(by)
    reason = " ".join(reason.split())[:500]
    if not reason:
        raise InvalidInput(_("Say why: it is kept on the record."), code="required", field="reason")
    if by is not None and by.pk == person.pk:
        raise InvalidState(_("You can't do this to your own account."), code="yourself")
    row = User.objects.select_for_update().get(pk=person.pk)
    if row.is_active == active:
        raise InvalidState(_("That is the account's state already."))
    if active and not (row.email or row.first_name or row.last_name):
        raise InvalidState(_("This account was erased: it can't be brought back."))
    row.is_active = active
    row.save(update_fields=["is_active"])
    person.is_active = active
    with schema_context(settings.PLATFORM_SCHEMA):
        record(
            action,
            row,
            by=by,
            reason=reason,
            changes={"is_active": (not active, active)},
            subject_ids=[row.pk],
        )
    return row
