"""Certifications follow the calendar; mentors are reminded, coordinators told."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.mail import EmailMessage
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from domain.access.choices import Role
from domain.access.jobs import address_of, sender
from domain.access.models import RoleAssignment
from domain.associations.models import LocalAssociationMembership
from domain.config.choices import Area
from domain.core.mailing import deliver
from domain.identity.choices import MembershipStatus
from domain.identity.models import Membership, User
from tenants.jobs import JobContext, enqueue, job
from tenants.models import Organization
from tenants.schedules import active_organizations, every, read_schemas

from .choices import REMINDER_DAYS, CertificationStatus, MentorState, ReminderOutcome
from .models import CertificationReminder, MentorCertification, MentorStatus
from .pausing import TELL, greet_mentors, return_from_pauses
from .queries import is_in_use, today_here
from .reminders import REMIND, claim, due_reminders, release, settle, settle_abandoned, settle_killed
from .rules import follow_dates

SUBJECTS = {
    MentorState.ACTIVE: _("A peer mentor is back"),
    MentorState.PAUSED: _("A peer mentor takes a break"),
    MentorState.AUTO_PAUSED: _("A peer mentor was paused: the certificate has run out"),
}


def organizations_with_days_turning(now: datetime) -> Iterable[Organization]:
    """Those where a status, a pause or a reminder is due, give or take a day of time zones."""
    certifications, statuses = MentorCertification._meta.db_table, MentorStatus._meta.db_table
    reminders, roles = CertificationReminder._meta.db_table, RoleAssignment._meta.db_table
    areas = "config_featurearea"
    organizations = {one.schema_name: one for one in active_organizations(now)}
    due = read_schemas(
        # Names of our own tables and values of our own lists.
        f"""NOT EXISTS (SELECT FROM {{schema}}.{areas}
            WHERE area = '{Area.CERTIFICATION.value}' AND NOT enabled)
        AND (EXISTS (SELECT FROM {{schema}}.{certifications}
            WHERE status = '{CertificationStatus.VALID.value}'
              AND valid_until <= current_date + {REMINDER_DAYS[0] + 1}
            OR status = '{CertificationStatus.EXPIRING.value}' AND valid_until <= current_date)
        OR EXISTS (SELECT FROM {{schema}}.{statuses}
            WHERE status = '{MentorState.PAUSED.value}' AND returns_on <= current_date + 1)
        OR EXISTS (SELECT FROM {{schema}}.{reminders}
            WHERE outcome = '{ReminderOutcome.PLANNED.value}' AND due_at <= now()
            OR outcome = '{ReminderOutcome.SENDING.value}')
        OR EXISTS (SELECT FROM {{schema}}.{roles} r WHERE role = '{Role.PEER_MENTOR.value}'
            AND current_date + 1 >= valid_from AND (valid_to IS NULL OR valid_to >= current_date - 1)
            AND NOT EXISTS (SELECT FROM {{schema}}.{statuses} s WHERE s.user_id = r.user_id)))""",  # noqa: S608
        set(organizations),
        tables=[certifications, statuses, reminders, roles, areas],
    )
    return [organizations[schema] for schema, is_due in due.items() if is_due]


@every(minutes=60, due=organizations_with_days_turning)
@job("certification.follow_dates", title=_("Let certifications follow the calendar"), keep=False)
def follow(context: JobContext) -> dict[str, int]:
    """Write what the organisation's day has changed, and ask for the reminders that are due.

    Safe to run as often as one likes: what is written already is left alone.
    """
    if not is_in_use():
        return {}
    day, now = today_here(), timezone.now()
    done = {
        "mentors": greet_mentors(day),
        "statuses": follow_dates(day),
        "returned": return_from_pauses(day),
        "abandoned": settle_abandoned(now),
    }
    due = due_reminders(now)
    for reminder in due:
        enqueue(REMIND, context.organization, key=str(reminder.pk), reminder_id=str(reminder.pk))
    return {**done, "reminders": len(due)}


@job(REMIND, title=_("Remind a mentor of the renewal"), atomic=False, keep=False)
def remind(context: JobContext, reminder_id: str) -> dict[str, str]:
    """Mail one reminder. Whoever claims it first sends it; nobody sends it a second time by themselves.

    Not one transaction: the claim is committed before the mail leaves. A worker that is killed in between
    leaves it claimed; the next attempt finds that and notes that it is uncertain, for a person to decide.
    Where the mail server wasn't there at all, it stays planned, and the next hour tries again.
    """
    reminder = claim(UUID(reminder_id))
    if reminder is None:
        killed = context.attempt > 1 and settle_killed(UUID(reminder_id))
        return {"outcome": ReminderOutcome.UNCERTAIN.value} if killed else {}
    mentor = reminder.certification.user
    if not mentor.email or not _is_here(mentor):
        settle(reminder, ReminderOutcome.NO_ADDRESS)
        return {"outcome": ReminderOutcome.NO_ADDRESS.value}
    mail = reminder_mail(reminder, context.organization)
    outcome = deliver(mail, key=f"certification-reminder.{reminder.pk}")
    if outcome is None:
        release(reminder)
        return {"outcome": ReminderOutcome.PLANNED.value}
    settle(reminder, ReminderOutcome(outcome.value))
    return {"outcome": outcome.value}


def reminder_mail(reminder: CertificationReminder, organization: Organization) -> EmailMessage:
    """In the mentor's language: which certificate, until when. Nothing of anybody else."""
    held = reminder.certification
    with (
        translation.override(held.user.language or organization.default_language),
        timezone.override(organization.time_zone),
    ):
        values = {
            "person": held.user,
            "kind": held.kind,
            "last_day": date_format(reminder.valid_until, "DATE_FORMAT"),
            "days": (reminder.valid_until - today_here()).days,
            "organization": organization,
        }
        subject = translation.gettext("Your certificate from %(name)s expires on %(day)s") % {
            "name": organization.short_name or organization.name,
            "day": values["last_day"],
        }
        return EmailMessage(
            " ".join(subject.split()),
            render_to_string("mail/certification_reminder.txt", values),
            from_email=sender(organization.name),
            to=[held.user.email or ""],
        )


