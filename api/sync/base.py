"""What the calls of phones have in common: who may not keep anything any more is told to wipe."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from rest_framework.exceptions import AuthenticationFailed

from api.core.authentication import SessionTokenAuthentication
from api.core.errors import Problem
from api.core.views import MemberView
from domain.core.errors import NotAllowed
from domain.core.scope import Scope
from domain.identity.sessions import InvalidTokenError, signed_session
from domain.sync.devices import DeviceEnded, ended_with_session
from domain.sync.late import Leaver, leaver_of
from tenants.db import connection


class PhoneView(MemberView):
    """A call of a phone. One whose device was ended gets `wipe` with the refusal, also when its session has
    gone with it: a genuine token is enough to be told that."""

    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        # Support looks at things where they are; nothing of an organisation goes on its phones.
        if not self.scope.is_member and self.leaver is None:
            raise NotAllowed(_("You may not do this."))

    @property
    def leaver(self) -> Leaver | None:
        """Who calls, where they have left and only hand in what they did before (`LateAuthentication`)."""
        return getattr(self.request._request, "leaver", None)

    def handle_exception(self, exc: Exception) -> Any:
        if isinstance(exc, DeviceEnded):
            exc = wipe(exc, status_code=403)
        elif isinstance(exc, AuthenticationFailed):
            session = session_of_token(self.request)
            if ended_with_session(session):
                exc = wipe(DeviceEnded(), status_code=401)
            elif (leaver := leaver_of(session)) is not None:
                exc = left(leaver)
        return super().handle_exception(exc)


class LateAuthentication(SessionTokenAuthentication):
    """Lets in who has left as well, for three days, and as nobody: to hand in what waits on their phone."""

    def authenticate(self, request):
        try:
            return super().authenticate(request)
        except AuthenticationFailed:
            leaver = leaver_of(session_of_token(request))
            if leaver is None or leaver.is_late:
                raise
            inner = getattr(request, "_request", request)
            inner.leaver, inner.caller_scope = leaver, Scope(schema_name=connection.schema_name)
            return leaver.session.user, leaver.session


def session_of_token(request: Any) -> UUID | None:
    """The session that a request's token names, although it is over; None for a token that isn't genuine."""
    _scheme, _space, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    try:
        session, organization = signed_session(token.strip())
    except InvalidTokenError:
        return None
    return session if organization == request.tenant.pk else None


def left(leaver: Leaver) -> Problem:
    """What a phone is told whose person has left: to hand in what waits there, and then to wipe."""
    return Problem(
        "membership-ended",
        _("The membership has ended: remove what this device keeps of the organisation.")
        if leaver.is_late
        else _("The membership has ended: what waits on this device can still be sent."),
        status_code=401,
        members={"wipe": leaver.is_late, "send_until": leaver.until},
        headers={"WWW-Authenticate": "Bearer"},
    )


def wipe(error: DeviceEnded, *, status_code: int) -> Problem:
    headers = {"WWW-Authenticate": "Bearer"} if status_code == 401 else {}
    return Problem(
        error.code, str(error.message), status_code=status_code, members={"wipe": True}, headers=headers
    )
