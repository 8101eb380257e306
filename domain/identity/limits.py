"""Rate limits, counted in the database so that parallel requests can't slip through together."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from domain.core.errors import DomainError
from tenants.db import connection

from .models import RateCounter

# One statement, so that counting is atomic: the row is locked from the conflict to the commit.
_COUNT = """
INSERT INTO public.identity_ratecounter AS c (key, count, expires_at)
VALUES (%(key)s, 1, statement_timestamp() + make_interval(secs => %(seconds)s))
ON CONFLICT (key) DO UPDATE SET
  count = CASE WHEN c.expires_at <= statement_timestamp() THEN 1
               ELSE least(c.count, 1000000000) + 1 END,
  expires_at = CASE WHEN c.expires_at <= statement_timestamp() THEN excluded.expires_at ELSE c.expires_at END
RETURNING count, greatest(1, ceil(extract(epoch FROM expires_at - statement_timestamp())))::integer
"""
# Roughly every how many counts expired rows are removed.
_PRUNE_EVERY = 500


@dataclass(frozen=True)
class Limit:
    """At most `attempts` in `seconds`, counted from the first."""

    name: str
    attempts: int
    seconds: int


class TooManyAttempts(DomainError):
    """The limit is used up; `retry_after` is in seconds."""

    code = "rate-limited"

    def __init__(self, *, retry_after: int):
        super().__init__(_("Too many attempts. Wait a while and try again."))
        self.retry_after = retry_after


def count(limit: Limit, subject: object) -> None:
    """Count one attempt of `subject` (an address, an account, a session).

    Call it outside a transaction: a count that is rolled back is none. Raises TooManyAttempts when this
    attempt is one too many.
    """
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, {"key": _key(limit, subject), "seconds": limit.seconds})
        used, retry_after = cursor.fetchone()
    if not secrets.randbelow(_PRUNE_EVERY):
        prune()
    if used > limit.attempts:
        raise TooManyAttempts(retry_after=retry_after)


def forgive(limit: Limit, subject: object) -> None:
    """Forget the attempts of `subject`: it has shown that it is entitled."""
    RateCounter.objects.filter(key=_key(limit, subject)).update(expires_at=timezone.now())


def prune() -> int:
    """Remove counters that expired a while ago; returns how many."""
    old = timezone.now() - timedelta(hours=1)
    with transaction.atomic():
        keys = RateCounter.objects.filter(expires_at__lt=old).select_for_update(skip_locked=True)
        deleted, _by_model = RateCounter.objects.filter(
            key__in=keys.order_by("expires_at").values("key")[:1000]
        ).delete()
    return deleted


def _key(limit: Limit, subject: object) -> bytes:
    text = f"{limit.name}\0{subject}".encode()
    return hmac.new(settings.SECRET_KEY.encode(), text, hashlib.sha256).digest()
