"""Over the API: metadata in lists, content by `open` alone, answers, receipts, honoraria."""

import logging
from datetime import date
from decimal import Decimal

import pytest

from domain.assignments.choices import AssignmentStatus
from domain.assignments.consent_text import current
from domain.assignments.honorarium import add_threshold
from domain.assignments.models import AssignmentReadReceipt
from domain.config.rules import set_area
from domain.identity.models import UserSession

from .conftest import ADMIN, CONTENT, COORDINATOR, MENTOR

pytestmark = pytest.mark.django_db
V1 = "/api/v1"
PASSWORD = {"password": "likeperson-demo-2026"}


def post(client, address, body=None, **headers):
    return client.post(f"{V1}/{address}", body or {}, format="json", **headers)


def step_up(client):
    answer = post(client, "auth/step-up/", PASSWORD)
    assert answer.status_code == 200, answer.content
    return client


def test_an_assignment_goes_from_coordinator_to_mentor_and_back(api_of, karim, solveig, contact):
    coordinator, mentor = api_of("nhf", COORDINATOR), api_of("nhf", MENTOR)
    body = {"recipient": str(solveig.pk), "contact": str(contact.pk), "content": CONTENT}
    made = post(coordinator, "assignments/", body)
    assert made.status_code == 201, made.content
    assert "content" not in made.json()
    url = f"assignments/{made.json()['id']}"
    assert mentor.get(f"{V1}/{url}/").status_code == 404
    assert post(coordinator, f"{url}/send/").json()["status"] == "sent"
    listed = mentor.get(f"{V1}/assignments/?received=true&expand=allowed_actions")
    (row,) = listed.json()["results"]
    assert row["expanded"]["allowed_actions"] == ["open", "decline"]
    UserSession.objects.filter(user=solveig).update(verified_at=None)
    refused = post(mentor, f"{url}/open/")
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/step-up-required")
    step_up(mentor)
    opened = post(mentor, f"{url}/open/", HTTP_IDEMPOTENCY_KEY="once")
    assert opened.status_code == 200, opened.content
    assert opened.json()["content"] == CONTENT
    assert opened["Cache-Control"] == "no-store"
    again = post(mentor, f"{url}/open/", HTTP_IDEMPOTENCY_KEY="once")
    assert again.json()["receipt"] != opened.json()["receipt"]
    closed = post(mentor, f"{url}/close/", {"receipt": opened.json()["receipt"]})
    assert closed.status_code == 200
    words = mentor.get(f"{V1}/assignment-consent-text/?locale=nn").json()
    assert words["sha256"] == current("nn").sha256
    accepted = post(mentor, f"{url}/accept/", {"text_sha256": words["sha256"]})
    assert accepted.json()["status"] == "accepted"
    assert post(mentor, f"{url}/decline/").status_code == 409
    assert post(mentor, f"{url}/complete/").json()["status"] == "completed"
    receipts = coordinator.get(f"{V1}/assignment-read-receipts/").json()["results"]
    assert {row["closed_at"] is None for row in receipts} == {True, False}
    assert mentor.get(f"{V1}/assignment-read-receipts/").json()["results"] == []
    answers = [client.get(f"{V1}/assignment-consents/").json()["results"] for client in (mentor, coordinator)]
    assert [[row["response"] for row in found] for found in answers] == [["accepted"], ["accepted"]]


def test_who_isnt_the_recipient_sees_what_became_of_it_and_no_more(api_of, bring, person, tree):
    row = bring("sent")
    for email in (COORDINATOR, ADMIN):
        client = step_up(api_of("nhf", email))
        assert client.get(f"{V1}/assignments/{row.pk}/").json()["status"] == "sent"
        assert post(client, f"assignments/{row.pk}/open/").status_code == 403
    stranger = step_up(api_of("nhf", "both@meander.example"))
    assert post(stranger, f"assignments/{row.pk}/open/").status_code == 404
    assert AssignmentReadReceipt.objects.count() == 0
    admin = api_of("nhf", ADMIN)
    assert post(admin, f"assignments/{row.pk}/withdraw/").status_code == 403


def test_what_was_withdrawn_answers_with_words(api_of, bring, karim):
    row = bring("sent")
    withdrawn = post(api_of("nhf", COORDINATOR), f"assignments/{row.pk}/withdraw/", {"reason": "x"})
    assert withdrawn.json()["status"] == "withdrawn"
    answer = post(step_up(api_of("nhf", MENTOR)), f"assignments/{row.pk}/open/")
    assert answer.status_code == 409
    assert answer.json()["errors"][0]["code"] == "assignment-withdrawn"
    assert "innholdet er slettet for godt" in answer.json()["detail"]


def test_the_state_table_is_published(api_of, nhf):
    from api.core.actions import state_tables

    table = state_tables()["assignments"]
    steps = {row["name"]: (row["from"], row["to"]) for row in table["actions"]}
    assert steps["withdraw"] == (["draft", "sent", "opened", "accepted"], "withdrawn")
    assert set(table["states"]) == set(AssignmentStatus.values)


def test_honoraria_are_set_by_the_admin_and_read_by_the_coordinator(api_of, bring, karim, admin):
    body = {"assignments_from": 1, "rate": "350.00", "valid_from": "2020-01-01"}
    assert post(api_of("nhf", COORDINATOR), "honorarium-thresholds/", body).status_code == 403
    client = api_of("nhf", ADMIN)
    made = post(client, "honorarium-thresholds/", body)
    assert made.status_code == 201, made.content
    twice = post(client, "honorarium-thresholds/", body)
    assert twice.status_code == 400
    bring("completed")
    (line,) = api_of("nhf", COORDINATOR).get(f"{V1}/honorarium-report/").json()["lines"]
    assert (line["assignments"], line["amount"], line["currency"]) == (1, "350.00", "NOK")
    assert api_of("nhf", MENTOR).get(f"{V1}/honorarium-report/").status_code == 403
    (crossed,) = api_of("nhf", MENTOR).get(f"{V1}/honorarium-crossings/").json()["results"]
    assert crossed["threshold"] == made.json()["id"]


def test_an_area_that_is_switched_off_isnt_there(api_of, admin, bring):
    set_area(area="assignments", enabled=False, by=admin)
    client = api_of("nhf", ADMIN)
    for address in ("assignments/", "honorarium-report/", "assignment-consent-text/"):
        answer = client.get(f"{V1}/{address}")
        assert (answer.status_code, answer.json()["type"]) == (404, "/problems/feature-disabled")


def test_a_threshold_reached_is_noted_once_and_told_once(bring, admin, mailed):
    add_threshold(by=admin, assignments_from=2, rate=Decimal(500), valid_from=date(2020, 1, 1))
    bring("completed")
    assert mailed() == []
    bring("completed")
    (sent,) = mailed()
    assert "Solveig" not in sent.body + sent.subject
    bring("completed")
    assert len(mailed()) == 1


@pytest.fixture
def mailed():
    from django.core import mail

    from tests.support.jobs import work_off

    def work():
        work_off()
        return list(mail.outbox)

    return work


def test_no_content_is_logged(api_of, karim, solveig, contact, caplog):
    caplog.set_level(logging.DEBUG)
    body = {"recipient": str(solveig.pk), "contact": str(contact.pk), "content": CONTENT | {"name": 5}}
    refused = post(api_of("nhf", COORDINATOR), "assignments/", body)
    assert refused.status_code == 400
    for word in CONTENT.values():
        assert word not in refused.content.decode()
        assert word not in caplog.text
