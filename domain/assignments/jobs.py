"""Assignments follow the clock: what has expired is destroyed; coordinators are told, once."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from domain.access.coordinators import active_people, coordinators_at
from domain.access.mailing import letter
from domain.audit.rules import record
from domain.certification.jobs import coordinators_of
from domain.core.mailing import deliver_all
from domain.core.reminding import Delivery
from domain.identity.models import User
from tenants.jobs import JobContext, enqueue, job
from tenants.models import Organization
from tenants.schedules import active_organizations, every, read_schemas

from .choices import AssignmentStatus as S
from .honorarium import TELL
from .models import Assignment, HonorariumCrossing
from .queries import expired, is_in_use, kept_long_enough, unopened_too_long
from .repeating import ESCALATE
from .rules import destroy_content, expire_assignment
from .states import OPEN_STATES


def organizations_with_something_due(now: datetime) -> Iterable[Organization]:
    """Those where an assignment has expired, was kept long enough, or waits unopened for too long.

    Also where the area was switched off: what has expired is destroyed there all the same.
    """
    table, settings = Assignment._meta.db_table, "config_organizationsettings"
    organizations = {one.schema_name: one for one in active_organizations(now)}
    states = ", ".join(f"'{state}'" for state in OPEN_STATES)
    due = read_schemas(
        # Names of our own tables and values of our own lists.
        f"""EXISTS (SELECT FROM {{schema}}.{table}
            WHERE status IN ({states}) AND expires_at <= now()
            OR status = '{S.COMPLETED.value}' AND content_destroyed_at IS NULL
              AND completed_at <= now() - make_interval(
                days => (SELECT retention_assignments_days FROM {{schema}}.{settings} LIMIT 1))
            OR status = '{S.SENT.value}' AND escalated_at IS NULL AND sent_at <= now() - make_interval(
              days => (SELECT escalation_days FROM {{schema}}.{settings} LIMIT 1)))""",  # noqa: S608
        set(organizations),
        tables=[table, settings],
    )
    return [organizations[schema] for schema, is_due in due.items() if is_due]


@every(minutes=15, due=organizations_with_something_due)
@job("assignments.follow_clock", title=_("Let assignments follow the clock"), keep=False)
def follow(context: JobContext) -> dict[str, int]:
    """Destroy what has expired or was kept long enough, and ask for the reminders that are due.

    Safe to run as often as one likes: what is done already is left alone.
    """
    now = timezone.now()
    gone = sum(expire_assignment(row, now=now) for row in expired(now))
    destroyed = sum(
        destroy_content(row, by=None, reason="Kept long enough after completion")
        for row in kept_long_enough(now)
    )
    late = list(unopened_too_long(now).filter(escalated_at=None)) if is_in_use() else []
    for row in late:
        enqueue(ESCALATE, context.organization, key=str(row.pk), assignment_id=str(row.pk))
    return {"expired": gone, "destroyed": destroyed, "late": len(late)}


@job(ESCALATE, title=_("Tell that an assignment isn't opened"), atomic=False, keep=False)
def escalate(context: JobContext, assignment_id: str) -> dict[str, str]:
    """Mail the coordinator that one waits unopened. Whoever claims it first sends it; nobody a second time.

    Not one transaction: the claim is committed before the mail leaves. A worker that is killed in between
    leaves it claimed; the next attempt notes that it is uncertain, and the page of the assignment says so.
    """
    if context.attempt > 1:
        _settle_killed(UUID(assignment_id))
    with transaction.atomic():
        row = (
            unopened_too_long()
            .select_for_update(of=("self",))
            .filter(pk=UUID(assignment_id), escalated_at=None)
            .select_related("sender", "local_association")
            .first()
        )
        if row is None:
            return {}
        row.escalated_at, row.escalation = timezone.now(), Delivery.SENDING
        row.save()
        record("assignment.escalated", row, by=None, subject_ids=_people(row))
    mails = (
        (
            f"assignment-unopened.{row.pk}.{reader.pk}",
            letter(
                reader,
                context.organization,
                _("An assignment waits unopened"),
                "mail/assignment_unopened.txt",
                f"/admin/assignments/inspect/{row.pk}/",
            ),
        )
        for reader in _responsible(row)
        if reader.email
    )
    outcome = deliver_all(mails)
    _settle(row, outcome)
    return {"outcome": outcome.value if outcome else "later"}


def _settle_killed(assignment_id: UUID) -> None:
    """It was claimed by an attempt that was killed: nobody knows whether the mail left."""
    row = Assignment.objects.filter(pk=assignment_id, escalation=Delivery.SENDING).first()
    if row is not None:
        _settle(row, Delivery.UNCERTAIN)


@transaction.atomic
def _settle(row: Assignment, outcome: Delivery | None) -> None:
    """Note what became of the mail; None: it certainly wasn't sent, and the next round tries again."""
    values: dict[str, Any] = {"escalation": outcome or Delivery.NONE}
    if outcome is None:
        values["escalated_at"] = None
    mine = Assignment.objects.filter(pk=row.pk, escalation=Delivery.SENDING)
    if mine.update(**values):
        record(
            "assignment.escalation-settled",
            row,
            by=None,
            changes={"escalation": (Delivery.SENDING.value, values["escalation"].value)},
            subject_ids=_people(row),
        )


@job(TELL, title=_("Tell that a mentor has reached a honorarium threshold"), atomic=False, keep=False)
def tell_crossing(context: JobContext, crossing_id: str) -> dict[str, str]:
    """Mail the mentor's coordinators once. The name stands on the page, not in the mail."""
    rows = HonorariumCrossing.objects.filter(pk=UUID(crossing_id))
    with transaction.atomic():
        if not rows.filter(notified_at=None).update(notified_at=timezone.now(), notice=Delivery.SENDING):
            if context.attempt > 1:
                rows.filter(notice=Delivery.SENDING).update(notice=Delivery.UNCERTAIN)
            return {}
        crossing = rows.select_related("mentor", "threshold").get()
        record("honorarium-crossing.told", crossing, by=None, subject_ids=[crossing.mentor_id])
    mails = (
        (
            f"honorarium-crossing.{crossing.pk}.{reader.pk}",
            letter(
                reader,
                context.organization,
                _("A peer mentor has reached a honorarium threshold"),
                "mail/honorarium_crossing.txt",
                "/admin/honorarium/",
            ),
        )
        for reader in coordinators_of(crossing.mentor)
        if reader.email
    )
    outcome = deliver_all(mails)
    if outcome is None:
        rows.update(notified_at=None, notice=Delivery.NONE)
        raise ConnectionError("the mail server is not there")  # Tried again; nobody was told.
    rows.update(notice=outcome)
    return {"outcome": outcome.value}


def _people(row: Assignment) -> list[Any]:
    return [person for person in (row.recipient_id, row.contact_id) if person is not None]


def _responsible(row: Assignment) -> list[User]:
    """Who sent it, if they are here still; otherwise those who coordinate its association, or one above."""
    if row.sender is not None and active_people().filter(pk=row.sender_id).exists():
        return [row.sender]
    return coordinators_at(row.local_association.path)
