"""What a phone sends: done once each, refused alone, merged by field."""

import pytest

from domain.activities.models import Activity
from domain.audit.models import AuditEvent
from domain.people.models import Contact, Note
from domain.people.rules import change_contact
from domain.sync.models import ClientIdMapping, SyncDevice, SyncMutation
from tests.sync.pushing import PUSH, Outbox, change

pytestmark = pytest.mark.django_db


@pytest.fixture
def outbox(east, api_of) -> Outbox:
    """Of the coordinator of Øst."""
    return Outbox(api_of("nhf", "coordinator@nhf.example"))


@pytest.fixture
def note_of():
    return lambda **given: change("notes", "create", data={"title": "Bring keys", "body": "b", **given})


def test_a_new_row_is_made_with_its_record(outbox, note_of):
    [result] = outbox.send(note_of())
    row = Note.objects.get(pk=result["id"])
    assert (result["outcome"], result["version"]) == ("applied", row.version)
    assert AuditEvent.objects.filter(action="note.created", object_id=str(row.pk)).count() == 1


def test_what_is_sent_again_is_done_once_and_answered_alike(outbox, note_of):
    sent = [note_of(), note_of(title="Second")]
    first, again = outbox.send(*sent), outbox.send(*sent)
    assert [each["outcome"] for each in again] == ["duplicate", "duplicate"]
    assert [each["answer"] for each in again] == ["applied", "applied"]
    assert [(each["id"], each["version"]) for each in again] == [(e["id"], e["version"]) for e in first]
    assert Note.objects.count() == SyncMutation.objects.count() == 2


def test_twice_in_one_push_is_once(outbox, note_of):
    sent = note_of()
    results = outbox.send(sent, sent)
    assert [each["outcome"] for each in results] == ["applied", "duplicate"]
    assert Note.objects.count() == 1


def test_another_change_under_the_same_id_is_refused(outbox, note_of):
    sent = note_of()
    outbox.send(sent)
    [result] = outbox.send({**sent, "data": {"title": "Other", "body": "b"}})
    assert (result["outcome"], result["code"]) == ("rejected", "mutation-id-reused")
    assert [row.title for row in Note.objects.all()] == ["Bring keys"]


def test_a_resent_push_is_cheap(outbox, note_of, django_assert_max_num_queries):
    sent = [note_of(title=str(number)) for number in range(20)]
    outbox.send(*sent)
    with django_assert_max_num_queries(16):
        outbox.send(*sent)


def test_what_one_made_offline_can_be_changed_and_referred_to_at_once(outbox, east):
    place = str(east.tree.grorud.pk)
    results = outbox.send(
        change("contacts", "create", client_id="c1", data={"first_name": "Liv", "local_association": place}),
        change("contacts", "update", id="c1", data={"city": "Oslo"}),
        change("contacts", "update", client_id="c1", data={"last_name": "Li"}),
        change("notes", "create", client_id="n1", data={"title": "t", "body": "b", "contact": "c1"}),
    )
    assert [each["outcome"] for each in results] == ["applied"] * 4, results
    made = Contact.objects.get(pk=results[0]["id"])
    assert (made.city, made.last_name) == ("Oslo", "Li")
    assert Note.objects.get().contact_id == made.pk
    [later] = outbox.send(change("contacts", "pause", id="c1"))
    assert later["outcome"] == "applied"
    assert Contact.objects.get(pk=made.pk).status == "paused"
    assert ClientIdMapping.objects.count() == 2


def test_a_row_that_comes_after_what_refers_to_it_is_waited_for(outbox):
    results = outbox.send(
        change("notes", "update", id="n1", data={"title": "Changed"}),
        change("notes", "create", client_id="n1", data={"title": "t", "body": "b"}),
    )
    assert [each["outcome"] for each in results] == ["applied", "applied"]
    assert Note.objects.get().title == "Changed"


def test_what_belongs_to_a_refused_row_waits_on_the_phone(outbox):
    refused = change("notes", "create", client_id="n1", data={"title": "", "body": "b"})
    depends = change("notes", "update", id="n1", data={"title": "Changed"})
    first = outbox.send(refused, depends)
    assert [each["outcome"] for each in first] == ["rejected", "deferred"]
    [again] = outbox.send(depends)
    assert (again["outcome"], again["code"]) == ("deferred", "waits-for-another")
    mended = change("notes", "create", client_id="n1", data={"title": "t", "body": "b"})
    assert [each["outcome"] for each in outbox.send(mended, depends)] == ["applied", "applied"]
    assert SyncMutation.objects.open().count() == 0


def test_a_name_is_given_once(outbox, note_of):
    outbox.send({**note_of(), "client_id": "n1"})
    [result] = outbox.send({**note_of(), "client_id": "n1"})
    assert (result["outcome"], result["errors"][0]["code"]) == ("rejected", "client-id-taken")


def test_another_phones_names_mean_nothing_here(outbox, note_of, api_of):
    outbox.send({**note_of(), "client_id": "n1"})
    other = Outbox(outbox.api, device_id="tablet")
    [result] = other.send(change("notes", "update", id="n1", data={"title": "x"}))
    assert (result["outcome"], result["code"]) == ("rejected", "not-found")
    admin = Outbox(api_of("nhf", "admin@nhf.example"))
    [result] = admin.send(change("notes", "update", id="n1", data={"title": "x"}))
    assert (result["outcome"], result["code"]) == ("rejected", "not-found")


