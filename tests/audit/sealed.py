"""Sealing and verifying in tests, as the worker does it."""

import time

import psycopg
from django.db import connection as django_connection
from psycopg.conninfo import make_conninfo

from domain.audit.models import AuditEvent, AuditHead, AuditNode, AuditSeal
from domain.audit.rules import record
from domain.audit.sealing import _sign, anchor_heads, seal
from domain.audit.tree import grown, leaf_of
from domain.audit.verification import Verification, verify
from domain.identity.models import User
from tenants.db import connection
from tenants.models import Organization


def write_events(count: int, *, start: int = 0) -> None:
    for number in range(start, start + count):
        record(
            "faq.published",
            User(pk=None, email=f"person{number}@nhf.example"),
            by=None,
            changes={"number": (number, number + 1)},
            reason=f"Reason {number}",
        )


def await_horizon() -> None:
    """Until every transaction in this database that began before the last event has ended.

    Events of another server's clock aren't waited for.
    """
    for _attempt in range(1200):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT coalesce(max(xid::text::bigint), 0) FROM audit_auditevent "
                "WHERE xid < pg_snapshot_xmax(pg_current_snapshot())"
            )
            if cursor.fetchone()[0] < horizon_here():
                return
        time.sleep(0.1)
    raise TimeoutError("a transaction of another session has held the horizon for two minutes")


def horizon_here() -> int:
    """The transaction below which all of this database have ended.

    The snapshot's own horizon is one for all databases of a server: other tests', some of which last for
    minutes, would count as well.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT least(min(backend_xid::text::bigint), "
            "pg_snapshot_xmax(pg_current_snapshot())::text::bigint) "
            "FROM pg_stat_activity WHERE datname = current_database() AND backend_xid IS NOT NULL"
        )
        return cursor.fetchone()[0]


def seal_and_anchor(organization: Organization, *, limit: int = 10_000, wait: bool = True) -> int:
    sealed = 0
    with connection.as_owner():
        if wait and not connection.in_atomic_block:
            await_horizon()
        while count := seal(organization, limit=limit, until=horizon_here()):
            sealed += count
        anchor_heads(organization)
    return sealed


def seal_alone(organization: Organization, event: AuditEvent) -> None:
    """Seal one event of this very transaction, which no horizon is above."""
    with connection.as_owner():
        last = AuditHead.objects.order_by("-size").first()
        size, leaf = last.size if last else 0, leaf_of(event)
        root, nodes = grown(size, [leaf])
        AuditSeal.objects.create(seq=size, event_id=event.pk, leaf_hash=leaf)
        AuditNode.objects.bulk_create(nodes)
        _sign(organization, size + 1, root, 0)


def check(organization: Organization) -> Verification:
    with connection.as_owner():
        return verify(organization)


def another_connection() -> psycopg.Connection:
    """A second session of the owner, with no organisation selected."""
    given = django_connection.get_connection_params()
    names = ("host", "port", "user", "password", "dbname")
    return psycopg.connect(make_conninfo(**{n: given[n] for n in names if given.get(n)}), autocommit=True)