@job(TELL, title=_("Tell coordinators about a pause"), keep=False)
def tell_coordinators(context: JobContext, status_id: str, kind: str) -> dict[str, int]:
    """Mail whoever coordinates where the mentor belongs. The name stands on the page, not in the mail."""
    row = MentorStatus.objects.select_related("user").filter(pk=UUID(status_id)).first()
    if row is None:
        return {"sent": 0}
    sent = 0
    for reader in coordinators_of(row.user):
        # Whoever did it needn't be told.
        if reader.email and reader.pk != row.changed_by_id:
            _told(row, MentorState(kind), reader, context.organization).send()
            sent += 1
    return {"sent": sent}


def coordinators_of(mentor: Any) -> list[User]:
    """Those who coordinate an association that the mentor belongs to, or one above it, and are members now.

    For a mentor who belongs to none, those of the whole organisation.
    """
    paths = list(
        LocalAssociationMembership.objects.current()
        .filter(user=mentor)
        .values_list("association__path", flat=True)
    )
    above = {path[:end] for path in paths for end, sign in enumerate(path, start=1) if sign == "/"}
    near = Q(local_association__path__in=above)
    holders = RoleAssignment.objects.filter(role=Role.COORDINATOR).holding(today_here()).exclude(user=mentor)
    chosen = holders.filter(near) if above else holders.none()
    if not chosen.exists():
        chosen = holders.filter(local_association__isnull=True)
    members = Membership.objects.here().filter(status=MembershipStatus.ACTIVE, user__in=chosen.values("user"))
    return list(User.objects.filter(pk__in=members.values("user"), is_active=True).order_by("pk"))


def _told(row: MentorStatus, kind: MentorState, reader: User, organization: Organization) -> EmailMessage:
    with (
        translation.override(reader.language or organization.default_language),
        timezone.override(organization.time_zone),
    ):
        values = {
            "person": reader,
            "kind": kind.value,
            "returns_on": date_format(row.returns_on, "DATE_FORMAT") if row.returns_on else "",
            "organization": organization,
            "url": address_of(organization, f"/admin/mentor-statuses/inspect/{row.pk}/"),
        }
        return EmailMessage(
            " ".join(str(SUBJECTS[kind]).split()),
            render_to_string("mail/mentor_status.txt", values),
            from_email=sender(organization.name),
            to=[reader.email or ""],
        )


def _is_here(user: Any) -> bool:
    return Membership.objects.here().filter(user=user, status=MembershipStatus.ACTIVE).exists()
