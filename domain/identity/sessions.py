"""Sessions of the apps and their tokens.

An access token is signed, short-lived, and names a session and an organisation; the session is looked up on
every request, so that ending it bites at once. A refresh token is random; only its SHA-256 is kept.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from tenants.db import connection
from tenants.models import Organization

from .choices import MembershipStatus
from .models import Membership, RefreshToken, User, UserSession

_SALT = "meander.access-token"


@dataclass(frozen=True)
class Tokens:
    """A session's pair of tokens; `expires_in` is the access token's life in seconds."""

    access_token: str
    refresh_token: str
    expires_in: int
    session: UserSession


class InvalidTokenError(Exception):
    """The token is malformed, expired, of another organisation, or its session has ended."""


@transaction.atomic
def open_session(
    user: User,
    organization: Organization,
    *,
    device_name: str = "",
    platform: str = "",
    app_version: str = "",
) -> Tokens:
    """Start a session on a device. The caller has verified who it is and that they are a member."""
    now = timezone.now()
    expires = now + timedelta(days=settings.REFRESH_TOKEN_DAYS)
    session = UserSession.objects.create(
        user=user,
        organization=organization,
        device_name=device_name,
        platform=platform,
        app_version=app_version,
        expires_at=expires,
    )
    refresh = secrets.token_urlsafe(32)
    RefreshToken.objects.create(
        session=session, digest=hashlib.sha256(refresh.encode()).digest(), expires_at=expires
    )
    return Tokens(access_token(session), refresh, settings.ACCESS_TOKEN_SECONDS, session)


def access_token(session: UserSession) -> str:
    expires = int(timezone.now().timestamp()) + settings.ACCESS_TOKEN_SECONDS
    return signing.dumps([session.pk.hex, session.organization_id.hex, expires], salt=_SALT)


def live_session(token: str) -> QuerySet[UserSession]:
    """The live session of an access token, with its user, as a query that finds it or nothing.

    Live: of the organisation that is selected, neither over nor revoked, its user active and still a member.
    Raises InvalidTokenError for a token that is malformed or has expired.
    """
    try:
        session_hex, organization_hex, expires = signing.loads(token, salt=_SALT)
        session_id, organization_id = UUID(str(session_hex)), UUID(str(organization_hex))
        expires = float(expires)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise InvalidTokenError from error
    now = timezone.now()
    if expires < now.timestamp():
        raise InvalidTokenError
    member = Membership.objects.filter(
        user=OuterRef("user"), organization=OuterRef("organization"), status=MembershipStatus.ACTIVE
    )
    return UserSession.objects.select_related("user").filter(
        Exists(member),
        pk=session_id,
        organization_id=organization_id,
        organization__schema_name=connection.schema_name,
        revoked_at__isnull=True,
        expires_at__gt=now,
        user__is_active=True,
    )


def session_for(token: str) -> UserSession:
    """The live session of an access token, with its user: one query.

    Raises InvalidTokenError when anything about it doesn't hold in the organisation that is selected.
    """
    session = live_session(token).first()
    if session is None:
        raise InvalidTokenError
    return session


def end_session(session: UserSession, *, reason: str) -> bool:
    """Revoke a session; its tokens are refused from the next request on. Safe to repeat.

    Returns whether it was this call that ended it.
    """
    return bool(
        UserSession.objects.filter(pk=session.pk, revoked_at__isnull=True).update(
            revoked_at=timezone.now(), revoked_reason=reason
        )
    )


def note_use(session: UserSession) -> None:
    """Remember that the session is in use, to within five minutes: not a write per request."""
    now = timezone.now()
    if now - session.last_seen_at > timedelta(minutes=5):
        UserSession.objects.filter(pk=session.pk).update(last_seen_at=now)
