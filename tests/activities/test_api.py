"""What the app sees and does with activities."""

import pytest

from domain.activities.models import Activity, HomeVisitReport
from domain.audit.models import AuditEvent
from tests.support.jobs import work_off

pytestmark = pytest.mark.django_db
API = "/api/v1/"
ADMIN, KARIM, SOLVEIG = "admin@nhf.example", "coordinator@nhf.example", "mentor@nhf.example"


@pytest.fixture
def phone(solveig, api_of):
    return api_of("nhf", SOLVEIG)


@pytest.fixture
def karim(east, api_of):
    return api_of("nhf", KARIM)


def made(response) -> dict:
    assert response.status_code == 201, response.content
    return response.json()


def body(kind, contacts, **more) -> dict:
    return {
        "type": str(kind("talk").pk),
        "started_at": "2026-02-10T13:00:00+01:00",
        "duration_minutes": 60,
        "contact_ids": [str(contacts.grorud.pk)],
        "summary": "Snakket om hverdagen.",
        **more,
    }


def test_a_mentor_logs_a_visit_from_the_phone(phone, kind, contacts, solveig):
    row = made(phone.post(f"{API}activities/", body(kind, contacts, submit=True), format="json"))
    assert (row["status"], row["day"], row["participants"]) == ("submitted", "2026-02-10", 1)
    assert row["leaders"] == [{"user": str(solveig.pk), "approved_on_day": False}]
    assert "summary" not in row and "contact_ids" not in row
    assert row["unmet"][0]["requirement"] == "led_by_mentor"
    verdict = phone.get(f"{API}activities/{row['id']}/verdict/", HTTP_ACCEPT_LANGUAGE="en").json()
    assert verdict["words"] == "Does not count for the grant."
    assert verdict["mend"] == "Check who led it: an approved peer mentor must have been among them."
    text = phone.get(f"{API}activities/{row['id']}/summary/")
    assert text.json() == {"summary": "Snakket om hverdagen."}


def test_contacts_are_named_to_those_who_see_them_and_that_is_on_the_record(
    phone, karim, api_of, kind, contacts
):
    row = made(phone.post(f"{API}activities/", body(kind, contacts), format="json"))
    address = f"{API}activities/{row['id']}/?expand=contacts,allowed_actions"
    seen = karim.get(address).json()["expanded"]
    assert [each["first_name"] for each in seen["contacts"]] == ["Åse"]
    event = AuditEvent.objects.filter(action="contact.listed").latest("id")
    assert event.subject_ids == [contacts.grorud.pk]
    hidden = api_of("nhf", ADMIN).get(address).json()["expanded"]
    assert hidden["contacts"] == []
    assert "override" in hidden["allowed_actions"] and "update" not in hidden["allowed_actions"]
    assert api_of("nhf", ADMIN).get(f"{API}activities/{row['id']}/summary/").status_code == 403


def test_a_coordinator_approves_and_rejects(phone, karim, kind, contacts):
    first = made(phone.post(f"{API}activities/", body(kind, contacts, submit=True), format="json"))
    address = f"{API}activities/{first['id']}/"
    assert phone.post(f"{address}approve/").status_code == 403
    refused = karim.post(f"{address}reject/", {}, format="json")
    assert refused.status_code == 400
    rejected = karim.post(f"{address}reject/", {"reason": "Hvem var med?"}, format="json").json()
    assert (rejected["status"], rejected["decision_reason"]) == ("rejected", "Hvem var med?")
    assert phone.patch(address, {"theme": "Hverdag"}, format="json").status_code == 200
    assert phone.post(f"{address}submit/").json()["status"] == "submitted"
    assert karim.post(f"{address}approve/").json()["status"] == "approved"
    assert phone.patch(address, {"theme": "Fest"}, format="json").status_code == 409


def test_doubts_are_listed_and_decided(phone, karim, kind, contacts):
    for _time in range(2):
        made(phone.post(f"{API}activities/", body(kind, contacts, submit=True), format="json"))
    (flag,) = karim.get(f"{API}activity-flags/?status=open").json()["results"]
    assert flag["kind"] == "duplicate"
    assert phone.get(f"{API}activity-flags/").json()["results"] == []
    assert [row["id"] for row in karim.get(f"{API}activities/?flagged=true").json()["results"]] == [
        flag["activity"]
    ]
    decided = karim.post(f"{API}activity-flags/{flag['id']}/confirm/", {"note": "To ganger"}, format="json")
    assert decided.json()["status"] == "confirmed"


def test_many_are_registered_with_one_request(karim, kind, contacts, solveig, east):
    rows = [
        body(kind, contacts, leader_ids=[str(solveig.pk)], started_at=f"2026-02-{day:02}T10:00:00Z")
        for day in (3, 4)
    ]
    answer = karim.post(f"{API}activities/bulk/", {"rows": rows}, format="json")
    assert answer.status_code == 200, answer.content
    assert Activity.objects.filter(is_proxy=True, registered_by=east.coordinator).count() == 2


@pytest.mark.parametrize(
    ("asked", "number"),
    [
        ("status=draft", 1),
        ("counts=true", 0),
        ("day_from=2026-02-10&day_to=2026-02-10", 1),
        ("day_from=2026-02-11", 0),
        ("flagged=false", 1),
        ("overridden=true", 0),
        ("search=solveig", 1),
    ],
)
def test_activities_are_found_by_what_is_known_of_them(karim, log, asked, number):
    log()
    assert len(karim.get(f"{API}activities/?{asked}").json()["results"]) == number


def test_an_urgent_visit_is_told_to_coordinators_without_a_word_about_anybody(
    phone, karim, log, mailbox_of_jobs
):
    row = log(type="home-visit")
    report = made(
        phone.post(
            f"{API}home-visit-reports/",
            {
                "activity": str(row.pk),
                "is_urgent": True,
                "health_status": "Har falt to ganger.",
                "new_follow_ups": [{"what": "Ring kommunen", "due_on": "2026-02-12"}],
            },
            format="json",
        )
    )
    assert [each["what"] for each in report["follow_ups"]] == ["Ring kommunen"]
    (mail,) = mailbox_of_jobs()
    assert mail.to == [KARIM]
    assert "falt" not in mail.body and "Åse" not in mail.body and "Solveig" not in mail.body
    content = karim.get(f"{API}home-visit-reports/{report['id']}/content/")
    assert content.json()["health_status"] == "Har falt to ganger."
    assert AuditEvent.objects.filter(action="home-visit-report.opened").exists()
    address = f"{API}home-visit-reports/{report['id']}/finish-follow-up/"
    done = karim.post(address, {"follow_up": report["follow_ups"][0]["id"]}, format="json")
    assert done.json()["follow_ups"][0]["done_at"]
    assert HomeVisitReport.objects.get().alerted_at


@pytest.fixture
def mailbox_of_jobs(mailoutbox):
    """What was mailed once the jobs have run."""

    def read():
        work_off()
        return [mail for mail in mailoutbox if "visit" in mail.subject or "besøk" in mail.subject]

    return read
