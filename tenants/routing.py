"""Which organisation answers on which host, kept for a moment in each process."""

import threading
import time

from tenants.db import connection

from .models import Domain, Organization

# Another process learns of a suspension or a new host after at most this long; the process that made the
# change, at once (`forget`).
SECONDS = 2.0
_lock = threading.Lock()
_by_host: dict[tuple[str, str], tuple[float, Organization | None]] = {}


def organization_for(host: str) -> Organization | None:
    """The organisation of a host name (without port), or None. Must run before a tenant is selected."""
    key = (connection.settings_dict["NAME"], host)
    now = time.monotonic()
    found = _by_host.get(key)
    if found and found[0] > now:
        return found[1]
    domain = Domain.objects.select_related("tenant").filter(domain=host).first()
    organization = domain.tenant if domain else None
    with _lock:
        if len(_by_host) > 5000:  # Unknown hosts are remembered too: don't let a scan fill the memory.
            _by_host.clear()
        _by_host[key] = (now + SECONDS, organization)
    return organization


def forget() -> None:
    """Drop what this process remembers, after a change of hosts or status."""
    with _lock:
        _by_host.clear()
