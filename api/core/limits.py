"""Rate limits of the API: per session, user and address."""

from django.conf import settings

from domain.identity.limits import Limit, count

# Requests that change something. Reads are not counted: most are answered without work (304), and counting
# would cost each of them a write.
WRITES_PER_SESSION = Limit("api-writes-session", attempts=120, seconds=60)
WRITES_PER_USER = Limit("api-writes-user", attempts=240, seconds=60)
WRITES_PER_ADDRESS = Limit("api-writes-address", attempts=600, seconds=60)


def address_of(request) -> str:
    """The caller's network address.

    Behind proxies it is the entry that the outermost trusted one wrote: TRUSTED_PROXIES entries from the
    right of X-Forwarded-For; anything left of that may be invented by the caller.
    """
    trusted = settings.TRUSTED_PROXIES
    hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
    if trusted and len(hops) >= trusted:
        return hops[-trusted]
    return request.META.get("REMOTE_ADDR", "")


def count_write(request) -> None:
    """Count a request that changes something. Raises TooManyAttempts."""
    count(WRITES_PER_ADDRESS, address_of(request))
    if request.auth is not None:
        count(WRITES_PER_USER, request.user.pk)
        count(WRITES_PER_SESSION, request.auth.pk)
