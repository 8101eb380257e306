"""Bearer tokens."""

from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed

from domain.identity.sessions import InvalidTokenError, session_for


class SessionTokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer <access token>`; `request.auth` is the UserSession."""

    def authenticate(self, request):
        parts = get_authorization_header(request).split()
        if not parts or parts[0].lower() != b"bearer":
            return None
        try:
            session = session_for(parts[1].decode("ascii"))
        except (InvalidTokenError, IndexError, UnicodeDecodeError):
            raise AuthenticationFailed(
                _("The access token is not valid here or has expired: sign in again."), code="invalid-token"
            ) from None
        return session.user, session

    def authenticate_header(self, request):
        return "Bearer"
