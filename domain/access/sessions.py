"""Ending a session of the organisation that is selected: one's own, or anybody's. Part of the rules."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from domain.audit.rules import record
from domain.core.errors import InvalidState, NotAllowed
from domain.core.scope import EVERYWHERE
from domain.identity.models import User, UserSession
from domain.identity.sessions import end_session

from .queries import scope_for


@transaction.atomic
def end_session_here(
    session: UserSession, *, by: User | None, reason: str = "", version: int | None = None
) -> UserSession:
    """End a session; its tokens are refused from the next request on.

    `version` is what every action gets; sessions have none. Raises NotAllowed, or InvalidState where it has
    ended already.
    """
    row = UserSession.objects.here().select_for_update(of=("self",)).get(pk=session.pk)
    own = by is not None and by.pk == row.user_id
    if by is not None and not own and not scope_for(by).can("identity.change_usersession", EVERYWHERE):
        raise NotAllowed(_("You may not end other people's sessions."))
    if row.revoked_at is not None or row.expires_at <= timezone.now():
        raise InvalidState(_("This session has ended already."), code="ended")
    why = "ended-by-owner" if own else "ended-by-organization"
    end_session(row, reason=why)
    record(
        "session.ended",
        row,
        by=by,
        reason=reason[:500] or (why if own else ""),
        session_id=row.pk,
        subject_ids=[row.user_id],
    )
    return row
