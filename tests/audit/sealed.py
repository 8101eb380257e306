"""Sealing and verifying in tests, as the worker does it."""

import psycopg
from django.db import connection as django_connection
from psycopg.conninfo import make_conninfo

from domain.audit.rules import record
from domain.audit.sealing import anchor_heads, seal
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


def seal_and_anchor(organization: Organization, *, limit: int = 10_000) -> int:
    sealed = 0
    with connection.as_owner():
        while count := seal(organization, limit=limit):
            sealed += count
        anchor_heads(organization)
    return sealed


def check(organization: Organization) -> Verification:
    with connection.as_owner():
        return verify(organization)


def another_connection() -> psycopg.Connection:
    """A second session of the owner, with no organisation selected."""
    given = django_connection.get_connection_params()
    names = ("host", "port", "user", "password", "dbname")
    return psycopg.connect(make_conninfo(**{n: given[n] for n in names if given.get(n)}), autocommit=True)
