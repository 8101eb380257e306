"""What `/health/ready` looks at."""

import logging
from datetime import timedelta

from django.db import DatabaseError
from django.utils import timezone

from tenants.db import connection

from .fleet import pending_schemas
from .models import Heartbeat

# The worker beats every 10 s through a job; a cluster that looks alive but does nothing is found in time.
WORKER_STALE = timedelta(seconds=60)
logger = logging.getLogger(__name__)


def readiness() -> dict[str, dict]:
    """Each check with `ok` and, where not, what is wrong. Needs the public schema selected."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        logger.exception("readiness: the database does not answer")
        return {"database": {"ok": False, "detail": "the database does not answer"}}
    checks: dict[str, dict] = {"database": {"ok": True}}
    pending = pending_schemas(["public", "meander_template"])
    checks["migrations"] = _check("public" not in pending, "the public schema is behind: run migrate_fleet")
    checks["template"] = _check(
        "meander_template" not in pending, "the template schema is missing or behind: run migrate_fleet"
    )
    beat = Heartbeat.objects.filter(name="worker").values_list("at", flat=True).first()
    checks["worker"] = _check(
        beat is not None and timezone.now() - beat < WORKER_STALE, "the worker has not reported for 60 s"
    )
    return checks


def _check(ok: bool, problem: str) -> dict:
    return {"ok": True} if ok else {"ok": False, "detail": problem}
