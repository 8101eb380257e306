"""What the calls of phones have in common: who may not keep anything any more is told to wipe."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from rest_framework.exceptions import AuthenticationFailed

from api.core.errors import Problem
from api.core.views import MemberView
from domain.core.errors import NotAllowed
from domain.identity.sessions import InvalidTokenError, signed_session
from domain.sync.devices import DeviceEnded, ended_with_session


class PhoneView(MemberView):
    """A call of a phone. One whose device was ended gets `wipe` with the refusal, also when its session has
    gone with it: a genuine token is enough to be told that."""

    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        # Support looks at things where they are; nothing of an organisation goes on its phones.
        if not self.scope.is_member:
            raise NotAllowed(_("You may not do this."))

    def handle_exception(self, exc: Exception) -> Any:
        if isinstance(exc, DeviceEnded):
            exc = wipe(exc, status_code=403)
        elif isinstance(exc, AuthenticationFailed) and ended_with_session(self._session_of_token()):
            exc = wipe(DeviceEnded(), status_code=401)
        return super().handle_exception(exc)

    def _session_of_token(self) -> UUID | None:
        """The session that the token names, although it is over; None for a token that isn't genuine."""
        _scheme, _space, token = self.request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        try:
            session, organization = signed_session(token.strip())
        except InvalidTokenError:
            return None
        return session if organization == self.organization.pk else None


def wipe(error: DeviceEnded, *, status_code: int) -> Problem:
    headers = {"WWW-Authenticate": "Bearer"} if status_code == 401 else {}
    return Problem(
        error.code, str(error.message), status_code=status_code, members={"wipe": True}, headers=headers
    )
