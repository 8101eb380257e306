"""What a phone gets, and when."""

from datetime import timedelta

import pytest
from django.utils import timezone

from api.sync.sources import pulled_entities, tracked_tables
from domain.access.models import RoleAssignment
from domain.access.rules import assign_role, change_role, end_role
from domain.audit.models import AuditEvent
from domain.config.rules import set_area
from domain.people.models import Contact
from domain.people.rules import change_contact, move_contact
from domain.sync.models import SyncHolding, SyncView

pytestmark = pytest.mark.django_db
# Read, and not watched: the same for all, and the organisation's own row, which every request reads.
UNWATCHED = {"auth_permission", "django_content_type", "tenants_organization"}


def test_a_new_phone_gets_all_that_its_person_sees_once(phone):
    first = phone.ask().json()
    assert first["estimates"]["contacts"] == 2
    assert phone.pull()
    assert phone.names() == {"Åse", "Per"}
    assert phone.held("me") and phone.held("terminology")
    for row in phone.api.get("/api/v1/local-associations/").json()["results"]:
        assert phone.held("local-associations")[row["id"]] == row
    key = next(iter(phone.held("contacts")))
    assert phone.held("contacts")[key] == phone.api.get(f"/api/v1/contacts/{key}/").json()
    assert phone.ask().status_code == 204
    assert phone.ask()["Next-Poll-S"] == "60"


@pytest.mark.parametrize("limit", [1, 3])
def test_pages_of_any_size_bring_the_same(phone, limit):
    whole = type(phone)(phone.api)
    whole.pull()
    phone.pull(limit=limit)
    assert phone.rows == whole.rows


def test_a_change_comes_once_and_alone(phone, east):
    phone.pull()
    change_contact(east.contacts.grorud, changes={"city": "Oslo"}, by=None)
    assert phone.pull() == [("contacts", "upsert")]
    assert phone.held("contacts")[str(east.contacts.grorud.pk)]["city"] == "Oslo"
    assert phone.pull() == []


def test_an_answer_that_was_lost_is_given_again(phone, east):
    phone.pull()
    change_contact(east.contacts.grorud, changes={"city": "Oslo"}, by=None)
    lost = phone.ask().json()["changes"]
    change_contact(east.contacts.sinsen, changes={"city": "Oslo"}, by=None)
    assert len(lost) == 1
    assert phone.pull() == [("contacts", "upsert"), ("contacts", "upsert")]
    assert phone.pull() == []


def test_whoever_leaves_the_scope_is_taken_back_and_whoever_enters_comes_unchanged(phone, east, register):
    phone.pull()
    move_contact(east.contacts.grorud, to=east.tree.bergen, by=None)
    assert phone.pull() == [("contacts", "remove")]
    assert phone.reasons["contacts", str(east.contacts.grorud.pk)] == "out-of-scope"
    before = Contact.objects.get(pk=east.contacts.bergen.pk).version
    assign_role(east.coordinator, "coordinator", local_association=east.tree.west, by=None)
    phone.pull()
    assert phone.names() == {"Per", "Åse", "Nils"}
    assert phone.held("contacts")[str(east.contacts.bergen.pk)]["version"] == before


def test_a_lost_role_takes_back_what_it_showed(phone, east):
    phone.pull()
    end_role(RoleAssignment.objects.get(user=east.coordinator), by=None)
    phone.pull()
    assert phone.names() == set()
    assert phone.held("me")[str(east.coordinator.pk)]["roles"] == []


def test_an_area_that_is_off_is_taken_back_and_comes_again(phone):
    phone.pull()
    set_area(area="contacts", enabled=False, by=None)
    phone.pull()
    assert not phone.held("contacts")
    assert {reason for (name, _key), reason in phone.reasons.items() if name == "contacts"} == {
        "area-disabled"
    }
    set_area(area="contacts", enabled=True, by=None)
    phone.pull()
    assert phone.names() == {"Åse", "Per"}


