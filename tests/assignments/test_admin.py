"""In the admin: dispatch in two steps, what is shown of an assignment, withdrawal, what is due."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.utils import timezone

from cms.admin.assignments.dispatch import LetterForm
from domain.assignments import honorarium, opening
from domain.assignments.models import Assignment
from domain.assignments.queries import Candidate
from domain.audit.models import AuditEvent
from domain.certification import pausing
from domain.config.models import OrganizationSettings
from domain.identity.models import User
from tests.support.rows import make_assignment

from .conftest import ADMIN, CONTENT, COORDINATOR

pytestmark = pytest.mark.django_db
DISPATCH = "/admin/assignments/dispatch/"


def test_an_assignment_is_dispatched_with_what_is_known_of_the_contact(browser_of, karim, solveig, contact):
    client = browser_of("nhf", COORDINATOR)
    assert "Tone" not in client.get(DISPATCH).content.decode()
    second = f"{DISPATCH}?contact={contact.pk}&role_context=mentor"
    page = client.get(second)
    text = page.content.decode()
    for known in ("Tone Lund", "+4791000001", "Trondheimsveien 9", "Migrene"):
        assert known in text
    assert "no-store" in page["Cache-Control"]
    assert AuditEvent.objects.filter(action="contact.opened", actor_id=karim.pk).exists()
    empty = client.post(second, {"recipient": str(solveig.pk), "name": " "})
    assert (empty.status_code, Assignment.objects.count()) == (200, 0)
    sent = client.post(second, {**CONTENT, "recipient": str(solveig.pk)})
    row = Assignment.objects.get()
    assert sent["Location"] == f"/admin/assignments/inspect/{row.pk}/"
    assert (row.status, row.contact, row.sender) == ("sent", contact, karim)


def test_who_cant_be_assigned_stands_there_with_the_reason(browser_of, karim, solveig, contact):
    pausing.pause(pausing.status_of(solveig), by=karim, reason="Rest")
    client = browser_of("nhf", COORDINATOR)
    second = f"{DISPATCH}?contact={contact.pk}&role_context=mentor"
    (line,) = [
        part for part in client.get(second).content.decode().split("<input") if str(solveig.pk) in part
    ]
    assert "disabled" in line
    assert str(pausing.status_of(solveig).user) in line
    refused = client.post(second, {**CONTENT, "recipient": str(solveig.pk)})
    assert (refused.status_code, Assignment.objects.count()) == (200, 0)


def test_those_who_cant_be_assigned_stand_last():
    paused, ready = User(pk=uuid4()), User(pk=uuid4())
    form = LetterForm(mentors=[Candidate(paused, "Paused"), Candidate(ready)])
    assert [key for key, _ in form.fields["recipient"].choices] == [str(ready.pk), str(paused.pk)]


def test_the_page_of_one_never_shows_the_content_and_its_sender_may_ask_for_it(
    browser_of, bring, solveig, session
):
    row = bring("sent")
    client = browser_of("nhf", COORDINATOR)
    for page in (client.get(f"/admin/assignments/inspect/{row.pk}/"), client.get("/admin/assignments/")):
        assert page.status_code == 200
        assert not any(word in page.content.decode() for word in CONTENT.values())
    asked = client.get(f"/admin/assignments/content/{row.pk}/")
    assert all(word.split(",")[0] in asked.content.decode() for word in CONTENT.values())
    opening.open_assignment(row, by=solveig, session=session)
    assert client.get(f"/admin/assignments/content/{row.pk}/").status_code == 404
    assert browser_of("nhf", ADMIN).get(f"/admin/assignments/content/{row.pk}/").status_code == 404


def test_withdrawing_says_what_is_destroyed_and_does_it(browser_of, bring):
    row = bring("opened")
    client = browser_of("nhf", COORDINATOR)
    url = f"/admin/assignments/withdraw/{row.pk}/"
    assert "sikkerhetskopi" in client.get(url).content.decode()
    assert client.post(url, {"version": row.version, "reason": ""}).status_code == 302
    row.refresh_from_db()
    assert (row.status, row.is_erased) == ("withdrawn", True)


@pytest.mark.parametrize(("days", "said"), [(1, "leses i 1 dag til."), (90, "leses i 90 dager til.")])
def test_completing_says_how_long_the_organisation_lets_the_content_be_read(browser_of, bring, days, said):
    row = bring("accepted")
    OrganizationSettings.objects.update(retention_assignments_days=days)
    page = browser_of("nhf", COORDINATOR).get(f"/admin/assignments/complete/{row.pk}/").content.decode()
    assert said in page


def test_what_waits_too_long_is_said_in_words(browser_of, bring):
    row = bring("sent")
    Assignment.objects.filter(pk=row.pk).update(sent_at=timezone.now() - timedelta(days=12))
    page = browser_of("nhf", COORDINATOR).get("/admin/assignments/?waiting=yes").content.decode()
    assert "Uåpnet i 12 dager" in page


def test_those_of_elsewhere_dont_exist(browser_of, karim, tree, person):
    row = make_assignment(tree.bergen, person("both@meander.example"))
    client = browser_of("nhf", COORDINATOR)
    assert str(row.pk) not in client.get("/admin/assignments/").content.decode()
    for view in ("inspect", "history", "content", "send", "withdraw", "complete"):
        assert client.get(f"/admin/assignments/{view}/{row.pk}/").status_code == 404
        assert client.post(f"/admin/assignments/{view}/{row.pk}/").status_code == 404


def test_what_is_due_is_shown_and_exported(browser_of, bring, admin):
    honorarium.add_threshold(by=admin, assignments_from=1, rate=Decimal(350), valid_from=timezone.localdate())
    bring("completed")
    client = browser_of("nhf", COORDINATOR)
    assert "350,00 NOK" in client.get("/admin/honorarium/").content.decode()
    file = client.get("/admin/honorarium/?export=csv")
    assert file.content.decode().split("\r\n")[1].endswith(",1,350.00,NOK")
    assert AuditEvent.objects.filter(action="honorarium-crossing.exported").count() == 1


def test_a_threshold_is_added_and_an_overlap_refused(browser_of, admin):
    client = browser_of("nhf", ADMIN)
    url = "/admin/honorarium-thresholds/new/"
    body = {
        "assignments_from": 3,
        "rate": "350",
        "currency": "NOK",
        "period": "year",
        "valid_from": "2026-01-01",
    }
    assert client.post(url, body).status_code == 302
    again = client.post(url, body)
    assert again.status_code == 200
    assert "Det finnes allerede en terskel" in again.content.decode()
