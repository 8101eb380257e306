"""Ways to people and notes that go round the scope: by what leads to them, and by what is told of them."""

import hashlib
import io
import zipfile
from datetime import date
from uuid import uuid4

import pytest

from api.models import StoredAnswer
from domain.audit.models import AuditEvent
from domain.core.errors import InvalidInput
from domain.identity.models import User
from domain.people import merging, notes, relatives, rules
from domain.people.erasing import erase_contact
from domain.people.exporting import export_contact
from domain.people.mentoring import assign_mentor
from domain.people.models import Contact, ContactMentor, Note
from tenants.db import connection

pytestmark = pytest.mark.django_db
API = "/api/v1/"
KARIM, SOLVEIG = "coordinator@nhf.example", "mentor@nhf.example"


@pytest.fixture
def solveig(east, mentor, api_of):
    """Who is assigned to Åse."""
    assign_mentor(east.contacts.grorud, user=mentor, by=None)
    return api_of("nhf", SOLVEIG)


@pytest.fixture
def eli(east):
    """The mother of Åse in Grorud and of Nils in Bergen."""
    row = relatives.register_relative(by=None, first_name="Eli")
    for contact in (east.contacts.grorud, east.contacts.bergen):
        relatives.link_relative(contact=contact, relative=row, relation="parent", by=None)
    return row


def now(row):
    return type(row).objects.get(pk=row.pk)


def test_ones_own_note_names_a_contact_while_one_sees_them_and_that_is_recorded(east, mentor, solveig):
    notes.write_own_note(by=mentor, title="Husk", body="x", contact=east.contacts.grorud)
    listed = f"{API}notes/?expand=contact"
    (row,) = solveig.get(listed).json()["results"]
    assert row["expanded"]["contact"]["last_name"] == "Sørli"
    told = AuditEvent.objects.filter(action="contact.listed", actor_id=mentor.pk)
    assert told.get().subject_ids == [east.contacts.grorud.pk]
    ContactMentor.objects.filter(user=mentor).update(valid_from="2020-01-01", valid_to="2020-02-01")
    for address in (listed, f"{API}notes/{row['id']}/?expand=contact"):
        answer = solveig.get(address)
        assert answer.status_code == 200
        assert "Sørli" not in answer.content.decode()
    assert told.count() == 1


def test_pages_of_ones_own_notes_name_no_contact_who_has_moved_away(east, browser_of):
    row = notes.write_own_note(by=east.coordinator, title="Husk", body="x", contact=east.contacts.grorud)
    browser = browser_of("nhf", KARIM)
    paths = ["/admin/notes/", f"/admin/notes/inspect/{row.pk}/", f"/admin/notes/edit/{row.pk}/"]
    assert all("Sørli" in browser.get(path).content.decode() for path in paths)
    rules.move_contact(east.contacts.grorud, to=east.tree.bergen, by=None)
    for path in paths:
        answer = browser.get(path)
        assert answer.status_code == 200
        assert "Sørli" not in answer.content.decode(), path
    form = {"title": "Husk nå", "body": "y", "version": now(row).version}
    assert browser.post(paths[2], form).status_code == 302
    assert (now(row).title, now(row).contact_id) == ("Husk nå", east.contacts.grorud.pk)


def test_a_filter_by_what_one_does_not_see_is_one_by_nothing_there_is(east, eli, api_of):
    client, foreign = api_of("nhf", KARIM), east.contacts.bergen.pk
    stranger = User.objects.create_user("stranger@elsewhere.example").pk
    assert client.get(f"{API}registered-relatives/?contact={foreign}").json()["results"] == []
    here = f"{API}registered-relatives/?contact={east.contacts.grorud.pk}"
    assert [row["first_name"] for row in client.get(here).json()["results"]] == ["Eli"]
    for path in (
        *("caregivers/?contact=", "contact-relatives/?contact=", "contact-notes/?contact="),
        *("notes/?contact=", "contact-relatives/?relative=", "mentor-statuses/?user="),
        *("contact-notes/?author=", "mentor-certifications/?user=", "declarations/?user="),
    ):
        hidden = stranger if path.endswith(("user=", "author=")) else foreign
        answer, unknown = client.get(f"{API}{path}{hidden}"), client.get(f"{API}{path}{uuid4()}")
        assert answer.status_code == unknown.status_code, path
        assert answer.json().get("errors") == unknown.json().get("errors"), path
    assert client.get(f"{API}contact-notes/?author={east.coordinator.pk}").status_code == 200


def test_who_sees_one_of_two_merged_contacts_is_not_told_the_others_name(east, api_of, browser_of):
    merging.merge_contacts(east.contacts.grorud, into=east.contacts.bergen, by=None)
    merging.merge_contacts(east.contacts.sinsen, into=east.contacts.bergen, by=None)
    answer = api_of("nhf", KARIM).patch(
        f"{API}contacts/{east.contacts.grorud.pk}/", {"city": "Oslo"}, format="json"
    )
    page = browser_of("nhf", KARIM).get(f"/admin/contacts/inspect/{east.contacts.grorud.pk}/")
    assert (answer.status_code, page.status_code) == (409, 200)
    for told in (answer, page):
        assert "Vik" not in told.content.decode()
    rules.move_contact(east.contacts.bergen, to=east.tree.sinsen, by=None)
    page = browser_of("nhf", KARIM).get(f"/admin/contacts/inspect/{east.contacts.grorud.pk}/")
    assert "Nils Vik" in page.content.decode()


