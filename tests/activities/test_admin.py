"""Activities in the admin: registering in half a minute, reviewing, the page of one."""

import pytest

from domain.activities.models import Activity
from domain.audit.models import AuditEvent

pytestmark = pytest.mark.django_db
KARIM = "coordinator@nhf.example"


@pytest.fixture
def karim(east, solveig, browser_of):
    return browser_of("nhf", KARIM)


def text(response) -> str:
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def test_an_activity_is_registered_for_a_mentor_with_what_can_be_guessed(karim, solveig, contacts, kind):
    assert "Solveig Nilsen" in text(karim.get("/admin/activities/new/"))
    page = karim.get(f"/admin/activities/new/?mentor={solveig.pk}")
    assert "Åse Sørli" in text(page) and "Per Østby" not in text(page)
    form = page.context["form"]
    body = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    body.update(contacts=[str(contacts.grorud.pk)], type=str(kind("talk").pk))
    # What was typed stays where something has to be mended, also what is folded away.
    wrong = karim.post("/admin/activities/new/", {**body, "duration_minutes": "0", "summary": "Hverdagen."})
    assert "Hverdagen." in text(wrong) and wrong.context["form"].is_unfolded()
    answer = karim.post("/admin/activities/new/", body)
    assert answer.status_code == 302, answer.context["form"].errors
    row = Activity.objects.get()
    assert (row.status, row.is_proxy, row.mentor, row.participants) == ("submitted", True, solveig, 1)


def test_many_are_registered_with_one_form(karim, solveig, kind):
    assert "2026-11-03" in text(karim.get("/admin/activities/many/"))
    body = {
        "leaders": [str(solveig.pk)],
        "days": "2026-02-10\n2026-02-11",
        "time": "18:00",
        "type": str(kind("walk").pk),
        "duration_minutes": "90",
        "mode": "physical",
        "further_participants": "5",
    }
    assert karim.post("/admin/activities/many/", body).status_code == 302
    assert [row.local_start.hour for row in Activity.objects.all()] == [18, 18]


def test_the_queue_goes_from_one_to_the_next(karim, log, east):
    first, second = log(submit=True), log(hours=3, submit=True)
    page = text(karim.get("/admin/activities/review/"))
    assert page.index(str(first.pk)) < page.index(str(second.pk)) and "Åse Sørli" in page
    address = "/admin/activities/review/"
    body = {"activity": str(first.pk), "version": first.version, "decision": "approve"}
    answer = karim.post(address, body)
    assert answer["Location"].endswith(f"?next={second.pk}#activity-{second.pk}")
    first.refresh_from_db()
    assert (first.status, first.decided_by) == ("approved", east.coordinator)
    second.refresh_from_db()
    refused = {"activity": str(second.pk), "version": second.version, "decision": "reject", "reason": " "}
    karim.post(address, refused)
    second.refresh_from_db()
    assert second.status == "submitted"
    karim.post(address, {**refused, "reason": "Hvem var med?"})
    second.refresh_from_db()
    assert second.status == "rejected"
    assert str(second.pk) not in text(karim.get(address))
    # Gone meanwhile, or no id at all: a message, and the queue.
    assert karim.post(address, {**refused, "activity": "x"}).status_code == 302


def test_what_one_led_oneself_is_not_in_the_queue(karim, log, solveig, east):
    own = log(by=east.coordinator, leaders=[solveig, east.coordinator], submit=True)
    assert str(own.pk) not in text(karim.get("/admin/activities/review/"))


def test_the_page_says_whether_it_counts_and_opens_the_summary_on_the_record(karim, log):
    row = log(summary="Snakket om hverdagen.", submit=True)
    page = text(karim.get(f"/admin/activities/inspect/{row.pk}/"))
    assert "Kontroller hvem som ledet" in page
    assert "hverdagen" not in page
    assert "hverdagen" in text(karim.get(f"/admin/activities/summary/{row.pk}/"))
    assert AuditEvent.objects.filter(action="activity.opened", object_id=str(row.pk)).exists()


def test_an_administrator_sees_verdicts_and_no_names(log, solveig, browser_of):
    row = log(submit=True)
    admin = browser_of("nhf", "admin@nhf.example")
    page = text(admin.get(f"/admin/activities/inspect/{row.pk}/"))
    assert "Åse" not in page and "Solveig Nilsen" in page
    assert "Åse" not in text(admin.get("/admin/activities/review/"))
    assert admin.get(f"/admin/activities/summary/{row.pk}/").status_code in (302, 403)


def test_lists_pages_and_export_open(karim, log):
    row = log(hours=0.5, submit=True)
    log(submit=True)
    for address in (
        "activities/",
        "activities/?export=csv",
        f"activities/reject/{row.pk}/",
        f"activities/history/{row.pk}/",
        "activity-flags/",
        f"activity-flags/inspect/{Activity.objects.get(flags__isnull=False).flags.get().pk}/",
        f"contacts/inspect/{row.contact_links.get().contact_id}/",
    ):
        response = karim.get(f"/admin/{address}")
        assert response.status_code == 200, address
