"""Sessions of the apps and their tokens.

An access token is signed, short-lived, and names a session and an organisation; the session is looked up on
every request, so that ending it bites at once. A refresh token is derived from its family (the session) and
its place in it; only its SHA-256 is kept. Exchanging it: `domain.identity.refresh`.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.db.models import Case, Exists, F, Func, JSONField, OuterRef, Q, QuerySet, When
from django.utils import timezone

from tenants.db import connection
from tenants.models import Organization

from .choices import MembershipStatus
from .models import Membership, RefreshToken, User, UserSession
from .models.people import STAFF_ROLES

_SALT = "meander.access-token"


@dataclass(frozen=True)
class Tokens:
    """A session's pair of tokens; `expires_in` is the access token's life in seconds.

    `device_secret` is what a device that was unknown until now keeps, to be known from then on; else empty.
    """

    access_token: str
    refresh_token: str
    expires_in: int
    session: UserSession
    device_secret: str = ""


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
    network: str = "",
    verified_at: datetime | None = None,
) -> Tokens:
    """Start an app's session. The caller has verified who it is and that they are a member.

    `verified_at` is when the person proved it; without, they did just now.
    """
    now = timezone.now()
    expires = now + timedelta(days=settings.REFRESH_TOKEN_DAYS)
    session = UserSession.objects.create(
        user=user,
        organization=organization,
        device_name=device_name,
        platform=platform,
        app_version=app_version,
        network=network,
        expires_at=expires,
        verified_at=verified_at or now,
    )
    token, _row = issue(session, counter=0, expires_at=expires)
    return Tokens(access_token(session), token, settings.ACCESS_TOKEN_SECONDS, session)


def issue(session: UserSession, *, counter: int, expires_at: datetime) -> tuple[str, RefreshToken]:
    """The refresh token at this place of the session's family, written down for the first time."""
    token = next(candidates(session, counter))
    row = RefreshToken.objects.create(
        session=session, counter=counter, digest=digest_of(token), expires_at=expires_at
    )
    return token, row


def candidates(session: UserSession, counter: int) -> Iterator[str]:
    """What the refresh token at this place is: made with today's key, then with those of before."""
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        key = hmac.digest(secret.encode(), b"meander.refresh-token", hashlib.sha256)
        mac = hmac.digest(key, session.pk.bytes + counter.to_bytes(8, "big"), hashlib.sha256)
        yield base64.urlsafe_b64encode(mac).rstrip(b"=").decode()


def digest_of(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


def access_token(session: UserSession) -> str:
    expires = int(timezone.now().timestamp()) + settings.ACCESS_TOKEN_SECONDS
    return signing.dumps([session.pk.hex, session.organization_id.hex, expires], salt=_SALT)


def live_session(token: str) -> QuerySet[UserSession]:
    """The live session of an access token, with its user, as a query that finds it or nothing.

    Live: of the organisation that is selected, neither over nor revoked, its user active and still a member.
    Raises InvalidTokenError for a token that is malformed or has expired.
    """
    session_id, organization_id = named_session(token)
    return live_sessions().filter(pk=session_id, organization_id=organization_id)


def named_session(token: str) -> tuple[UUID, UUID]:
    """The ids of session and organisation that an access token names.

    Raises InvalidTokenError for a token that is malformed or has expired.
    """
    session_id, organization_id, expires = _read(token)
    if expires < timezone.now().timestamp():
        raise InvalidTokenError
    return session_id, organization_id


def signed_session(token: str) -> tuple[UUID, UUID]:
    """The ids of session and organisation in a genuine access token, which may have expired: to tell whoever
    had it what became of it, and for nothing else. Raises InvalidTokenError."""
    return _read(token)[:2]


def _read(token: str) -> tuple[UUID, UUID, float]:
    try:
        return _signed(token, settings.SECRET_KEY, tuple(settings.SECRET_KEY_FALLBACKS))
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise InvalidTokenError from error


@lru_cache(maxsize=2000)
def _signed(token: str, _key: str, _fallbacks: tuple[str, ...]) -> tuple[UUID, UUID, float]:
    """What a token says: that it is genuine does not change while the keys are the same."""
    session_hex, organization_hex, expires = signing.loads(token, salt=_SALT)
    return UUID(str(session_hex)), UUID(str(organization_hex)), float(expires)


def live_sessions() -> QuerySet[UserSession]:
    """Sessions of the organisation that is selected that let somebody in, with their user.

    Neither over nor revoked, the user active and still a member, or let in by a support access grant that
    holds at this moment: then `grant_here` has its terms, else None. The one place that says so, for apps
    and browsers alike.
    """
    member = Exists(
        Membership.objects.filter(
            user=OuterRef("user"), organization=OuterRef("organization"), status=MembershipStatus.ACTIVE
        )
    )
    grant = Func(F("user"), function="public.meander_support", output_field=JSONField())
    return (
        UserSession.objects.select_related("user")
        # Asked of the platform's support alone.
        .annotate(grant_here=Case(When(user__platform_role__in=STAFF_ROLES, then=grant)))
        .filter(
            Q(member) | Q(grant_here__isnull=False),
            organization__schema_name=connection.schema_name,
            revoked_at__isnull=True,
            expires_at__gt=timezone.now(),
            user__is_active=True,
        )
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
