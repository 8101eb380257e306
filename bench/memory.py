"""Memory of a database connection that many organisations' requests have used, with and without recycling.

The worst case: every request touches every table of its organisation. `MEMORY_SCHEMAS` (default 100) says how
many organisations there are. Linux only, and for whoever may read the server's processes (/proc).
"""

import os
from pathlib import Path

from django.conf import settings
from django.db import connections, transaction
from django_tenants.utils import schema_context

from tenants.clone import clone_schema
from tenants.db import connection
from tenants.roles import grant_schema

from .common import own_database, report

SCHEMAS = int(os.environ.get("MEMORY_SCHEMAS", "100"))


def main() -> None:
    with own_database("memory"):
        names = [f"c{n:03}" for n in range(SCHEMAS)]
        for name in names:
            with connection.as_owner(), transaction.atomic():
                clone_schema(settings.TEMPLATE_SCHEMA, name)
                grant_schema(name)
        connection.close()
        try:
            touch("nhf")
            begin = private_megabytes()
        except PermissionError:
            print("memory: this user may not read the database server's processes; nothing measured.")
            return
        kept: dict[int, float] = {}
        for number, name in enumerate(names, 1):
            touch(name)
            if number in (10, settings.DATABASE_CONNECTION_MAX_SCHEMAS, SCHEMAS):
                kept[number] = private_megabytes()
        connection.close()
        options = connection.settings_dict["OPTIONS"]
        options["pool"] = {"min_size": 1, "max_size": 1, "timeout": 10}
        highest = 0.0
        try:
            for name in names:
                touch(name)
                highest = max(highest, private_megabytes())
                connections.close_all()
        finally:
            connection.close_pool()
            del options["pool"]
        report(
            "memory",
            {
                "tables touched in each schema": len(tables("nhf")),
                "a new connection, MB": begin,
                **{f"never replaced, {number} schemas, MB": size for number, size in kept.items()},
                f"replaced after {settings.DATABASE_CONNECTION_MAX_SCHEMAS} schemas: highest, MB": highest,
            },
        )


def tables(schema: str) -> list[str]:
    with schema_context(schema), connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [schema])
        return [row[0] for row in cursor.fetchall()]


def touch(schema: str) -> None:
    """Plan a query of every table, as the first request of each kind does."""
    listed = tables(schema)
    with connection.as_owner(), schema_context(schema), connection.cursor() as cursor:
        for table in listed:
            cursor.execute(f'SELECT * FROM "{table}" WHERE false')


def private_megabytes() -> float:
    """What our connection's server process has for itself, without the memory all of them share."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Private_Dirty:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("the kernel tells no Private_Dirty")
