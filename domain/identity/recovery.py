"""Codes on paper, for whoever has lost phone and password."""

import base64
import hashlib
import re
import secrets
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Max, Q
from django.utils import timezone

from domain.audit.rules import record
from tenants.models import Organization

from .devices import Device
from .errors import SignInRefused
from .guessing import account_of, begin_attempt
from .models import RecoveryCode, User, UserSession
from .rules import admit, candidate
from .sessions import Tokens
from .verification import require_recent

CODES = 10
# 100 random bits, as 20 letters and digits of base32 (RFC 4648: no 0, 1, 8, 9) in four groups.
_LETTERS, _GROUP = 20, 5
_SEPARATORS = re.compile(r"[\s-]+")


def make_recovery_codes(session: UserSession) -> list[str]:
    """Ten new codes for the person of a session, shown this once; those of before are worthless.

    Raises StepUpRequired.
    """
    require_recent(session)
    codes = [_new_code() for _number in range(CODES)]
    with transaction.atomic():
        User.objects.select_for_update().get(pk=session.user_id)
        RecoveryCode.objects.filter(user=session.user).delete()
        RecoveryCode.objects.bulk_create(
            RecoveryCode(user=session.user, digest=_digest(code)) for code in codes
        )
        record(
            "recovery-codes.made",
            session.user,
            by=session.user,
            session_id=session.pk,
            subject_ids=[session.user_id],
        )
    return codes


def codes_left(user: User) -> tuple[int, datetime | None]:
    """How many codes a person still has, and when they were made."""
    found = RecoveryCode.objects.filter(user=user).aggregate(
        left=Count("pk", filter=Q(used_at__isnull=True)), made=Max("created_at")
    )
    return found["left"], found["made"]


def person_of_code(
    *, email: str, code: str, organization: Organization, address: str, device_secret: str = ""
) -> User:
    """The active member a code belongs to; the code is used up by this. Counted like guesses at a password.

    Raises TooManyAttempts and SignInRefused.
    """
    account = account_of(email)
    attempt = begin_attempt(account, address=address, device_secret=device_secret)
    user = candidate(account, organization)
    member = user is not None and user.is_active and user.is_member  # type: ignore[attr-defined]
    # One statement for everyone: of two at once, one finds it unused.
    used = RecoveryCode.objects.filter(
        user=user.pk if user is not None and member else None, digest=_digest(code), used_at__isnull=True
    ).update(used_at=timezone.now())
    if user is None or not used:
        raise SignInRefused
    attempt.succeeded()
    return user


def sign_in_with_code(
    *, email: str, code: str, organization: Organization, device: Device, address: str
) -> Tokens:
    """Open a session by a recovery code. Raises TooManyAttempts and SignInRefused."""
    user = person_of_code(
        email=email, code=code, organization=organization, address=address, device_secret=device.secret
    )
    return admit(user, organization, device=device, address=address, method="recovery-code")


def _new_code() -> str:
    text = base64.b32encode(secrets.token_bytes(13)).decode()[:_LETTERS]
    return "-".join(text[at : at + _GROUP] for at in range(0, _LETTERS, _GROUP))


def _digest(code: str) -> bytes:
    """Whichever way it is written: small letters, spaces or none."""
    plain = _SEPARATORS.sub("", code).upper()
    return hashlib.sha256(plain.encode("utf-8", "replace")).digest()
