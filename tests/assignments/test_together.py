"""What only a committed database shows: twenty answers at once, and fifty words that are met nowhere."""

import logging
import threading
from datetime import timedelta

from django.db import connections
from django.utils import timezone
from django_tenants.utils import schema_context

from domain.assignments import opening, rules
from domain.assignments.answering import accept_assignment, decline_assignment
from domain.assignments.consent_text import current
from domain.assignments.jobs import follow
from domain.assignments.models import Assignment, AssignmentConsent
from domain.core.errors import DomainError
from domain.identity.models import User, UserSession
from domain.identity.verification import mark_verified
from tenants.db import connection
from tenants.jobs import enqueue
from tenants.models import Organization
from tests.support.canaries import leaks
from tests.support.jobs import work_off
from tests.support.rows import make_tree

MARKS = [f"Kanariø-{number:02}-oppdrag" for number in range(50)]
WORDS = current("nb").sha256


def session_of(user):
    organization = Organization.objects.get(schema_name=connection.schema_name)
    row = UserSession.objects.create(
        user=user, organization=organization, expires_at=timezone.now() + timedelta(days=1)
    )
    mark_verified(row)
    return row


def test_of_twenty_answers_at_once_one_counts(own_database):
    with schema_context("nhf"):
        mentor = User.objects.get(email="mentor@nhf.example")
        row = rules.write_assignment(
            recipient=mentor, content={"name": "X"}, local_association=make_tree().grorud, by=None
        )
        row = rules.send_assignment(row, by=None)
        row = opening.open_assignment(row, by=mentor, session=session_of(mentor)).assignment
    outcomes, gate = [], threading.Barrier(20)

    def answer(number):
        try:
            with schema_context("nhf"):
                mine = Assignment.objects.get(pk=row.pk)
                gate.wait()
                if number % 2:
                    accept_assignment(mine, text_sha256=WORDS, by=mentor)
                else:
                    decline_assignment(mine, by=mentor)
            outcomes.append("answered")
        except DomainError:
            outcomes.append("refused")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=answer, args=[number]) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["answered"] + ["refused"] * 19
    with schema_context("nhf"):
        answer_kept = AssignmentConsent.objects.get(assignment=row)
        assert Assignment.objects.get(pk=row.pk).status == answer_kept.response


def test_no_content_of_an_assignment_is_met_outside_of_its_opening(
    own_database, caplog, capsys, api_of, browser_of
):
    caplog.set_level(logging.DEBUG)
    with schema_context("nhf"):
        tree = make_tree()
        mentor = User.objects.get(email="mentor@nhf.example")
    coordinator, app, browser = (
        api_of("nhf", "coordinator@nhf.example"),
        api_of("nhf", "mentor@nhf.example"),
        browser_of("nhf", "coordinator@nhf.example"),
    )
    assert (
        app.post("/api/v1/auth/step-up/", {"password": "likeperson-demo-2026"}, format="json").status_code
        == 200
    )
    parts = ("name", "address", "phone", "medical_summary", "message")
    for at in range(0, len(MARKS), 5):
        content = dict(zip(parts, MARKS[at : at + 5], strict=True))
        if at % 10:
            body = {
                "recipient": str(mentor.pk),
                "local_association": str(tree.grorud.pk),
                "content": content,
            }
            made = coordinator.post(
                "/api/v1/assignments/", body, format="json", HTTP_IDEMPOTENCY_KEY=f"a{at}"
            )
            assert made.status_code == 201, made.content
            url = f"/api/v1/assignments/{made.json()['id']}"
            assert coordinator.post(f"{url}/send/", {}, format="json").status_code == 200
        else:
            address = f"/admin/assignments/dispatch/?local_association={tree.grorud.pk}&role_context=mentor"
            sent = browser.post(address, {**content, "recipient": str(mentor.pk)})
            assert sent.status_code == 302, sent.content
            url = (
                sent.headers["Location"]
                .replace("/admin/assignments/inspect", "/api/v1/assignments")
                .rstrip("/")
            )
            assert (
                MARKS[at]
                in browser.get(
                    url.replace("/api/v1/assignments", "/admin/assignments/content") + "/"
                ).content.decode()
            )
        opened = app.post(f"{url}/open/", {}, format="json", HTTP_IDEMPOTENCY_KEY=f"o{at}")
        assert opened.json()["content"] == content
        ending = ("withdraw", "accept", "decline")[at // 5 % 3]
        body = {"text_sha256": WORDS} if ending == "accept" else {}
        who = coordinator if ending == "withdraw" else app
        assert who.post(f"{url}/{ending}/", body, format="json").status_code == 200
        assert coordinator.get(f"{url}/").status_code == 200
        browser.get(url.replace("/api/v1/assignments", "/admin/assignments/inspect") + "/")
    with schema_context("nhf"):
        Assignment.objects.filter(status="accepted").update(expires_at=timezone.now())
        enqueue(follow.job_name, Organization.objects.get(schema_name="nhf"), key="now")
        work_off()
        assert Assignment.objects.filter(status="expired").exists()
    browser.get("/admin/assignments/?export=csv")
    said = capsys.readouterr()
    with schema_context("public"):
        assert leaks(MARKS, logged=caplog.text + said.out + said.err) == set()
