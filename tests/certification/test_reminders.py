"""Reminders: planned with the last day, moved with it, and never sent twice."""

import socket
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.core import mail
from django.utils import timezone

from domain.audit.models import AuditEvent
from domain.certification import rules
from domain.certification.choices import ReminderOutcome
from domain.certification.jobs import organizations_with_days_turning, remind
from domain.certification.models import CertificationReminder
from domain.certification.queries import today_here
from domain.certification.reminders import (
    SENDING_TAKES,
    claim,
    due_at,
    plan_reminders,
    send_again,
    settle_abandoned,
)
from domain.core.errors import InvalidState, NotAllowed
from tenants.jobs import JobContext, enqueue
from tests.support.jobs import work_off

pytestmark = pytest.mark.django_db


def reminders(held):
    return CertificationReminder.objects.filter(certification=held).order_by("-offset_days")


def outcomes(held) -> dict[int, str]:
    return dict(reminders(held).order_by("valid_until").values_list("offset_days", "outcome"))


@pytest.fixture
def due(solveig, kind, certify):
    """A certification that ends in 30 days: that reminder is due now, and the first was missed."""
    held = certify(solveig, kind, on=today_here() - timedelta(days=365))
    CertificationReminder.objects.filter(certification=held).delete()
    type(held).objects.filter(pk=held.pk).update(valid_until=today_here() + timedelta(days=30))
    held.refresh_from_db()
    past = timezone.now() - timedelta(hours=1)
    for offset in (90, 30):
        CertificationReminder.objects.create(
            certification=held, valid_until=held.valid_until, offset_days=offset, due_at=past
        )
    return held


def follow(organization):
    enqueue("certification.follow_dates", organization, key="test")
    return work_off()


def test_issuing_plans_one_reminder_for_each_distance_in_the_morning(solveig, kind, certify):
    held = certify(solveig, kind, on=today_here())
    assert [row.offset_days for row in reminders(held)] == [90, 30, 7]
    for row in reminders(held):
        local = timezone.localtime(row.due_at)
        assert (local.hour, local.date()) == (9, held.valid_until - timedelta(days=row.offset_days))


def test_the_morning_is_the_organisations_own(nhf):
    nhf.time_zone = "Atlantic/Azores"
    nhf.save(update_fields=["time_zone"])
    due = due_at(datetime(2027, 1, 31).date(), 30)
    assert due.isoformat() == "2027-01-01T09:00:00-01:00"


def test_a_renewal_supersedes_what_was_planned_and_plans_anew(solveig, kind, certify):
    held = certify(solveig, kind, on=today_here() - timedelta(days=200))
    first = held.valid_until
    rules.tick(held, requirement="yearly_talk", by=None)
    held = rules.renew(held, by=None)
    old = reminders(held).filter(valid_until=first)
    assert set(old.values_list("outcome", flat=True)) == {ReminderOutcome.SUPERSEDED}
    new = reminders(held).filter(valid_until=held.valid_until)
    assert set(new.values_list("outcome", flat=True)) == {ReminderOutcome.PLANNED}


def test_a_date_that_comes_back_brings_back_what_was_not_sent_and_nothing_else(solveig, kind, certify):
    held = certify(solveig, kind, on=today_here())
    first = held.valid_until
    reminders(held).filter(offset_days=90).update(outcome=ReminderOutcome.SENT, sent_at=timezone.now())
    held.valid_until = first + timedelta(days=10)
    plan_reminders(held)
    held.valid_until = first
    plan_reminders(held)
    rows = reminders(held).filter(valid_until=first)
    assert dict(rows.values_list("offset_days", "outcome")) == {90: "sent", 30: "planned", 7: "planned"}


def test_what_is_past_already_is_not_made_up_for(solveig, kind, certify):
    held = certify(solveig, kind, on=today_here() - timedelta(days=720))
    assert (held.valid_until - today_here()).days < 30
    assert [row.offset_days for row in reminders(held)] in ([7], [])


def test_of_several_that_are_due_only_the_nearest_is_sent_and_only_once(nhf, due, solveig):
    assert follow(nhf)
    assert outcomes(due) == {90: ReminderOutcome.SKIPPED, 30: ReminderOutcome.SENT}
    (sent,) = [each for each in mail.outbox if each.to == [solveig.email]]
    assert "30 da" in sent.body
    assert solveig.last_name not in sent.body
    follow(nhf)
    assert len([each for each in mail.outbox if each.to == [solveig.email]]) == 1


def test_a_worker_killed_after_the_mark_leaves_it_uncertain_and_nobody_sends_it_again(nhf, due):
    row = reminders(due).get(offset_days=30)
    assert claim(row.pk) is not None  # Here the worker is killed.
    again = JobContext(UUID(int=0), nhf, 1, lambda *_: None)
    remind(again, reminder_id=str(row.pk))
    assert reminders(due).get(offset_days=30).outcome == ReminderOutcome.SENDING
    remind(replace(again, attempt=2), reminder_id=str(row.pk))
    assert mail.outbox == []
    assert reminders(due).get(offset_days=30).outcome == ReminderOutcome.UNCERTAIN
    reminders(due).filter(offset_days=30).update(outcome=ReminderOutcome.SENDING)
    assert settle_abandoned(timezone.now() + SENDING_TAKES + timedelta(minutes=1)) == 1
    follow(nhf)
    assert mail.outbox == []


def test_who_has_no_address_is_not_written_to_and_that_is_said(nhf, due, solveig):
    type(solveig).objects.filter(pk=solveig.pk).update(email=None)
    follow(nhf)
    assert outcomes(due)[30] == ReminderOutcome.NO_ADDRESS


def test_a_revoked_certificate_reminds_nobody(nhf, due, admin):
    rules.revoke(due, by=admin, reason="Left")
    follow(nhf)
    assert set(outcomes(due).values()) == {ReminderOutcome.SUPERSEDED}
    assert not [each for each in mail.outbox if "certificate from" in each.subject]


def test_only_an_organisation_with_something_due_is_asked(nhf, due, tree):
    from django_tenants.utils import schema_context

    from tenants.db import connection

    with schema_context("public"), connection.as_owner():
        named = {each.schema_name for each in organizations_with_days_turning(timezone.now())}
    assert "nhf" in named


def test_a_coordinator_sends_again_what_may_not_have_arrived_as_the_same_mail(nhf, due, solveig, karim):
    row = reminders(due).get(offset_days=30)
    with pytest.raises(InvalidState):
        send_again(row, by=karim)
    reminders(due).filter(offset_days=30).update(outcome=ReminderOutcome.UNCERTAIN)
    with pytest.raises(NotAllowed):
        send_again(row, by=solveig)

    send_again(row, by=karim)
    work_off()

    (sent,) = [each for each in mail.outbox if each.to == [solveig.email]]
    assert str(row.pk) in sent.message()["Message-ID"]
    assert reminders(due).get(offset_days=30).outcome == ReminderOutcome.SENT
    assert AuditEvent.objects.filter(action="certification-reminder.repeated", actor_id=karim.pk).exists()


def test_where_the_mail_server_is_not_there_a_reminder_waits_and_goes_out_later(nhf, due, solveig, settings):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        settings.EMAIL_PORT = free.getsockname()[1]
    settings.EMAIL_HOST, working = "127.0.0.1", settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    follow(nhf)
    assert outcomes(due)[30] == ReminderOutcome.PLANNED

    settings.EMAIL_BACKEND = working
    follow(nhf)
    assert outcomes(due)[30] == ReminderOutcome.SENT
    assert len([each for each in mail.outbox if each.to == [solveig.email]]) == 1
