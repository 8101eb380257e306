"""Mails of which nobody knows whether they arrived: sent again by a person, never by themselves."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from domain.activities.models import HomeVisitFollowUp
from domain.activities.visits import remind_again
from domain.assignments import honorarium
from domain.assignments.models import Assignment, HonorariumCrossing
from domain.assignments.repeating import tell_again
from domain.audit.models import AuditEvent
from domain.core.errors import InvalidState, NotAllowed
from domain.core.reminding import Delivery
from tests.support.jobs import work_off
from tests.support.rows import make_visit

pytestmark = pytest.mark.django_db


@pytest.fixture
def waiting(bring):
    """An assignment that waits unopened for ten days; of the mail about it nobody knows."""
    row = bring("sent")
    past = timezone.now() - timedelta(days=11)
    Assignment.objects.filter(pk=row.pk).update(sent_at=past, escalated_at=past, escalation="uncertain")
    row.refresh_from_db()
    return row


def test_of_an_unopened_assignment_whoever_keeps_it_sends_the_mail_again(waiting, karim, solveig):
    with pytest.raises(NotAllowed):
        tell_again(waiting, by=solveig)
    tell_again(waiting, by=karim)
    work_off()
    (sent,) = mail.outbox
    assert (sent.to, str(waiting.pk) in sent.extra_headers["Message-ID"]) == ([karim.email], True)
    waiting.refresh_from_db()
    assert waiting.escalation == Delivery.SENT
    with pytest.raises(InvalidState):
        tell_again(waiting, by=karim)
    event = AuditEvent.objects.get(action="assignment.escalation-repeated")
    assert event.changes["escalation"][0] == Delivery.UNCERTAIN


def test_nothing_is_sent_again_of_what_was_opened_meanwhile(waiting, karim):
    Assignment.objects.filter(pk=waiting.pk).update(sent_at=timezone.now())
    with pytest.raises(InvalidState):
        tell_again(waiting, by=karim)


def test_the_page_of_the_assignment_offers_it_and_the_app_does_it(waiting, karim, browser_of, api_of):
    browser = browser_of("nhf", karim.email)
    again = reverse("assignments:tell_again", args=[waiting.pk])
    assert again in browser.get(reverse("assignments:inspect", args=[waiting.pk])).content.decode()
    assert browser.get(again).status_code == 200
    api = api_of("nhf", karim.email)
    assert api.post(f"/api/v1/assignments/{waiting.pk}/tell-again/").status_code == 200
    assert again not in browser.get(reverse("assignments:inspect", args=[waiting.pk])).content.decode()


def test_of_a_home_visit_that_is_to_be_followed_up_as_well(tree, karim, solveig, browser_of):
    row = make_visit(tree.grorud, solveig).follow_ups.get()
    with pytest.raises(InvalidState):
        remind_again(row.report, follow_up=row.pk, by=karim)
    HomeVisitFollowUp.objects.filter(pk=row.pk).update(
        due_on=timezone.localdate(), reminded_at=timezone.now(), reminder=Delivery.UNCERTAIN
    )
    browser = browser_of("nhf", karim.email)
    again = reverse("home_visit_follow_ups:remind_again", args=[row.pk])
    assert again in browser.get(reverse("home_visit_follow_ups:index")).content.decode()
    browser.post(again)
    work_off()
    row.refresh_from_db()
    assert (row.reminder, len(mail.outbox)) == (Delivery.SENT, 1)
    assert AuditEvent.objects.filter(action="home-visit-report.reminder-repeated").count() == 1


def test_the_page_of_honoraria_says_who_reached_what_and_what_became_of_the_mail(
    admin, bring, karim, browser_of
):
    honorarium.add_threshold(by=admin, assignments_from=1, rate=Decimal(300), valid_from=date(2026, 1, 1))
    bring("completed")
    HonorariumCrossing.objects.update(notice=Delivery.UNCERTAIN, notified_at=timezone.now())
    page = browser_of("nhf", karim.email).get(reverse("honorarium:index")).content.decode()
    assert "Usikkert" in page or "Usikker" in page
    events = AuditEvent.objects.filter(action="honorarium-crossing.listed", actor_id=karim.pk)
    assert any(event.subject_ids for event in events)
