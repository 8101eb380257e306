"""Reminding once of rows whose day has come: finding who has some, claiming, sending, settling.

For models that are `Reminded` (docs/jobs.md, "Mail that is sent once").
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.core.mail import EmailMessage
from django.db import models, transaction
from django.utils import timezone

from tenants.models import Organization
from tenants.schedules import active_organizations, read_schemas

from .mailing import deliver_all
from .reminding import Delivery, Reminded


def organizations_where(
    model: type[Reminded], condition: str
) -> Callable[[datetime], Iterable[Organization]]:
    """For a schedule: those with a row nobody was reminded of, for which an SQL condition of ours holds."""

    def due(now: datetime) -> Iterable[Organization]:
        organizations = {one.schema_name: one for one in active_organizations(now)}
        table = model._meta.db_table
        found = read_schemas(
            f"EXISTS (SELECT FROM {{schema}}.{table} WHERE reminded_at IS NULL AND {condition})",
            set(organizations),
            tables=[table],
        )
        return [organizations[schema] for schema, is_due in found.items() if is_due]

    return due


def remind_once(
    rows: models.QuerySet[Any],
    *,
    attempt: int,
    told: Callable[[Any], None],
    mails: Callable[[list[Any]], Iterable[tuple[str, EmailMessage]]],
) -> Delivery | None:
    """Claim those of `rows` that nobody was reminded of, send the mails about them, and settle.

    Whoever claims them first sends; nobody a second time. The claim is committed before the mail leaves, with
    the event that `told` writes of each row; one whose worker was killed becomes uncertain at the second
    `attempt`. None where nothing was to be sent, or where it certainly wasn't and may be tried again later.
    Not to be called in a transaction.
    """
    with transaction.atomic():
        if attempt > 1:
            rows.filter(reminder=Delivery.SENDING).update(reminder=Delivery.UNCERTAIN)
        claimed = list(rows.filter(reminded_at=None).select_for_update(of=("self",)))
        mine = rows.model._base_manager.filter(pk__in=[row.pk for row in claimed])
        mine.update(reminded_at=timezone.now(), reminder=Delivery.SENDING)
        for row in claimed:
            told(row)
    if not claimed:
        return None
    outcome = deliver_all(mails(claimed))
    if outcome is None:
        mine.update(reminded_at=None, reminder=Delivery.NONE)
    else:
        mine.update(reminder=outcome)
    return outcome
