"""A connection of a web process doesn't keep the catalogue of every organisation for ever."""

import pytest
from django.db import connections
from django_tenants.utils import schema_context

from tenants.db import connection


@pytest.fixture
def pooled(own_database, settings):
    """Our connection as web processes have it: from a pool, here of one."""
    settings.DATABASE_CONNECTION_MAX_SCHEMAS = 3
    options = connection.settings_dict["OPTIONS"]
    connection.close()
    options["pool"] = {"min_size": 1, "max_size": 1, "timeout": 10}
    yield
    connection.close()
    connection.close_pool()
    del options["pool"]


def server_process(*schemas: str) -> int:
    """The server's process that serves a request which touches these schemas."""
    pids = set()
    for schema in schemas:
        with schema_context(schema), connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            pids.add(cursor.fetchone()[0])
    connections.close_all()  # As at the end of a request.
    (pid,) = pids
    return pid


def test_a_connection_that_touched_many_schemas_is_replaced(pooled):
    first = server_process("nhf")
    assert server_process("blindeforbundet") == first
    assert server_process("platform") == first  # The third: it ends with this request …
    second = server_process("nhf")
    assert second != first  # … and the next has another.
    assert server_process("nhf") == second


def test_the_same_schemas_again_and_again_replace_nothing(pooled):
    first = server_process("nhf", "blindeforbundet")
    assert {server_process("nhf", "blindeforbundet") for _ in range(5)} == {first}


def test_a_request_is_not_cut_short(pooled):
    """All of its schemas come over one connection, however many they are."""
    schemas = ("nhf", "blindeforbundet", "platform", "public")
    assert server_process(*schemas) != server_process(*schemas)
