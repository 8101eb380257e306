"""Which organisation answers on which host.

Each process remembers what it has looked up, for as long as it is true: the statement that switches the
connection to an organisation asks PostgreSQL whether the host is still that organisation's, whether it is
still active and whether its row is still the one we hold (`DatabaseWrapper.enter`). So a suspension, a moved
host or a changed name is seen by the next request of every process, for 0.03 ms and no round trip more.
Unknown hosts and organisations that aren't active are not remembered: each is looked up.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import TextField
from django.db.models.expressions import RawSQL

from tenants.db import connection

from .backend.statements import Ask
from .choices import OrganizationKind, OrganizationStatus
from .models import Domain, Organization


@dataclass(frozen=True)
class _Known:
    organization: Organization
    # Which version of the row this is; every update makes another, whatever statement it is.
    version: str


_lock = threading.Lock()
_by_host: dict[tuple[str, str], _Known] = {}


Row = tuple[Any, ...]
# Gives the statement, with its values, that is to be asked of the organisation just selected.
Question = Callable[[], Ask]


def enter(host: str, question: Question | None = None) -> tuple[Organization | None, Row | None]:
    """Select the organisation that answers on a host name (without port), and return it.

    Returned beside is the first row of `question`, where the answer came in the same round trip; None may
    also mean that it was not asked. The public schema stays selected, and must be when this is called, for a
    host that is nobody's (None) and for an organisation that may not be used now: not active, the template.
    """
    organization, row = enter_remembered(host, question)
    if organization is not None:
        return organization, row
    found = _look_up(host)
    if found is None:
        return None, None
    organization = found.organization
    if organization.status == OrganizationStatus.ACTIVE and organization.kind != OrganizationKind.TEMPLATE:
        with _lock:
            _by_host[_key(host)] = found
        connection.set_tenant(organization)
    return organization, None


def enter_remembered(
    host: str, question: Question | None = None
) -> tuple[Organization, Row | None] | tuple[None, None]:
    """Select the organisation that this process knows to answer on a host, if that still holds.

    In the same round trip goes the question; its first row is returned too. None means only that nothing is
    remembered, or no longer holds: the public schema is selected then, and `enter` knows more. The
    organisation returned is the same object for as long as its row is the same.
    """
    key = _key(host)
    known = _by_host.get(key)
    if known is None:
        return None, None
    connection.set_tenant(known.organization)
    holds, row = connection.enter(host, known.version, question() if question else None)
    if holds:
        return known.organization, row
    connection.set_schema_to_public()
    with _lock:
        _by_host.pop(key, None)
    return None, None


def _key(host: str) -> tuple[str, str]:
    return connection.settings_dict["NAME"], host


def _look_up(host: str) -> _Known | None:
    domain = (
        Domain.objects.select_related("tenant")
        .annotate(
            version=RawSQL(
                "tenants_organization.xmin::text || tenants_organization.ctid::text",
                [],
                output_field=TextField(),
            )
        )
        .filter(domain=host)
        .first()
    )
    return _Known(domain.tenant, domain.version) if domain else None


def forget() -> None:
    """Drop what this process remembers, so that it holds no row longer than needed."""
    with _lock:
        _by_host.clear()
