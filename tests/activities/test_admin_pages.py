"""Home visits, documents and corrections of activities in the admin."""

from datetime import date, timedelta

import pytest
from django.core import mail

from domain.activities.deciding import approve_activity, lacking_documents
from domain.activities.evidence import add_document
from domain.activities.models import Activity, HomeVisitFollowUp, HomeVisitReport
from domain.activities.rules import change_type
from domain.activities.visits import change_report, write_report
from domain.audit.models import AuditEvent
from domain.certification.queries import today_here
from domain.identity.models import User
from tenants.jobs import enqueue
from tests.support.jobs import work_off
from tests.support.rows import make_file

pytestmark = pytest.mark.django_db
KARIM = "coordinator@nhf.example"


@pytest.fixture
def karim(east, solveig, browser_of):
    return browser_of("nhf", KARIM)


def text(response) -> str:
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def typed(page) -> dict:
    """What a browser would send of the form as it is shown."""
    form = page.context["form"]
    values = {name: form[name].value() for name in form.fields}
    return {name: value for name, value in values.items() if value is not False and value not in (None, "")}


def test_a_visit_is_reported_and_what_follows_is_ticked_off_with_who_and_when(karim, log, east, contacts):
    row = log(type="home-visit", submit=True)
    address = f"/admin/activities/report/{row.pk}/"
    assert address in text(karim.get(f"/admin/activities/inspect/{row.pk}/"))
    body = typed(karim.get(address)) | {
        "health_status": "Falt i går.",
        "what_0": "Ringe kommunen",
        "version": 0,
    }
    # A line without its day is asked about, and what was typed stays.
    assert "Falt i går." in text(karim.post(address, body))
    assert not HomeVisitReport.objects.exists()
    body |= {"due_0": "2026-03-02", "what_1": "Ny avtale", "due_1": "2026-02-20"}
    assert karim.post(address, body).status_code == 302
    report = HomeVisitReport.objects.get()
    assert not AuditEvent.objects.filter(action="home-visit-report.opened").exists()

    page = karim.get(address)
    assert page.context["form"]["health_status"].value() == "Falt i går."
    assert AuditEvent.objects.filter(action="home-visit-report.opened").exists()
    kept = set(report.follow_ups.values_list("pk", flat=True))
    again = typed(page) | {"version": report.version, "health_status": "Bedre."}
    assert karim.post(address, again).status_code == 302
    assert set(report.follow_ups.values_list("pk", flat=True)) == kept
    assert karim.post(address, again).status_code == 200, "somebody has changed it meanwhile"

    listed = text(karim.get("/admin/follow-ups/"))
    assert listed.index("Ny avtale") < listed.index("Ringe kommunen") and "Åse Sørli" in listed
    assert "Ny avtale" in text(karim.get(f"/admin/contacts/inspect/{contacts.grorud.pk}/"))
    first = HomeVisitFollowUp.objects.get(what="Ny avtale")
    done = f"/admin/follow-ups/done/{first.pk}/?back={contacts.grorud.pk}"
    assert "Ny avtale" in text(karim.get(done))
    assert karim.post(done)["Location"] == f"/admin/contacts/inspect/{contacts.grorud.pk}/"
    first.refresh_from_db()
    assert first.done_by == east.coordinator and first.done_at is not None
    assert karim.post(done).status_code == 200, "it is done already"
    listed = text(karim.get("/admin/follow-ups/"))
    assert listed.index("Ringe kommunen") < listed.index("Ny avtale")
    assert "Ny avtale" not in text(karim.get("/admin/follow-ups/?state=open"))
    assert "Ny avtale" not in text(karim.get(f"/admin/contacts/inspect/{contacts.grorud.pk}/"))
    assert str(east.coordinator) in text(karim.get(f"/admin/activities/inspect/{row.pk}/"))


def test_an_administrator_reads_nothing_of_visits_and_papers(log, solveig, browser_of):
    row = log(type="home-visit", submit=True)
    follow = {"what": "Ringe kommunen", "due_on": date(2026, 3, 2)}
    report = write_report(row, by=solveig, health_status="Frisk", follow_ups=[follow])
    admin = browser_of("nhf", "admin@nhf.example")
    assert "Ringe kommunen" not in text(admin.get(f"/admin/activities/inspect/{row.pk}/"))
    for address in (
        "follow-ups/",
        "activity-documents/",
        f"follow-ups/done/{report.follow_ups.get().pk}/",
        f"activities/report/{row.pk}/",
        f"activities/edit/{row.pk}/",
    ):
        assert admin.get(f"/admin/{address}").status_code in (302, 403, 404), address


