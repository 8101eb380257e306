"""Listing a person's sessions, naming them and ending them: one, the others, all."""

from collections import defaultdict
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django_tenants.utils import tenant_context

from domain.audit.rules import record
from domain.core.errors import InvalidInput, NotAllowed
from tenants.models import Organization

from .elsewhere import sessions_of
from .models import User, UserSession
from .sessions import end_session

# Of a device's name.
LONGEST_NAME = 100


def own_sessions(user: User) -> list[UserSession]:
    """A person's sessions that are open, in all their organisations, the latest used first."""
    return sessions_of(user)


def own_session(user: User, session_id: UUID) -> UserSession | None:
    """The open session of this id, whichever organisation's, if it is the person's."""
    return next((one for one in own_sessions(user) if one.pk == session_id), None)


def name_own_session(session: UserSession, *, name: str, by: User) -> UserSession:
    """Give one of one's devices another name. Raises NotAllowed, or InvalidInput for a name that won't do."""
    if session.user_id != by.pk:
        raise NotAllowed(_("You may not name other people's devices."))
    clean = " ".join(name.split())
    if not clean or len(clean) > LONGEST_NAME or not clean.isprintable():
        raise InvalidInput(
            _("Use at most %(number)s ordinary characters.") % {"number": LONGEST_NAME},
            code="device-name",
            field="device_name",
        )
    with transaction.atomic(), tenant_context(session.organization):
        row = UserSession.objects.select_for_update(of=("self",)).get(pk=session.pk)
        if row.device_name != clean:
            changes = {"device_name": (row.device_name, clean)}
            row.device_name = clean
            row.save(update_fields=["device_name"])
            record("session.changed", row, by=by, changes=changes, subject_ids=[row.user_id])
    session.device_name = clean
    return session


def end_own_session(user: User, session_id: UUID) -> bool:
    """End one of one's sessions, whichever organisation's; False where there is none of that id."""
    session = own_session(user, session_id)
    if session is None:
        return False
    _end([session], by=user, reason="ended-by-owner")
    return True


def end_other_sessions(user: User, *, keep: UserSession | None, reason: str, by: User | None) -> int:
    """End all of a person's sessions but one, in all their organisations; returns how many."""
    sessions = [one for one in own_sessions(user) if keep is None or one.pk != keep.pk]
    return _end(sessions, by=by, reason=reason)


def end_everywhere(user: User, *, by: User | None, reason: str) -> int:
    """End all of a person's sessions in all organisations, wherever they belong; returns how many.

    Needs the owner's rights (a command, or a job `as_owner`): an organisation's role sees its own alone.
    """
    rows = UserSession.objects.filter(user=user, revoked_at__isnull=True).select_related("organization")
    return _end(list(rows), by=by, reason="ended-by-platform", words=reason)


def _end(sessions: list[UserSession], *, by: User | None, reason: str, words: str = "") -> int:
    """Each organisation has the end of its own sessions on its record, with the reason in words if any."""
    by_organization: dict[Organization, list[UserSession]] = defaultdict(list)
    for session in sessions:
        by_organization[session.organization].append(session)
    ended = 0
    with transaction.atomic():
        for organization, found in by_organization.items():
            with tenant_context(organization):
                for session in found:
                    if end_session(session, reason=reason):
                        ended += 1
                        record(
                            "session.ended",
                            session,
                            by=by,
                            reason=words or reason,
                            subject_ids=[session.user_id],
                        )
    return ended
