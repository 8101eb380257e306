"""Jobs that come back: declared where the job is, fanned out only to organisations with something due.

    @every(minutes=1, due=organizations_with_content_due)
    @job("content.publish_scheduled")
    def publish_scheduled(context): ...

`due(now)` runs in the public schema with the owner's rights and returns the organisations. When a schedule
was last fanned out is kept in the `Heartbeat` row `schedule:<job>`, so several workers don't do it twice and
a restart doesn't either.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from tenants.db import connection

from .choices import OrganizationKind, OrganizationStatus
from .jobs import enqueue
from .models import Heartbeat, Organization

TICK_LOCK = 0x7469636B
# Ticks come every few seconds: one that is nearly due needn't wait for the next.
TOLERANCE = timedelta(seconds=1)
Due = Callable[[datetime], Iterable[Organization]]
F = TypeVar("F", bound=Callable[..., Any])
logger = logging.getLogger(__name__)


def active_organizations(now: datetime) -> Iterable[Organization]:
    """Every organisation in use, the platform's own included."""
    return Organization.objects.filter(status=OrganizationStatus.ACTIVE).exclude(
        kind=OrganizationKind.TEMPLATE
    )


def the_template(now: datetime) -> Iterable[Organization]:
    """For housekeeping of the whole installation: the one organisation that always exists."""
    return Organization.objects.filter(schema_name=settings.TEMPLATE_SCHEMA)


@dataclass(frozen=True)
class Schedule:
    """A job, how often it may come, and for whom."""

    job_name: str
    interval: timedelta
    due: Due

    @property
    def stamp(self) -> str:
        return f"schedule:{self.job_name}"


schedules: dict[str, Schedule] = {}


def every(*, minutes: float = 0, seconds: float = 0, due: Due) -> Callable[[F], F]:
    """Let a job (`@job` goes below) come back for the organisations that `due` names."""
    interval = timedelta(minutes=minutes, seconds=seconds)
    if interval <= timedelta(0):
        raise ValueError("a schedule needs an interval")

    def register(function: F) -> F:
        schedule = Schedule(function.job_name, interval, due)  # type: ignore[attr-defined]
        if len(schedule.stamp) > (Heartbeat._meta.get_field("name").max_length or 0):
            raise ValueError(f"the name of {schedule.job_name} is too long for a schedule")
        schedules[schedule.job_name] = schedule
        return function

    return register


def tick(now: datetime | None = None) -> int:
    """Fan out what is due; returns how many jobs were asked for. A failing schedule leaves the others be."""
    now = now or timezone.now()
    connection.set_schema_to_public()
    stamps = dict(Heartbeat.objects.filter(name__startswith="schedule:").values_list("name", "at"))
    asked = 0
    for schedule in schedules.values():
        last = stamps.get(schedule.stamp)
        if last is not None and now - last < schedule.interval - TOLERANCE:
            continue
        try:
            asked += _fan_out(schedule, now)
        except Exception:
            logger.exception("schedule %s could not be fanned out", schedule.job_name)
            connection.set_schema_to_public()
    return asked


def _fan_out(schedule: Schedule, now: datetime) -> int:
    asked = 0
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [TICK_LOCK])
            if not cursor.fetchone()[0]:
                return 0  # Another worker is at it.
        last = Heartbeat.objects.filter(name=schedule.stamp).values_list("at", flat=True).first()
        if last is not None and now - last < schedule.interval - TOLERANCE:
            return 0
        for organization in schedule.due(now):
            enqueue(schedule.job_name, organization, key="schedule")
            asked += 1
        Heartbeat.objects.update_or_create(name=schedule.stamp, defaults={"at": now})
    return asked


def read_schemas(
    expression: str, schemas: Iterable[str], *, tables: list[str], parameters: Sequence[Any] = ()
) -> dict[str, Any]:
    """The value of an SQL expression in each of the schemas: one query per 200 of them.

    `{schema}` in it stands for the quoted schema; schemas that lack one of the `tables` (not migrated yet)
    are left out. Needs the owner's rights.
    """
    found: dict[str, Any] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT schemaname FROM pg_tables WHERE schemaname = ANY(%s) AND tablename = ANY(%s) "
            "GROUP BY schemaname HAVING count(*) = %s",
            [list(schemas), tables, len(set(tables))],
        )
        present = sorted(row[0] for row in cursor.fetchall())
        # Each table touched is locked and remembered by the connection: not all organisations at once.
        for start in range(0, len(present), 200):
            part = present[start : start + 200]
            query = " UNION ALL ".join(
                f"SELECT '{schema}', " + expression.format(schema=f'"{schema}"') for schema in part
            )
            cursor.execute(query, [*parameters] * len(part))
            found.update(cursor.fetchall())
    return found
