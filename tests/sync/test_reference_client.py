"""The reference client (examples/offline-client) does what docs/sync.md says, against the running code."""

import pytest
from django_tenants.utils import schema_context

from cms.demo.organizations import PASSWORD
from domain.access.choices import Role
from domain.access.memberships import end_membership
from domain.access.models import RoleAssignment
from domain.access.rules import assign_role
from domain.files.models import FileUpload, StoredFile
from domain.identity.models import Membership, User, UserSession
from domain.identity.sessions import end_session
from domain.people.models import Contact
from domain.people.rules import change_contact, create_contact
from domain.sync.devices import end_device
from domain.sync.models import SyncDevice, SyncMutation, SyncView
from tenants.models import Organization
from tests.files.conftest import PDF
from tests.support.operation_rows import make_activity
from tests.support.rows import make_tree
from tests.sync.phones import Line, OfflineClient, SignedOut, Wiped, phone, pulling, uploading

ADMIN, COORDINATOR, MENTOR = "admin@nhf.example", "coordinator@nhf.example", "mentor@nhf.example"


@pytest.fixture
def east(own_database):
    """The tree; the coordinator of Øst, and a contact of Grorud."""
    with schema_context("nhf"):
        tree = make_tree()
        for email, role, place in (
            (COORDINATOR, Role.COORDINATOR, tree.east),
            (MENTOR, Role.PEER_MENTOR, tree.grorud),
        ):
            user = User.objects.get(email=email)
            RoleAssignment.objects.filter(user=user).delete()
            assign_role(user, role, local_association=place, by=None)
        tree.contact = create_contact(
            first_name="Åse",
            last_name="Sørli",
            local_association=tree.grorud,
            by=None,
            duplicate_checked=True,
        )
        yield tree


def contact_data(east, first_name="Kari"):
    return {"first_name": first_name, "last_name": "Nordmann", "local_association": str(east.grorud.pk)}


def stored(**values):
    with schema_context("nhf"):
        return list(Contact.objects.filter(**values))


def test_what_is_done_offline_is_seen_at_once_and_sent_when_there_is_a_line(east):
    mine, line = phone("nhf", COORDINATOR, PASSWORD)
    mine.sync()
    line.faults = ["before"]
    kari = mine.create("contacts", contact_data(east))
    note = mine.create("contact-notes", {"contact": kari, "body": "Ringte."})
    mine.update("contacts", kari, phone="+4722334455")
    assert mine.sync() > 0
    assert mine.rows("contacts")[kari]["phone"] == "+4722334455"
    assert len(mine.store.queue(state="waiting")) == 3
    assert mine.sync() == 60
    assert not mine.store.queue()
    assert not mine.store.problems()
    (row,) = stored(first_name="Kari")
    assert mine.store.id_of("contacts", kari) == str(row.pk)
    assert mine.rows("contacts")[str(row.pk)]["phone"] == row.phone == "+4722334455"
    assert mine.rows("contact-notes")[mine.store.id_of("contact-notes", note)]["body"] == "Ringte."


@pytest.mark.parametrize("fault", ["after", "twice", "before"])
def test_a_line_that_is_cut_doubles_and_loses_nothing(east, fault):
    mine, line = phone("nhf", COORDINATOR, PASSWORD)
    mine.create("contacts", contact_data(east))
    line.faults = [fault]
    mine.sync()
    line.faults = ["", fault]
    mine.sync()
    mine.sync()
    assert len(stored(first_name="Kari")) == 1
    assert not mine.store.queue()
    assert {row["first_name"] for row in mine.rows("contacts").values()} == {"Kari", "Åse"}


def test_other_fields_are_merged_and_the_same_one_is_a_conflict_that_blocks_nothing(east):
    mine, _line = phone("nhf", COORDINATOR, PASSWORD)
    mine.sync()
    row = str(east.contact.pk)
    with schema_context("nhf"):
        change_contact(Contact.objects.get(pk=row), by=None, changes={"first_name": "Aase"})
    mine.update("contacts", row, phone="+4722334455")
    mine.sync()
    assert (mine.rows("contacts")[row]["first_name"], mine.rows("contacts")[row]["phone"]) == (
        "Aase",
        "+4722334455",
    )
    with schema_context("nhf"):
        change_contact(Contact.objects.get(pk=row), by=None, changes={"phone": "+4755555555"})
    mine.update("contacts", row, phone="+4766666666")
    mine.update("contacts", row, email="aase@example.org")
    mine.sync()
    (problem,) = mine.store.problems()
    assert (problem["outcome"], mine.store.queue()) == ("conflict", [])
    assert mine.rows("contacts")[row]["phone"] == "+4755555555"
    assert mine.rows("contacts")[row]["email"] == "aase@example.org"


def test_a_row_that_is_taken_away_goes_and_the_changes_to_it_are_told(east):
    mine, _line = phone("nhf", COORDINATOR, PASSWORD)
    mine.sync()
    row = str(east.contact.pk)
    mine.update("contacts", row, phone="+4722334455")
    with schema_context("nhf"):
        RoleAssignment.objects.filter(user__email=COORDINATOR).delete()
    mine.sync()
    assert row not in mine.rows("contacts")
    assert [each["outcome"] for each in mine.store.problems()] == ["rejected"]
    with schema_context("nhf"):
        assign_role(
            User.objects.get(email=COORDINATOR), Role.COORDINATOR, local_association=east.east, by=None
        )
    mine.sync()
    assert row in mine.rows("contacts")