def test_a_deleted_row_is_taken_back_as_deleted(phone, east, nhf):
    made = phone.api.post("/api/v1/notes/", {"title": "Husk", "body": "Ringe"}, format="json").json()
    phone.pull()
    assert phone.held("notes")[made["id"]]["body"] == "Ringe"
    assert phone.api.delete(f"/api/v1/notes/{made['id']}/").status_code == 204
    assert ("notes", "remove") in phone.pull()
    assert phone.reasons["notes", made["id"]] == "deleted"


def test_what_is_fetched_is_on_the_record(phone, east):
    before = AuditEvent.objects.filter(action="contact.fetched").count()
    phone.pull()
    events = AuditEvent.objects.filter(action="contact.fetched")
    assert events.count() == before + 1
    assert set(events.latest("pk").subject_ids) >= {east.contacts.grorud.pk, east.contacts.sinsen.pk}


def test_only_some_resources_may_be_asked_for_and_the_others_stay_where_they_are(phone, east):
    assert {resource for resource, _op in phone.pull(resources="contacts")} == {"contacts"}
    assert {resource for resource, _op in phone.pull()} > {"local-associations", "me"}
    assert phone.ask(resources="contacts,nonsense").status_code == 400


def test_dates_of_a_role_change_nothing_while_it_holds(phone, east):
    phone.pull()
    role = RoleAssignment.objects.get(user=east.coordinator)
    change_role(role, changes={"valid_to": timezone.localdate() + timedelta(days=1)}, by=None)
    phone.pull()
    assert phone.names() == {"Åse", "Per"}


def test_another_persons_checkpoint_and_a_forged_one_are_refused(phone, api_of, person, east):
    phone.pull()
    other = type(phone)(api_of("nhf", "mentor@nhf.example"))
    other.checkpoint = phone.checkpoint
    assert other.ask().status_code == 410
    assert other.ask().json()["type"] == "/problems/resync-required"
    phone.checkpoint = phone.checkpoint[:-2] + "AA"
    assert phone.ask().status_code == 400


def test_a_phone_that_the_server_no_longer_knows_begins_anew(phone):
    phone.pull()
    SyncView.objects.all().delete()
    assert phone.ask().status_code == 410
    phone.checkpoint, phone.rows = None, {}
    phone.pull()
    assert phone.names() == {"Åse", "Per"}


def test_an_older_checkpoint_than_the_last_two_is_refused(phone, east):
    phone.pull()
    old = phone.checkpoint
    for city in ("Oslo", "Moss"):
        change_contact(Contact.objects.get(pk=east.contacts.grorud.pk), changes={"city": city}, by=None)
        phone.pull()
    phone.checkpoint = old
    assert phone.ask().status_code == 410


def test_what_a_phone_holds_is_kept_in_parts(phone, east, register):
    phone.pull()
    for number in range(8):
        register(f"Ny{number}", "Person")
    phone.pull(limit=3)
    assert len(phone.names()) == 10
    parts = SyncHolding.objects.filter(resource="contacts")
    assert sum(len(part.ids) for part in parts) >= 7  # The last answer isn't acknowledged yet.
    assert all(part.ids == sorted(part.ids) and part.first == part.ids[0] for part in parts)


def test_every_table_that_decides_what_is_delivered_is_watched(east, api_of, rf):
    """A table whose changes nobody notes would leave phones with what they may no longer see."""
    from api.sync import sources

    sources._known.clear()
    for email in ("admin@nhf.example", "coordinator@nhf.example", "mentor@nhf.example"):
        assert api_of("nhf", email).get("/api/v1/sync/pull/").status_code == 200
    read = {table for tables in sources._known.values() for table in tables}
    assert read
    assert read - UNWATCHED <= tracked_tables()
    own = {view.model()._meta.db_table for view in pulled_entities().values()}
    assert own <= tracked_tables()
