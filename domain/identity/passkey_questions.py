"""The questions of passkey ceremonies: kept in the database until they are answered.

Whoever answers takes the question away, rightly answered or not, so call what takes one outside a
transaction: a question that is rolled back could be answered twice.
"""

import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone
from django.utils.crypto import salted_hmac

from tenants.db import connection
from tenants.models import Organization

from .limits import Limit, count
from .models import PasskeyChallenge, User, UserSession
from .webauthn_faults import PasskeyFault

# How long a person has to answer. The sign-in page asks anew before it is over.
ANSWER_WITHIN = timedelta(minutes=5)
MILLISECONDS = int(ANSWER_WITHIN.total_seconds() * 1000)
# Questions from one address of the network: each is a row until it is answered or expires.
QUESTIONS = Limit("passkey-questions", attempts=300, seconds=15 * 60)

_TAKE = """
DELETE FROM public.identity_passkeychallenge WHERE challenge = %s
RETURNING purpose, organization_id, user_id, binding, expires_at > statement_timestamp()
"""

Purpose = PasskeyChallenge.Purpose


@dataclass(frozen=True)
class Asker:
    """Where a question goes: the organisation, and a secret that only the same browser or app can repeat.

    `session` is that of whoever is signed in; `address` that of the network.
    """

    organization: Organization
    secret: str
    session: UserSession | None = None
    address: str = ""

    @property
    def binding(self) -> bytes:
        return salted_hmac("meander.passkey", self.secret, algorithm="sha256").digest()


def ask(purpose: str, asker: Asker, person: User | None) -> bytes:
    """Put a question; returns it. Raises TooManyAttempts."""
    count(QUESTIONS, asker.address)
    challenge = secrets.token_bytes(32)
    PasskeyChallenge.objects.create(
        challenge=challenge,
        purpose=purpose,
        organization=asker.organization,
        user=person,
        session=asker.session,
        binding=asker.binding,
        expires_at=timezone.now() + ANSWER_WITHIN,
    )
    return challenge


def take(challenge: bytes, purpose: str, asker: Asker, person: User | None) -> bytes:
    """The question as it was put, taken away for good. One statement: of many at once, one gets it.

    Raises PasskeyFault unless it was put to this asker for this purpose and is still open.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [challenge])
        row = cursor.fetchone()
    if row is None:
        raise PasskeyFault("passkey-challenge")
    asked_for, organization_id, user_id, binding, is_open = row
    put_so = (
        asked_for == purpose
        and organization_id == asker.organization.pk
        and user_id == (person.pk if person else None)
        and hmac.compare_digest(bytes(binding or b""), asker.binding)
    )
    if not put_so or not is_open:
        raise PasskeyFault("passkey-challenge")
    return challenge
