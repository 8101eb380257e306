"""The pages on which coordinators decide about what phones sent."""

import pytest

from domain.activities.models import Activity
from domain.audit.models import AuditEvent
from domain.people.models import Contact
from domain.sync.models import SyncMutation

from .test_inbox import activity, conflict, office, phone, solveig

pytestmark = pytest.mark.django_db
__all__ = ["office", "phone", "solveig"]


@pytest.fixture
def desk(east, browser_of):
    return browser_of("nhf", "coordinator@nhf.example")


def at(page: str, entry: SyncMutation) -> str:
    return f"/admin/inbox/{page}/{entry.pk}/"


def test_both_values_stand_beside_each_other_and_the_reading_is_recorded(desk, phone, east):
    entry = conflict(phone, east)
    assert entry.resource == "contacts"
    assert "Solveig" in desk.get("/admin/inbox/?open=yes").content.decode()
    page = desk.get(at("inspect", entry)).content.decode()
    buttons = ("Ta det fra telefonen", "Behold det som er her", "Rediger og ta inn")
    for words in ("Oslo", "Bergen", "forskjellig", *buttons):
        assert words in page, words
    assert AuditEvent.objects.filter(action="sync-mutation.opened").exists()


def test_one_button_takes_the_phones(desk, phone, east):
    entry = conflict(phone, east)
    shown = desk.get(at("inspect", entry)).context
    sent = {"version": entry.version, "row_version": shown["row_version"]}
    assert desk.post(at("take", entry), sent).status_code == 302
    assert Contact.objects.get(pk=entry.row_id).city == "Oslo"
    assert desk.post(at("take", entry), sent).status_code == 200  # Decided already: it says so.


def test_what_is_here_can_be_kept(desk, phone, east):
    entry = conflict(phone, east)
    assert desk.get(at("keep", entry)).status_code == 200
    assert desk.post(at("keep", entry), {"version": entry.version}).status_code == 302
    entry.refresh_from_db()
    assert (entry.resolution, Contact.objects.get(pk=entry.row_id).city) == ("discarded", "Bergen")


def test_what_was_refused_can_be_edited_where_it_was_wrong(desk, phone, east, solveig):
    phone.send(activity(east, duration_minutes=-5))
    entry = SyncMutation.objects.get()
    page = desk.get(at("inspect", entry)).content.decode()
    assert "Åse Sørli" in page
    form = desk.get(at("change", entry)).context["form"]
    assert "duration_minutes" in form.fields
    values = {name: form[name].value() for name in form.fields}
    values = {name: "" if value is None else value for name, value in values.items()}
    values["started_at"] = "2026-02-10 13:00"
    wrong = desk.post(at("change", entry), {**values, "version": entry.version, "duration_minutes": "-7"})
    assert wrong.status_code == 200
    assert "duration_minutes" in wrong.context["form"].errors
    good = desk.post(at("change", entry), {**values, "version": entry.version, "duration_minutes": "45"})
    assert good.status_code == 302, good.context["form"].errors
    made = Activity.objects.get()
    assert (made.mentor_id, made.duration_minutes) == (solveig.pk, 45)
    assert [link.contact_id for link in made.contact_links.all()] == [east.contacts.grorud.pk]


def test_administrators_of_the_organisation_have_no_inbox(browser_of, phone, east):
    entry = conflict(phone, east)
    assert browser_of("nhf", "admin@nhf.example").get(at("inspect", entry)).status_code == 404
