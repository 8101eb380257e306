"""Bearer tokens."""

from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed

from domain.access.queries import session_and_scope
from domain.identity.sessions import InvalidTokenError, note_use


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
            session, scope = session_and_scope(parts[1].decode("ascii"))
        except (InvalidTokenError, IndexError, UnicodeDecodeError):
            raise AuthenticationFailed(
                _("The access token is not valid here or has expired: sign in again."), code="invalid-token"
            ) from None
        note_use(session)
        getattr(request, "_request", request).caller_scope = scope
        return session.user, session

    def authenticate_header(self, request):
        return "Bearer"
