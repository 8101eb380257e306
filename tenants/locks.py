"""Advisory locks of the database that keep provisioning and migrations out of each other's way.

`tenants/migrations/0002` uses (0x6D656E6E, 1) for the hierarchy, `tenants/job_runner.py` a class of its own.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from tenants.db import connection

# Held shared by each provisioning until it commits, exclusively while the template is migrated.
TEMPLATE = 0x6D656E61
# Held by a fleet migration for as long as it runs.
FLEET = 0x6D656E62


def share_template() -> None:
    """Keep the template as it is until the end of the transaction; others may do so too."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [TEMPLATE])


@contextmanager
def own_template() -> Iterator[None]:
    """Change the template while nobody copies it. Must be outside a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [TEMPLATE])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [TEMPLATE])


class FleetLock:
    """The right to migrate the fleet, held by a connection of its own.

    Its own, so that processes forked meanwhile share nothing with it, and so that it ends with us, however
    we end.
    """

    def __init__(self) -> None:
        parameters = connection.get_connection_params()
        for name in ("cursor_factory", "context", "prepare_threshold", "pool"):
            parameters.pop(name, None)
        self._connection = psycopg.connect(**parameters, autocommit=True)

    def take(self, *, wait: bool) -> bool:
        """Whether the lock is ours now; with `wait`, returns when it is."""
        if wait:
            self._connection.execute("SELECT pg_advisory_lock(%s)", [FLEET])
            return True
        row = self._connection.execute("SELECT pg_try_advisory_lock(%s)", [FLEET]).fetchone()
        return bool(row and row[0])

    def close(self) -> None:
        self._connection.close()
