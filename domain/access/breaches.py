"""Ending sessions wholesale, when a break-in is suspected. Part of the area's rules.

A session is looked up with every request, in every process, so what is ended here is refused from the next
request on. Passwords and passkeys stay: whoever is rightly here signs in again.
"""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django_tenants.utils import tenant_context

from domain.audit.rules import MOST_SUBJECTS, record
from domain.core.errors import InvalidInput, NotAllowed
from domain.core.scope import EVERYWHERE
from domain.identity.models import User, UserSession
from tenants.authority import require_staff
from tenants.db import connection
from tenants.events import announce
from tenants.models import Organization

from .queries import scope_for

ENDED = "organization.sessions-ended"


@transaction.atomic
def end_all_sessions(*, by: User | None, reason: str, keep: UserSession | None = None) -> int:
    """End every session of the organisation that is selected, of apps and the admin; returns how many.

    `keep` is the one it is asked from, which has just proved who it is. Raises NotAllowed, or InvalidInput
    without a reason.
    """
    if by is not None and not scope_for(by).can("identity.change_usersession", EVERYWHERE):
        raise NotAllowed(_("You may not end other people's sessions."))
    organization = Organization.objects.get(schema_name=connection.schema_name)
    return _end_all(organization, by=by, reason=_required(reason), keep=keep)


@transaction.atomic
def end_sessions_of(organization: Organization, *, by: Any, reason: str) -> int:
    """The same for any organisation, also a suspended one, by the platform's staff (None: a command).

    It is on the organisation's record and on the platform's. Raises PermissionDenied, or InvalidInput
    without a reason.
    """
    require_staff(by)
    reason = _required(reason)
    with tenant_context(organization):
        ended = _end_all(organization, by=by, reason=reason, keep=None)
    announce(ENDED, organization, by=by, changes={"sessions": (None, ended)}, reason=reason)
    return ended


def _end_all(organization: Organization, *, by: Any, reason: str, keep: UserSession | None) -> int:
    now = timezone.now()
    rows = UserSession.objects.filter(organization=organization, revoked_at__isnull=True, expires_at__gt=now)
    if keep is not None:
        rows = rows.exclude(pk=keep.pk)
    found = list(rows.values_list("pk", "user_id"))
    ended = UserSession.objects.filter(pk__in=[pk for pk, _user in found], revoked_at__isnull=True).update(
        revoked_at=now, revoked_reason="all-ended"
    )
    # One event, not one per session: it says whose they were. Where they are too many for one, several.
    people = sorted({user for _pk, user in found})
    for begin in range(0, max(1, len(people)), MOST_SUBJECTS):
        record(
            ENDED,
            organization,
            by=by,
            reason=reason,
            changes={"sessions": (None, ended)},
            subject_ids=people[begin : begin + MOST_SUBJECTS],
        )
    return ended


def _required(reason: str) -> str:
    reason = " ".join(reason.split())
    if not reason:
        raise InvalidInput(_("Say why: it is kept on the record."), code="required", field="reason")
    return reason[:500]
