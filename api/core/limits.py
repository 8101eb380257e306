"""Rate limits of the API: per session, user and address."""

from domain.audit.context import client_address as address_of
from domain.identity.limits import Limit, count

__all__ = ["address_of", "count_write"]

# Requests that change something. Reads are not counted: most are answered without work (304), and counting
# would cost each of them a write.
WRITES_PER_SESSION = Limit("api-writes-session", attempts=120, seconds=60)
WRITES_PER_USER = Limit("api-writes-user", attempts=240, seconds=60)
WRITES_PER_ADDRESS = Limit("api-writes-address", attempts=600, seconds=60)


def count_write(request) -> None:
    """Count a request that changes something. Raises TooManyAttempts."""
    count(WRITES_PER_ADDRESS, address_of(request))
    if request.auth is not None:
        count(WRITES_PER_USER, request.user.pk)
        count(WRITES_PER_SESSION, request.auth.pk)
