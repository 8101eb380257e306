"""Exchanging a refresh token for the next pair.

Tokens of a session are one family, numbered. Each is used once; what it is exchanged for can be lost on the
way, and a phone that was offline must not be stranded by that. So the *direct parent* of the newest token
keeps answering with the same successor until that successor is first used: for 60 s to anyone, for 30 days to
whoever signs with the device's registered key. Anything older, and the parent after that, can only be a copy:
the session ends at once and its owner is told. (entities.md, 11; compare RFC 9700, section 4.14.2)
"""

from dataclasses import dataclass
from datetime import timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from domain.audit.rules import record
from domain.core.errors import InvalidInput

from .errors import RefreshRefused
from .models import DeviceKey, RefreshToken, UserSession
from .rules import notify
from .sessions import Tokens, access_token, candidates, digest_of, end_session, issue, live_sessions

GRACE = timedelta(seconds=60)
WITH_PROOF = timedelta(days=30)
# How far a phone's clock may be off in a proof; the answer's Date header tells it the right time.
CLOCK_TOLERANCE = timedelta(minutes=10)


@dataclass(frozen=True)
class Proof:
    """That the token comes from its own device: `proof_message` signed (Ed25519) with its registered key.

    `timestamp` is in seconds since 1970.
    """

    timestamp: int
    signature: bytes


def proof_message(token: str, timestamp: int) -> bytes:
    """What a device signs to prove that an older refresh token is its own."""
    return f"meander refresh v1\n{digest_of(token).hex()}\n{timestamp}".encode()


def refresh(token: str, *, proof: Proof | None = None) -> Tokens:
    """The next pair of tokens of the session, in the organisation that is selected.

    Requests for one session queue up behind its row. Raises RefreshRefused; InvalidInput where the proof is
    genuine but the clock it was made by is off, so that nothing is lost by setting it.
    """
    with transaction.atomic():
        # Locked before its tokens are read: whoever waited here sees what the one before has written.
        session = (
            live_sessions()
            .select_for_update(of=("self",))
            .filter(refresh_tokens__digest=digest_of(token))
            .first()
        )
        tokens = _exchange(session, token, proof) if session is not None else None
    if tokens is None:
        raise RefreshRefused
    return tokens


def _exchange(session: UserSession, token: str, proof: Proof | None) -> Tokens | None:
    row = RefreshToken.objects.select_related("replaced_by").get(digest=digest_of(token))
    now = timezone.now()
    if row.expires_at <= now:
        return None
    if row.used_at is None:
        expires = now + timedelta(days=settings.REFRESH_TOKEN_DAYS)
        successor, successor_row = issue(session, counter=row.counter + 1, expires_at=expires)
        row.used_at, row.replaced_by = now, successor_row
        row.save(update_fields=["used_at", "replaced_by"])
        session.expires_at, session.last_seen_at = expires, now
        session.save(update_fields=["expires_at", "last_seen_at"])
        return _pair(session, successor)
    child, age = row.replaced_by, now - row.used_at
    if (
        child is not None
        and child.used_at is None
        and (age <= GRACE or (age <= WITH_PROOF and _is_proved(session, token, proof)))
    ):
        return _pair(session, _again(session, child))
    _revoke(session)
    return None


def _pair(session: UserSession, token: str) -> Tokens:
    return Tokens(access_token(session), token, settings.ACCESS_TOKEN_SECONDS, session)


def _again(session: UserSession, row: RefreshToken) -> str:
    """The token a row stands for, derived anew."""
    digest = bytes(row.digest)
    for token in candidates(session, row.counter):
        if digest_of(token) == digest:
            return token
    raise RefreshRefused  # Made with a key that SECRET_KEY_FALLBACKS no longer has.


def _is_proved(session: UserSession, token: str, proof: Proof | None) -> bool:
    if proof is None:
        return False
    key = DeviceKey.objects.filter(
        session=session, purpose=DeviceKey.Purpose.PROOF, revoked_at__isnull=True
    ).first()
    if key is None:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(bytes(key.public_key)).verify(
            proof.signature, proof_message(token, proof.timestamp)
        )
    except InvalidSignature:
        return False
    if abs(timezone.now().timestamp() - proof.timestamp) > CLOCK_TOLERANCE.total_seconds():
        raise InvalidInput(
            _("The device's clock is off: set it by this answer's Date and try again."),
            code="clock-off",
            field="proof/timestamp",
        )
    return True


def _revoke(session: UserSession) -> None:
    """Two devices have the same tokens: neither is believed any more."""
    if not end_session(session, reason="token-reused"):
        return
    record(
        "session.revoked",
        session,
        by=None,
        reason="token-reused",
        session_id=session.pk,
        subject_ids=[session.user_id],
    )
    notify(session.user, "token-reused", session=session)
