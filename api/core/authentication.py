"""Bearer tokens."""

from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed

from domain.access.queries import session_and_scope
from domain.identity.sessions import InvalidTokenError, named_session, note_use
from domain.identity.support import SupportAccessRequired, is_refused_support

# What a person does about themselves, everywhere: support does it where it belongs, on the platform.
_ONES_OWN = "/api/v1/auth/"
# Leaving, and proving in this session that it is still they.
_OPEN_TO_SUPPORT = {
    "/api/v1/auth/logout/",
    "/api/v1/auth/step-up/",
    "/api/v1/auth/step-up/passkey/options/",
    "/api/v1/auth/step-up/passkey/verify/",
}


class SessionTokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer <access token>`; `request.auth` is the UserSession.

    A token of another organisation is refused like a forged one, also where nobody need be signed in: the
    app must learn that its session is over instead of quietly getting less.
    """

    def authenticate(self, request):
        parts = get_authorization_header(request).split()
        if not parts or parts[0].lower() != b"bearer":
            return None
        try:
            row = getattr(request, "companion_row", None)
            session, scope = session_and_scope(parts[1].decode("ascii"), row)
        except (InvalidTokenError, IndexError, UnicodeDecodeError):
            if len(parts) > 1 and _needs_grant(parts[1]):
                raise SupportAccessRequired from None
            raise AuthenticationFailed(
                _("The access token is not valid here or has expired: sign in again."), code="invalid-token"
            ) from None
        path = request.path_info
        if scope.support is not None and path.startswith(_ONES_OWN) and path not in _OPEN_TO_SUPPORT:
            raise SupportAccessRequired
        note_use(session)
        getattr(request, "_request", request).caller_scope = scope
        return session.user, session

    def authenticate_header(self, request):
        return "Bearer"


def _needs_grant(token: bytes) -> bool:
    """Whether it is a genuine token of the platform's support, whom the organisation doesn't let in now."""
    try:
        return is_refused_support(*named_session(token.decode("ascii")))
    except (InvalidTokenError, UnicodeDecodeError):
        return False
