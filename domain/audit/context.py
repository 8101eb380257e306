"""What every event of a request has in common: set once per request, read by `record`.

    with acting(session_id=…, network=…): …          around a request or a job
    bind(grant_id=grant.pk)                          as soon as more is known

`AuditContextMiddleware` does the first; whoever learns more (support access, proxies, the admin's own
sessions) does the second.
"""

import ipaddress
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.conf import settings

from tenants.db import connection


@dataclass(frozen=True)
class AuditContext:
    """`request` is asked, when an event is written, for the session it was signed in with since.

    `has_read`: what was shown under a support access grant is on the record already.
    """

    session_id: UUID | None = None
    grant_id: UUID | None = None
    on_behalf_of: Any = None
    network: str = ""
    request: Any = None
    has_read: bool = False

    @property
    def session(self) -> UUID | None:
        if self.session_id is not None:
            return self.session_id
        signed_in = getattr(self.request, "auth", None)  # The API's: a UserSession.
        return getattr(signed_in, "pk", None)

    @property
    def grant(self) -> UUID | None:
        """The support access grant under which this is done."""
        if self.grant_id is not None:
            return self.grant_id
        terms = getattr(getattr(self.request, "auth", None), "grant_here", None)
        return UUID(terms["id"]) if terms else None

    @property
    def principal(self) -> Any:
        """For whom it is done: whom a proxy acts for, or the organisation that let support in."""
        if self.on_behalf_of is not None or self.grant is None:
            return self.on_behalf_of
        tenant = getattr(self.request, "tenant", None) or connection.tenant
        return tenant if getattr(tenant, "pk", None) else None


_current: ContextVar[AuditContext | None] = ContextVar("audit_context", default=None)
_written: ContextVar[int] = ContextVar("audit_events_written", default=0)
_NOTHING = AuditContext()


def current() -> AuditContext:
    return _current.get() or _NOTHING


def events_written() -> int:
    """How many events were written here so far: two calls tell whether there were any in between."""
    return _written.get()


def count_event() -> None:
    _written.set(_written.get() + 1)


def bind(**known: Any) -> None:
    """Add what was learnt to the context until it ends: session_id, grant_id, on_behalf_of, network."""
    _current.set(replace(current(), **known))


@contextmanager
def acting(**known: Any) -> Iterator[None]:
    """A context of its own; what is bound within ends with it."""
    token = _current.set(AuditContext(**known))
    try:
        yield
    finally:
        _current.reset(token)


def network_of(address: str) -> str:
    """The /24 or /48 an address is in: enough to tell places apart, too little to follow a person."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    return str(ipaddress.ip_network((ip, 24 if ip.version == 4 else 48), strict=False))


def client_address(request: Any) -> str:
    """The caller's network address.

    Behind proxies it is the entry that the outermost trusted one wrote: TRUSTED_PROXIES entries from the
    right of X-Forwarded-For; anything left of that may be invented by the caller.
    """
    trusted = settings.TRUSTED_PROXIES
    hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
    if trusted and len(hops) >= trusted:
        return hops[-trusted]
    return request.META.get("REMOTE_ADDR", "")
