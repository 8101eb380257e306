"""What is written about contacts: who reads it, that it is sealed, and that reading it is on the record."""

import pytest

from domain.access.queries import scope_for
from domain.access.rules import assign_role
from domain.audit.models import AuditEvent
from domain.core.errors import InvalidInput, InvalidState, NotAllowed
from domain.encryption.reading import read_sealed
from domain.people.choices import NoteKind, NoteVisibility
from domain.people.mentoring import assign_mentor
from domain.people.models import Contact, ContactNote, Note
from domain.people.notes import (
    add_note,
    change_note,
    change_own_note,
    delete_note,
    drop_private_notes,
    note_follow_up,
    write_own_note,
)
from domain.people.rules import change_contact
from tenants.db import connection

pytestmark = pytest.mark.django_db


@pytest.fixture
def write(east):
    """`write("…", …)` is a note of the coordinator's about Åse."""

    def make(body: str = "Trives godt.", by=None, **values):
        by = by or east.coordinator
        return add_note(contact=east.contacts.grorud, author=by, by=by, body=body, **values)

    return make


def reads(user, row) -> str:
    return read_sealed(row, "body", by=user, scope=scope_for(user))


def test_a_note_of_the_team_is_read_by_who_follows_up_the_contact(east, mentor, write):
    note = write()
    assert reads(east.coordinator, note) == "Trives godt."
    with pytest.raises(NotAllowed):
        reads(mentor, note)
    assign_mentor(east.contacts.grorud, user=mentor, by=None)
    assert reads(mentor, note) == "Trives godt."


def test_a_private_note_is_its_authors_alone_whoever_asks(east, mentor, person, write):
    assign_mentor(east.contacts.grorud, user=mentor, by=None)
    note = write(by=mentor, visibility=NoteVisibility.PRIVATE)
    assert reads(mentor, note) == "Trives godt."
    admin = person("admin@nhf.example")
    assign_role(admin, "coordinator", by=None)
    for other in (east.coordinator, admin):
        with pytest.raises(NotAllowed):
            reads(other, note)


def test_the_words_are_in_no_column_and_not_on_the_record(write):
    note = write(body="Hemmeligheten")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM people_contactnote WHERE position('Hemmelig'::bytea in body) > 0"
        )
        assert cursor.fetchone() == (0,)
    event = AuditEvent.objects.get(action="contact-note.added", object_id=str(note.pk))
    assert "Hemmelig" not in str(event.changes)


def test_opening_a_note_is_told_to_who_asks_who_read_about_the_person(east, write):
    reads(east.coordinator, write())
    opened = AuditEvent.objects.get(action="contact-note.opened")
    assert opened.subject_ids == [east.contacts.grorud.pk]
    assert opened.actor_id == east.coordinator.pk


def test_only_the_author_changes_and_deletes_a_note(east, mentor, write):
    assign_mentor(east.contacts.grorud, user=mentor, by=None)
    note = write()
    for attempt in (
        lambda: change_note(note, changes={"body": "x"}, by=mentor),
        lambda: delete_note(note, by=mentor),
    ):
        with pytest.raises(NotAllowed):
            attempt()
    assert (
        reads(east.coordinator, change_note(note, changes={"body": "Bedre."}, by=east.coordinator))
        == "Bedre."
    )
    delete_note(note, by=east.coordinator)
    assert not ContactNote.objects.exists()


def test_whoever_may_not_read_does_not_write(east, mentor, write):
    with pytest.raises(NotAllowed):
        write(by=mentor)


def test_a_note_says_something(write):
    with pytest.raises(InvalidInput) as refused:
        write(body="  ")
    assert refused.value.field == "body"


def test_a_follow_up_is_open_until_somebody_noted_it(east, write):
    note = write(kind=NoteKind.FOLLOW_UP, follow_up_on="2026-12-01")
    note.refresh_from_db()
    assert note.is_open
    note_follow_up(note, by=east.coordinator)
    note.refresh_from_db()
    assert not note.is_open
    with pytest.raises(InvalidState):
        note_follow_up(note, by=east.coordinator)


def test_the_contact_says_whether_the_team_has_written(east, write):
    def flag() -> bool:
        return Contact.objects.get(pk=east.contacts.grorud.pk).has_notes

    private = write(visibility=NoteVisibility.PRIVATE)
    assert not flag()
    note = write()
    assert flag()
    delete_note(note, by=east.coordinator)
    assert not flag()
    change_note(private, changes={"visibility": NoteVisibility.TEAM}, by=east.coordinator)
    assert flag()


def test_a_diagnosis_is_opened_by_who_may_read_about_health(east, person):
    row = change_contact(east.contacts.grorud, changes={"diagnosis": "ME"}, by=east.coordinator)
    assert read_sealed(row, "diagnosis", by=east.coordinator, scope=scope_for(east.coordinator)) == "ME"
    officer = person("admin@nhf.example")
    assign_role(officer, "privacy_officer", by=None)
    with pytest.raises(NotAllowed):
        read_sealed(row, "diagnosis", by=officer, scope=scope_for(officer))
    event = AuditEvent.objects.get(action="contact.changed")
    assert event.changes["diagnosis"] == ["•••", "•••"]


def test_notes_of_ones_own_are_nobody_elses(east, mentor):
    note = write_own_note(by=mentor, title="Husk", body="Kjøp kort")
    assert list(Note.objects.visible_to(scope_for(mentor))) == [note]
    assert not Note.objects.visible_to(scope_for(east.coordinator)).exists()
    with pytest.raises(NotAllowed):
        change_own_note(note, changes={"title": "x"}, by=east.coordinator)


def test_a_note_of_ones_own_names_only_contacts_that_one_sees(east, mentor):
    with pytest.raises(InvalidInput):
        write_own_note(by=mentor, title="Husk", body="Ring", contact=east.contacts.grorud)


def test_private_notes_go_unread_with_who_wrote_them(east, mentor, write):
    assign_mentor(east.contacts.grorud, user=mentor, by=None)
    write(by=mentor, visibility=NoteVisibility.PRIVATE)
    team = write(by=mentor)
    write_own_note(by=mentor, title="Husk", body="Kjøp kort")
    drop_private_notes(mentor)
    assert list(ContactNote.objects.all()) == [team]
    assert not Note.objects.exists()