# --- Merging


@pytest.fixture
def contact(east) -> Contact:
    return Contact.objects.get(pk=east.contacts.grorud.pk)


def update(row, version, **data):
    return change("contacts", "update", id=str(row.pk), base_version=version, data=data)


def test_other_fields_that_changed_meanwhile_are_kept(outbox, contact):
    change_contact(contact, changes={"city": "Bergen"}, by=None)
    [result] = outbox.send(update(contact, contact.version, phone="+4722000000"))
    assert result["outcome"] == "merged"
    contact.refresh_from_db()
    assert (contact.city, contact.phone) == ("Bergen", "+4722000000")
    assert result["version"] == contact.version


def test_the_same_field_changed_on_both_sides_is_written_by_neither(outbox, contact):
    change_contact(contact, changes={"city": "Bergen"}, by=None)
    sent = update(contact, contact.version, city="Oslo", phone="+4722000000")
    for outcome in ("conflict", "duplicate"):
        [result] = outbox.send(sent)
        assert result["outcome"] == outcome
        assert result["server"]["city"] == "Bergen"
        assert result["yours"] == {"city": "Oslo", "phone": "+4722000000"}
        assert [error["pointer"] for error in result["errors"]] == ["#/data/city"]
    contact.refresh_from_db()
    assert (contact.city, contact.phone) == ("Bergen", "+4722334455")
    assert AuditEvent.objects.filter(action="contact.read", object_id=str(contact.pk)).exists()


def test_the_same_value_on_both_sides_is_no_conflict(outbox, contact):
    change_contact(contact, changes={"city": "Oslo"}, by=None)
    [result] = outbox.send(update(contact, contact.version, city="Oslo", address="Storgata 1"))
    assert result["outcome"] == "merged"
    assert Contact.objects.get(pk=contact.pk).address == "Storgata 1"


def test_without_a_base_nothing_is_compared(outbox, contact):
    change_contact(contact, changes={"city": "Bergen"}, by=None)
    [result] = outbox.send(update(contact, None, city="Oslo"))
    assert result["outcome"] == "applied"


def test_a_field_that_is_kept_elsewhere_is_compared_by_what_is_noted_there(outbox, east):
    started = {"started_at": "2026-02-10T12:00:00Z", "local_association": str(east.tree.grorud.pk)}
    kind = outbox.api.get("/api/v1/activity-types/").json()["results"][0]["id"]
    [made] = outbox.send(change("activities", "create", data={"type": kind, "theme": "a", **started}))
    assert made["outcome"] == "applied", made
    path = f"/api/v1/activities/{made['id']}/"
    outbox.api.patch(path, {"theme": "b"}, format="json")
    with_contacts = {"contact_ids": [str(east.contacts.grorud.pk)]}

    def send(base):
        data = {**with_contacts, "summary": "s"}
        [result] = outbox.send(change("activities", "update", id=made["id"], base_version=base, data=data))
        return result

    assert send(made["version"])["outcome"] == "merged"
    assert Activity.objects.get(pk=made["id"]).theme == "b"
    result = send(made["version"])
    assert result["outcome"] == "conflict"
    assert "#/data/summary" in [error["pointer"] for error in result["errors"]]


def test_a_row_that_changed_since_is_not_deleted(outbox, note_of):
    [made] = outbox.send(note_of())
    outbox.api.patch(f"/api/v1/notes/{made['id']}/", {"title": "New"}, format="json")
    sent = change("notes", "delete", id=made["id"], base_version=made["version"])
    [result] = outbox.send(sent)
    assert (result["outcome"], result["server"]["title"]) == ("conflict", "New")
    [result] = outbox.send(change("notes", "delete", id=made["id"], base_version=result["version"]))
    assert (result["outcome"], result["version"]) == ("applied", None)
    [result] = outbox.send(change("notes", "delete", id=made["id"]))
    assert (result["outcome"], result["code"]) == ("rejected", "not-found")


# --- Of the phone


def test_a_phone_is_known_by_what_it_says_of_itself(outbox, note_of):
    answer = outbox.post(
        [note_of()], sent_at="2031-01-01T00:00:00+01:00", queued=3, oldest_queued_at="2026-11-20T08:00:00Z"
    )
    device = SyncDevice.objects.get()
    assert answer.json()["clock_ahead_seconds"] == device.clock_ahead_seconds > 300
    assert (device.queued, device.last_push_at is not None) == (3, True)
    assert AuditEvent.objects.filter(action="sync-device.added").count() == 1


def test_a_day_is_the_day_where_the_phone_was(outbox, note_of):
    outbox.send({**note_of(), "occurred_at": "2026-11-20T00:30:00+01:00"})
    row = SyncMutation.objects.get()
    assert row.occurred_offset_minutes == 60
    assert row.occurred_there.isoformat() == "2026-11-20T00:30:00+01:00"


def test_who_is_suspended_sends_nothing(outbox, note_of, person):
    from domain.identity.models import Membership

    Membership.objects.filter(user=person("coordinator@nhf.example")).update(status="suspended")
    assert outbox.api.post(PUSH, outbox.body([note_of()]), format="json").status_code == 401
