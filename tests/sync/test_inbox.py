"""What could not be taken: who sees it, who decides, and what becomes of it."""

import pytest

from domain.activities.models import Activity, ActivityType
from domain.associations.memberships import join_association
from domain.audit.models import AuditEvent
from domain.people.mentoring import assign_mentor
from domain.people.models import Contact, Note
from domain.people.rules import change_contact
from domain.sync.models import SyncMutation
from tests.sync.pushing import Outbox, change

pytestmark = pytest.mark.django_db
INBOX = "/api/v1/sync/inbox/"


@pytest.fixture
def solveig(mentor, east):
    join_association(user=mentor, association=east.tree.grorud, by=None)
    assign_mentor(east.contacts.grorud, user=mentor, by=None)
    return mentor


@pytest.fixture
def phone(solveig, api_of) -> Outbox:
    """Of Solveig, mentor of Åse."""
    return Outbox(api_of("nhf", solveig.email))


@pytest.fixture
def office(east, api_of):
    """The API as the coordinator of Øst has it."""
    return api_of("nhf", "coordinator@nhf.example")


def conflict(phone, east) -> SyncMutation:
    """Solveig and somebody else wrote where Åse lives."""
    row = Contact.objects.get(pk=east.contacts.grorud.pk)
    change_contact(row, changes={"city": "Bergen"}, by=None)
    data = {"city": "Oslo"}
    [result] = phone.send(change("contacts", "update", id=str(row.pk), base_version=row.version, data=data))
    assert result["outcome"] == "conflict"
    return SyncMutation.objects.get()


def activity(east, **given):
    data = {
        "type": str(ActivityType.objects.get(key="talk").pk),
        "local_association": str(east.tree.grorud.pk),
        "started_at": "2026-02-10T12:00:00Z",
        "duration_minutes": 60,
        "contact_ids": [str(east.contacts.grorud.pk)],
        **given,
    }
    return change("activities", "create", client_id="a1", data=data)


def test_the_author_and_their_coordinator_see_both_values_on_the_record(phone, east, office, api_of):
    entry = conflict(phone, east)
    for api in (phone.api, office):
        assert [each["id"] for each in api.get(INBOX, {"open": "true"}).json()["results"]] == [str(entry.pk)]
        detail = api.get(f"{INBOX}{entry.pk}/").json()
        assert detail["data"] == {"city": "Oslo"}
        assert detail["server"]["city"] == "Bergen"
        assert not detail["is_hidden"]
    opened = AuditEvent.objects.get(action="sync-mutation.opened")
    assert opened.subject_ids == [entry.user_id]
    assert api_of("nhf", "admin@nhf.example").get(f"{INBOX}{entry.pk}/").status_code == 404


def test_taking_mine_writes_it_on_behalf_of_the_author(phone, east, office, person):
    entry = conflict(phone, east)
    shown = office.get(f"{INBOX}{entry.pk}/").json()
    answer = office.post(
        f"{INBOX}{entry.pk}/apply/", {"row_version": shown["server"]["version"]}, format="json"
    )
    assert (answer.status_code, answer.json()["resolution"]) == (200, "mine")
    assert Contact.objects.get(pk=entry.row_id).city == "Oslo"
    event = AuditEvent.objects.filter(action="contact.changed", object_id=str(entry.row_id)).latest("at")
    office_id = person("coordinator@nhf.example").pk
    assert (event.actor_id, event.on_behalf_of_id) == (office_id, entry.user_id)
    entry.refresh_from_db()
    assert entry.content is None
    again = office.post(f"{INBOX}{entry.pk}/apply/", {}, format="json")
    assert (again.status_code, again.json()["type"]) == (409, "/problems/invalid-state")


def test_taking_theirs_leaves_what_is_there(phone, east):
    entry = conflict(phone, east)
    answer = phone.api.post(f"{INBOX}{entry.pk}/discard/", {}, format="json", HTTP_IF_MATCH='"999"')
    assert answer.status_code == 412
    assert phone.api.post(f"{INBOX}{entry.pk}/discard/", {}, format="json").status_code == 200
    assert Contact.objects.get(pk=entry.row_id).city == "Bergen"
    assert AuditEvent.objects.filter(action="sync-mutation.discarded").exists()
    assert phone.api.get(INBOX, {"open": "true"}).json()["results"] == []