def test_a_document_is_verified_or_refused_with_a_reason_and_then_another_is_asked_for(
    karim, log, solveig, east, kind
):
    change_type(kind("talk"), changes={"required_documents": ["invitation"]}, by=None)
    row = log(submit=True)
    papers = [add_document(row, make_file(None, solveig), by=solveig) for _number in range(2)]
    assert [paper.document_type for paper in papers] == ["invitation", "other"]
    page = text(karim.get(f"/admin/activities/inspect/{row.pk}/"))
    refuse = f"/admin/activity-documents/refuse/{papers[0].pk}/"
    assert refuse in page
    assert karim.post(refuse, {"version": papers[0].version, "reason": " "}).status_code == 200
    assert karim.post(refuse, {"version": papers[0].version, "reason": "Datoen mangler."}).status_code == 302
    assert lacking_documents(row) != []
    page = text(karim.get(f"/admin/activities/inspect/{row.pk}/"))
    assert "Datoen mangler." in page and refuse not in page

    verify = f"/admin/activity-documents/verify/{papers[1].pk}/"
    assert karim.post(verify, {"version": papers[1].version}).status_code == 302
    papers[1].refresh_from_db()
    assert papers[1].verified_by == east.coordinator
    assert karim.post(verify, {"version": papers[1].version}).status_code == 200, "it is decided already"
    assert "Datoen" not in text(karim.get("/admin/activity-documents/?state=verified"))
    assert AuditEvent.objects.filter(action="activity-document.refused", reason="Datoen mangler.").exists()


def test_one_that_waits_is_corrected_and_handed_in_again(karim, log, contacts, solveig):
    both = [contacts.grorud, contacts.bergen]
    row = log(by=None, leaders=[solveig], contacts=both, submit=True, summary="Hverdagen.")
    address = f"/admin/activities/edit/{row.pk}/"
    body = typed(karim.get(address))
    assert body["contacts"] == [contacts.grorud.pk] and "summary" not in body
    body |= {"mode": "phone", "started_at": "2026-02-10 18:00", "contacts": []}
    answer = karim.post(address, body, follow=True)
    assert "Tilskuddet teller det bare når" in text(answer)
    row.refresh_from_db()
    assert (row.status, row.mode, row.counts, row.local_start.hour) == ("submitted", "phone", False, 18)
    assert list(row.leaders.values_list("user", flat=True)) == [solveig.pk]
    # Whom the caller doesn't see stays.
    assert row.contact_links.get().contact == contacts.bergen
    events = AuditEvent.objects.filter(object_id=str(row.pk)).exclude(action="activity.read").order_by("id")
    verbs = list(events.values_list("action", flat=True))
    assert verbs[-3:] == ["activity.withdrawn", "activity.changed", "activity.submitted"]
    # Who opened the page before that sees what is another by now.
    assert "Solveig" in text(karim.post(address, body))


def test_what_is_approved_is_not_corrected_before_the_approval_is_taken_back(karim, log, east):
    row = approve_activity(log(submit=True), by=east.coordinator)
    answer = karim.get(f"/admin/activities/edit/{row.pk}/")
    assert answer["Location"] == f"/admin/activities/inspect/{row.pk}/"
    assert f"edit/{row.pk}" not in text(karim.get(f"/admin/activities/inspect/{row.pk}/"))
    assert Activity.objects.get().status == "approved"


def test_coordinators_are_reminded_once_of_what_is_due_after_a_visit(nhf, log, east, contacts):
    User.objects.filter(email=KARIM).update(language="en")
    row = log(type="home-visit", submit=True)
    day = today_here()
    lines = [{"what": "Ring", "due_on": day}, {"what": "Skriv", "due_on": day + timedelta(days=9)}]
    report = write_report(row, by=None, follow_ups=lines)
    for _turn in range(2):
        enqueue("activities.follow_up", nhf, key="test")
        work_off()
    reminded = [each for each in mail.outbox if "after a home visit" in each.subject]
    assert [each.to for each in reminded] == [[KARIM]]
    assert "Ring" not in reminded[0].body
    assert [each.reminder for each in report.follow_ups.all()] == ["sent", ""]
    # Written again, what stays as it is isn't told of twice.
    change_report(report, changes={"follow_ups": lines[:1]}, by=None)
    assert [each.reminder for each in report.follow_ups.all()] == ["sent"]
