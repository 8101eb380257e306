"""What is to be done after a home visit: once it is due, whoever coordinates there is reminded, once."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from domain.access.jobs import address_of, sender
from domain.audit.rules import record
from domain.certification.queries import today_here
from domain.config.choices import Area
from domain.config.queries import is_enabled
from domain.core.mailing import deliver_all
from domain.core.reminding import Delivery
from domain.identity.models import User
from tenants.jobs import JobContext, enqueue, job
from tenants.models import Organization
from tenants.schedules import active_organizations, every, read_schemas

from .jobs import coordinators_at
from .models import HomeVisitFollowUp
from .standing import people_of

REMIND = "activities.remind_of_follow_up"


def organizations_with_follow_ups_due(now: datetime) -> Iterable[Organization]:
    """Those where one is due and nobody was reminded, give or take a day of time zones."""
    organizations = {one.schema_name: one for one in active_organizations(now)}
    table = HomeVisitFollowUp._meta.db_table
    due = read_schemas(
        f"EXISTS (SELECT FROM {{schema}}.{table} WHERE done_at IS NULL AND reminded_at IS NULL "
        "AND due_on <= current_date + 1)",
        set(organizations),
        tables=[table],
    )
    return [organizations[schema] for schema, is_due in due.items() if is_due]


@every(minutes=60, due=organizations_with_follow_ups_due)
@job("activities.follow_up", title=_("Remind of what is to follow after home visits"), keep=False)
def follow_up(context: JobContext) -> dict[str, int]:
    """Ask for the reminders that are due, by the organisation's own day."""
    if not is_enabled(Area.ACTIVITIES):
        return {}
    due = HomeVisitFollowUp.objects.filter(done_at=None, reminded_at=None, due_on__lte=today_here())
    keys = list(due.values_list("pk", flat=True))
    for key in keys:
        enqueue(REMIND, context.organization, key=str(key), follow_up_id=str(key))
    return {"reminders": len(keys)}


@job(REMIND, title=_("Remind of a follow-up"), atomic=False, keep=False)
def remind(context: JobContext, follow_up_id: str) -> dict[str, str]:
    """Mail the coordinators where the visit was. Whoever claims it first sends it; nobody a second time.

    The claim is committed before the mail leaves; one whose worker was killed becomes uncertain, which the
    page of the activity shows.
    """
    rows = HomeVisitFollowUp.objects.filter(pk=UUID(follow_up_id), done_at=None)
    with transaction.atomic():
        row = rows.select_related("report__activity__local_association").first()
        claimed = rows.filter(reminded_at=None).update(reminded_at=timezone.now(), reminder=Delivery.SENDING)
        if row is None or not claimed:
            if context.attempt > 1:
                rows.filter(reminder=Delivery.SENDING).update(reminder=Delivery.UNCERTAIN)
            return {}
        activity = row.report.activity
        record("home-visit-report.reminded", row.report, by=None, subject_ids=people_of(activity))
    outcome = deliver_all(
        (f"follow-up.{row.pk}.{reader.pk}", _mail(reader, context.organization, activity))
        for reader in coordinators_at(activity.local_association.path)
        if reader.email
    )
    if outcome is None:  # The mail server isn't there: the next hour tries again.
        rows.update(reminded_at=None, reminder=Delivery.NONE)
        return {}
    rows.update(reminder=outcome)
    return {"outcome": outcome.value}


def _mail(reader: User, organization: Organization, activity: Any) -> EmailMessage:
    """In the reader's language. What is to be done, and for whom, stands on the page alone."""
    with (
        translation.override(reader.language or organization.default_language),
        timezone.override(organization.time_zone),
    ):
        values = {
            "person": reader,
            "organization": organization,
            "url": address_of(organization, f"/admin/activities/inspect/{activity.pk}/"),
        }
        return EmailMessage(
            translation.gettext("Something is to be done after a home visit"),
            render_to_string("mail/follow_up.txt", values),
            from_email=sender(organization.name),
            to=[reader.email or ""],
        )