def test_what_changed_again_meanwhile_is_not_overwritten_unseen(phone, east, office):
    entry = conflict(phone, east)
    shown = office.get(f"{INBOX}{entry.pk}/").json()["server"]["version"]
    change_contact(Contact.objects.get(pk=entry.row_id), changes={"city": "Hamar"}, by=None)
    answer = office.post(f"{INBOX}{entry.pk}/apply/", {"row_version": shown}, format="json")
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (412, "#/data/city")
    assert SyncMutation.objects.open().count() == 1


def test_an_edited_activity_stays_its_authors(phone, east, office, solveig):
    refused = activity(east, duration_minutes=-5)
    waits = change("activities", "submit", id="a1")
    results = phone.send(refused, waits)
    assert [each["outcome"] for each in results] == ["rejected", "deferred"], results
    entry = SyncMutation.objects.get()
    body = {"take": "edit", "data": {**refused["data"], "duration_minutes": 45}}
    answer = office.post(f"{INBOX}{entry.pk}/apply/", body, format="json")
    assert (answer.status_code, answer.json().get("resolution")) == (200, "edited"), answer.content
    made = Activity.objects.get()
    assert [each.user_id for each in made.leaders.all()] == [solveig.pk]
    assert (made.mentor_id, made.duration_minutes) == (solveig.pk, 45)
    # What waited on the phone for it goes on by itself.
    [again, later] = phone.send(refused, waits)
    assert (again["outcome"], again["resolution"], again["id"]) == ("duplicate", "edited", str(made.pk))
    assert later["outcome"] == "applied"


def test_what_is_still_wrong_stays_in_the_inbox(phone, east, office):
    phone.send(activity(east, duration_minutes=-5))
    entry = SyncMutation.objects.get()
    answer = office.post(f"{INBOX}{entry.pk}/apply/", {}, format="json")
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/invalid-input")
    assert SyncMutation.objects.open().count() == 1
    assert Activity.objects.count() == 0


def test_what_belongs_to_a_discarded_row_is_refused(phone, east):
    phone.send(activity(east, duration_minutes=-5))
    phone.api.post(f"{INBOX}{SyncMutation.objects.get().pk}/discard/", {}, format="json")
    [result] = phone.send(change("activities", "submit", id="a1"))
    assert (result["outcome"], result["code"]) == ("rejected", "not-found")


def test_ones_own_notes_are_nobody_elses_to_decide(phone, office, solveig):
    phone.send(change("notes", "create", data={"title": "", "body": "private"}))
    entry = SyncMutation.objects.get()
    assert office.get(INBOX).json()["results"] == []
    assert office.get(f"{INBOX}{entry.pk}/").status_code == 404
    body = {"take": "edit", "data": {"title": "t", "body": "private"}}
    assert phone.api.post(f"{INBOX}{entry.pk}/apply/", body, format="json").status_code == 200
    assert Note.objects.get().author_id == solveig.pk


def test_what_is_about_rows_one_does_not_see_stays_closed(phone, east, office, solveig, tree):
    assign_mentor(east.contacts.bergen, user=solveig, by=None)
    phone.send(change("contacts", "update", id=str(east.contacts.bergen.pk), data={"birth_year": 3}))
    entry = SyncMutation.objects.get()
    detail = office.get(f"{INBOX}{entry.pk}/").json()
    assert (detail["is_hidden"], detail["data"], detail["server"]) == (True, None, None)
    answer = office.post(f"{INBOX}{entry.pk}/apply/", {}, format="json")
    assert answer.status_code == 404
    assert phone.api.get(f"{INBOX}{entry.pk}/").json()["data"] == {"birth_year": 3}


def test_the_mapping_of_names_can_be_fetched(phone, east, office):
    phone.send(activity(east))
    made = Activity.objects.get()
    [row] = phone.api.get("/api/v1/sync/client-ids/", {"device_id": "phone-1"}).json()["results"]
    assert (row["resource"], row["client_id"], row["server_id"]) == ("activities", "a1", str(made.pk))
    assert phone.api.get("/api/v1/sync/client-ids/", {"device_id": "other"}).json()["results"] == []
    assert office.get("/api/v1/sync/client-ids/").json()["results"] == []