def test_nobody_links_a_relative_whom_they_do_not_see(east, mentor, solveig):
    row = relatives.register_relative(by=None, first_name="Ida")
    relatives.link_relative(contact=east.contacts.bergen, relative=row, relation="parent", by=None)
    with pytest.raises(InvalidInput):
        relatives.link_relative(contact=east.contacts.grorud, relative=row, relation="parent", by=mentor)


def test_an_answer_sent_again_is_the_row_as_it_is_seen_then_and_goes_with_the_person(east, api_of, person):
    address = f"{API}contacts/{east.contacts.grorud.pk}/"
    karim, key = api_of("nhf", KARIM), {"Idempotency-Key": "b1"}
    sent = {"data": {"city": "Oslo"}, "format": "json", "headers": key}
    first = karim.patch(address, **sent)
    assert "Sørli" not in bytes(StoredAnswer.objects.get().body).decode()
    again = karim.patch(address, **sent)
    assert (again.json(), again["ETag"], again["Idempotency-Replayed"]) == (
        first.json(),
        first["ETag"],
        "true",
    )
    rules.move_contact(east.contacts.grorud, to=east.tree.bergen, by=None)
    unseen = karim.patch(address, **sent)
    assert (unseen.status_code, unseen.content) == (204, b"")
    StoredAnswer.objects.create(
        caller="x", key="b2", fingerprint=b"", status=200, body=f'["{east.contacts.grorud.pk}"]'.encode()
    )
    kept = StoredAnswer.objects.create(caller="x", key="b3", fingerprint=b"", status=200, body=b"[]")
    with connection.as_owner():
        erase_contact(east.contacts.grorud, by=None, reason="They asked for it")
    assert StoredAnswer.objects.get() == kept


def test_a_stored_answer_neither_holds_a_diagnosis_nor_lets_it_be_guessed(east, solveig):
    address, body = f"{API}contacts/{east.contacts.grorud.pk}/", b'{"diagnosis":"ME"}'
    sent = {"data": body, "content_type": "application/json", "headers": {"Idempotency-Key": "a1"}}
    assert solveig.patch(address, **sent).status_code == 200
    assert solveig.patch(address, **sent)["Idempotency-Replayed"] == "true"
    kept = StoredAnswer.objects.get()
    assert b"ME" not in bytes(kept.body)
    plain = hashlib.sha256(f"PATCH\0{address}\0\0".encode() + body).digest()
    assert bytes(kept.fingerprint) != plain


def test_a_relative_is_erased_with_the_last_link_by_who_may_erase(east, mentor, solveig):
    row = relatives.register_relative(by=mentor, first_name="Ida")
    link = relatives.link_relative(contact=east.contacts.grorud, relative=row, relation="parent", by=mentor)
    address = f"{API}contact-relatives/{link.pk}/remove/"
    assert solveig.post(address, {"erase_relative": True}, format="json").status_code == 403
    assert solveig.post(address, {"erase_relative": False}, format="json").status_code == 204
    assert now(row).first_name == "Ida"


def test_what_is_handed_out_tells_of_nobodys_own_notes(east, mentor, solveig):
    own = notes.write_own_note(by=mentor, title="Husk", body="x", contact=east.contacts.grorud)
    private = notes.add_note(
        contact=east.contacts.grorud, author=mentor, by=mentor, body="y", visibility="private"
    )
    merging.merge_contacts(now(east.contacts.grorud), into=east.contacts.sinsen, by=None)
    archive = zipfile.ZipFile(io.BytesIO(export_contact(now(east.contacts.sinsen), by=None)))
    for name in archive.namelist():
        text = archive.read(name).decode()
        assert "Åse Sørli → Per Østby" in text
        assert not any(word in text for word in (str(own.pk), str(private.pk), "people.Note")), name


def test_of_a_private_note_the_record_says_that_it_was_written(east, mentor, solveig):
    row = notes.add_note(
        contact=east.contacts.grorud,
        author=mentor,
        by=mentor,
        body="y",
        kind="interaction",
        visibility="private",
        follow_up_on=date(2026, 12, 24),
    )
    notes.change_note(row, changes={"follow_up_on": date(2026, 12, 28), "body": "z"}, by=mentor)
    notes.note_follow_up(row, by=mentor)
    said = [event.changes for event in AuditEvent.objects.filter(object_id=str(row.pk))]
    assert len(said) == 3
    assert not any(word in str(said) for word in ("2026-12-2", "interaction"))


def test_consent_that_changed_after_a_merge_stays_when_it_is_undone(east):
    alias, other = east.contacts.grorud, east.contacts.sinsen
    rules.change_contact(alias, changes={"consent_basis": "consent", "consent_on": date(2026, 1, 1)}, by=None)
    merging.merge_contacts(now(alias), into=other, by=None)
    rules.change_contact(now(other), changes={"consent_basis": "guardian"}, by=None)
    merging.undo_merge(now(alias), by=None)
    assert (now(other).consent_basis, now(other).consent_on) == ("guardian", date(2026, 1, 1))
    assert Contact.objects.filter(merged_into__isnull=False).count() == Note.objects.count() == 0