def test_everything_anew_keeps_the_queue_and_drops_what_is_not_there_any_more(east, monkeypatch):
    monkeypatch.setattr(pulling, "LIMIT", 5)
    mine, line = phone("nhf", COORDINATOR, PASSWORD)
    mine.sync()
    with schema_context("nhf"):
        SyncView.objects.all().delete()
        RoleAssignment.objects.filter(user__email=COORDINATOR).delete()
        assign_role(
            User.objects.get(email=COORDINATOR), Role.COORDINATOR, local_association=east.west, by=None
        )
    name = mine.create("notes", {"title": "Husk", "body": "Kaffe"})
    line.faults = ["before"]
    mine.sync()
    mine.sync()
    assert not mine.store.truth("contacts")
    assert mine.rows("notes")[mine.store.id_of("notes", name)]["body"] == "Kaffe"


def test_a_file_goes_first_in_pieces_and_what_needs_it_follows(east, monkeypatch):
    monkeypatch.setattr(uploading, "PIECE", 30)
    mine, line = phone("nhf", COORDINATOR, PASSWORD)
    with schema_context("nhf"):
        activity = make_activity(east.grorud, User.objects.get(email=COORDINATOR))
    data = {"activity": str(activity.pk), "document_type": "invitation"}
    mine.attach("activity-documents", data, content=PDF, filename="invitasjon.pdf")
    line.faults = ["after", "", "", "after"]
    for _time in range(2):
        mine.sync()
    with schema_context("nhf"):
        assert FileUpload.objects.get().received == 30
    mine.sync()
    assert (mine.store.queue(), mine.store.problems()) == ([], [])
    (document,) = mine.rows("activity-documents").values()
    with schema_context("nhf"):
        assert document["file"] == str(StoredFile.objects.get(name="invitasjon.pdf").pk)


def test_a_phone_that_was_ended_is_wiped(east):
    mine, _line = phone("nhf", COORDINATOR, PASSWORD)
    mine.sync()
    mine.attach("notes", {"title": "x", "body": "x"}, content=PDF, filename="a.pdf")
    with schema_context("nhf"):
        end_device(SyncDevice.objects.get(), by=User.objects.get(email=ADMIN), reason="Mistet på toget")
    with pytest.raises(Wiped):
        mine.sync()
    assert (mine.store.queue(), mine.store.resources(), mine.store.get("refresh_token")) == ([], [], None)


def test_a_refused_file_and_what_needs_it_are_told(east):
    mine, _line = phone("nhf", COORDINATOR, PASSWORD)
    mine.attach("notes", {"title": "x", "body": "x"}, content=b"MZ no file of ours", filename="a.pdf")
    mine.sync()
    (problem,) = mine.store.problems()
    assert problem["outcome"] == "rejected"
    assert not mine.store.queue()


def test_who_has_left_hands_in_what_waits_and_keeps_nothing(east):
    mine, _line = phone("nhf", COORDINATOR, PASSWORD)
    mine.sync()
    other, _line = phone("nhf", COORDINATOR, PASSWORD)
    other.sync()
    mine.create("contacts", contact_data(east))
    mine.attach("notes", {"title": "x", "body": "x"}, content=PDF, filename="a.pdf")
    with schema_context("nhf"):
        here = Organization.objects.get(schema_name="nhf")
        end_membership(Membership.objects.get(user__email=COORDINATOR, organization=here), by=None)
    for each in (mine, other):
        with pytest.raises(Wiped):
            each.sync()
        assert (each.store.queue(), each.store.resources()) == ([], [])
    assert not stored(first_name="Kari")
    with schema_context("nhf"):
        assert SyncMutation.objects.open().get().resource == "contacts"


def test_tokens_are_refreshed_and_an_ended_session_keeps_the_queue(east):
    mine, _line = phone("nhf", COORDINATOR, PASSWORD)
    mine.store.set("access_token", "worn out")
    before = mine.store.get("refresh_token")
    mine.sync()
    assert mine.store.get("refresh_token") != before
    mine.create("contacts", contact_data(east))
    with schema_context("nhf"):
        for session in UserSession.objects.all():
            end_session(session, reason="test")
    with pytest.raises(SignedOut):
        mine.sync()
    mine.sign_in(COORDINATOR, PASSWORD)
    mine.sync()
    assert len(stored(first_name="Kari")) == 1


def test_who_signs_in_on_anothers_phone_finds_nothing_of_theirs(east, tmp_path):
    path = tmp_path / "phone.sqlite"
    mine, _line = phone("nhf", COORDINATOR, PASSWORD, path=path)
    mine.sync()
    mine.create("contacts", contact_data(east))
    device = mine.store.get("device_id")
    other = OfflineClient("http://nhf.localhost", path, transport=Line())
    assert len(other.store.queue()) == 1
    other.sign_in(MENTOR, PASSWORD)
    assert (other.store.queue(), other.store.truth("contacts")) == ([], {})
    assert other.store.get("device_id") != device
