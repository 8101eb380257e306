"""The tests' own PostgreSQL server, where DATABASE_URL names none."""

import atexit
import os
from pathlib import Path

from tenants.local.postgres import EmbeddedPostgres


def ensure_server() -> None:
    """Set DATABASE_URL to an embedded server that ends with this process (shared by parallel runs)."""
    if os.environ.get("DATABASE_URL"):
        return
    data_dir = Path(__file__).resolve().parents[2] / "var" / "test-postgres"
    server = EmbeddedPostgres(data_dir, durable=False)
    server.start()
    atexit.register(server.stop)
    os.environ["DATABASE_URL"] = server.url("meander", "meander_owner")
