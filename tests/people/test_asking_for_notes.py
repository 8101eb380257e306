"""Private notes where a person wants to see what is kept: who is asked, who releases, who reads nothing."""

import io
import json
import zipfile
from datetime import timedelta
from types import SimpleNamespace

import pytest
from cryptography.exceptions import InvalidTag
from django.core import mail
from django.utils import timezone

from domain.access.choices import Role
from domain.access.queries import scope_for
from domain.access.rules import assign_role
from domain.audit.models import AuditEvent
from domain.core.errors import InvalidInput, InvalidState, NotAllowed
from domain.core.reminding import Delivery
from domain.encryption.reading import read_sealed
from domain.people.choices import NoteVisibility
from domain.people.exporting import export_contact
from domain.people.handing_out import ask_for_copy
from domain.people.models import ContactNote, Note, NoteRequest
from domain.people.notes import (
    add_note,
    change_note,
    change_own_note,
    delete_note,
    delete_own_note,
    drop_private_notes,
    write_own_note,
)
from domain.people.requesting import (
    ANSWERED_WITHIN,
    ask_to_seal,
    confirm_sealed,
    destroy_envelopes,
    release_note,
    withhold_note,
)
from domain.people.sealing import unseal
from tests.support.jobs import work_off

pytestmark = pytest.mark.django_db

PHRASE = "fire store epler"


@pytest.fixture
def scene(east, person):
    """Karim wrote a private note and one of his own about Åse; Astrid looks after privacy."""
    officer, second = person("admin@nhf.example"), person("both@meander.example")
    assign_role(officer, Role.PRIVACY_OFFICER, by=None)
    assign_role(second, Role.ORG_ADMIN, by=None)
    karim, contact = east.coordinator, east.contacts.grorud
    private = add_note(
        contact=contact, author=karim, by=karim, body="Egne ord.", visibility=NoteVisibility.PRIVATE
    )
    own = write_own_note(by=karim, title="Husk", body="Egen tanke.", contact=contact)
    return SimpleNamespace(
        officer=officer, second=second, karim=karim, contact=contact, private=private, own=own
    )


@pytest.fixture
def asked(scene):
    ask_for_copy(scene.contact, by=scene.officer)
    return NoteRequest.objects.get(contact_note=scene.private)


def copied(scene, by=None) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(export_contact(scene.contact, by=by or scene.officer)))


def let_time_pass(**given):
    NoteRequest.objects.update(**given)


def test_the_author_of_each_private_note_is_asked_once_and_told_once(scene, asked):
    rows = NoteRequest.objects.all()
    assert {row.author_id for row in rows} == {scene.karim.pk}
    assert {(row.contact_note_id, row.own_note_id) for row in rows} == {
        (scene.private.pk, None),
        (None, scene.own.pk),
    }
    assert {row.due_on for row in rows} == {timezone.localdate() + ANSWERED_WITHIN}
    ask_for_copy(scene.contact, by=scene.officer)
    assert rows.count() == 2
    work_off()
    work_off()
    assert [message.to for message in mail.outbox] == [[scene.karim.email]]
    assert "Åse" not in mail.outbox[0].body
    assert {row.reminder for row in NoteRequest.objects.all()} == {Delivery.SENT}
    assert AuditEvent.objects.filter(action="note-request.asked").count() == 2


def test_what_its_author_releases_goes_into_the_copy_and_nothing_else_does(scene, asked):
    release_note(asked, by=scene.karim)
    packed = copied(scene)
    page, data = packed.read("data.html").decode(), json.loads(packed.read("data.json"))
    assert "Egne ord." in page
    assert "Egen tanke." not in page
    numbers = next(part["rows"] for part in data["parts"] if part["title"] == "Private notes")
    assert numbers == [{"Kept back": 1, "Released, sealed": 0}]
    asked.refresh_from_db()
    assert asked.handed_out_at is not None


def test_who_keeps_a_note_back_says_why_to_the_privacy_officer_alone(scene, asked):
    with pytest.raises(InvalidInput):
        withhold_note(asked, justification=" ", by=scene.karim)
    withhold_note(asked, justification="Nevner søsteren.", by=scene.karim)
    asked.refresh_from_db()
    for reader in (scene.karim, scene.officer):
        assert read_sealed(asked, "justification", by=reader, scope=scope_for(reader)) == "Nevner søsteren."
    with pytest.raises(NotAllowed):
        read_sealed(asked, "justification", by=scene.second, scope=scope_for(scene.second))
    assert "søsteren" not in str(AuditEvent.objects.get(action="note-request.withheld").changes)


@pytest.mark.parametrize("who", ["officer", "second"])
def test_nobody_answers_for_the_author(scene, asked, who):
    for attempt in (
        lambda by: release_note(asked, by=by),
        lambda by: withhold_note(asked, justification="Nei", by=by),
    ):
        with pytest.raises(NotAllowed):
            attempt(getattr(scene, who))


def test_a_note_that_is_asked_for_is_neither_changed_nor_deleted_until_it_was_handed_out(scene, asked):
    own = Note.objects.get(pk=scene.own.pk)
    for attempt in (
        lambda: change_note(scene.private, changes={"body": "x"}, by=scene.karim),
        lambda: change_note(scene.private, changes={"visibility": "team"}, by=scene.karim),
        lambda: delete_note(scene.private, by=scene.karim),
        lambda: change_own_note(own, changes={"contact": None}, by=scene.karim),
        lambda: delete_own_note(own, by=scene.karim),
    ):
        with pytest.raises(InvalidState) as refused:
            attempt()
        assert refused.value.code == "asked-for"
    release_note(asked, by=scene.karim)
    copied(scene)
    delete_note(scene.private, by=scene.karim)


def test_two_people_release_a_note_sealed_and_neither_reads_it(scene, asked):
    withhold_note(asked, justification="Nei.", by=scene.karim)
    ask_to_seal(asked, reason="Innsyn", by=scene.officer)
    with pytest.raises(NotAllowed):
        confirm_sealed(asked, phrase=PHRASE, by=scene.officer)
    with pytest.raises(NotAllowed):
        confirm_sealed(asked, phrase=PHRASE, by=scene.karim)
    with pytest.raises(InvalidInput):
        confirm_sealed(asked, phrase="kort", by=scene.second)
    confirm_sealed(asked, phrase=PHRASE, by=scene.second)
    packed = copied(scene)
    assert "Egne ord." not in packed.read("data.html").decode() + packed.read("data.json").decode()
    page = packed.read("sealed-notes.html").decode()
    assert "Egne ord." not in page
    envelope = NoteRequest.objects.get(pk=asked.pk).envelope
    assert json.loads(envelope)["text"] in page
    assert unseal(envelope, PHRASE).endswith("Egne ord.")
    with pytest.raises(InvalidTag):
        unseal(envelope, PHRASE + " ")
    for reader in (scene.officer, scene.second):
        with pytest.raises(NotAllowed):
            read_sealed(scene.private, "body", by=reader, scope=scope_for(reader))
    told = set(AuditEvent.objects.filter(object_id=str(asked.pk)).values_list("action", flat=True))
    assert {"note-request.seal-asked", "note-request.confirmed", "note-request.handed-out"} <= told


def test_who_knows_the_phrase_gets_no_copy_of_what_it_opens(scene, asked):
    assign_role(scene.second, Role.PRIVACY_OFFICER, by=None)
    withhold_note(asked, justification="Nei.", by=scene.karim)
    ask_to_seal(asked, reason="Innsyn", by=scene.officer)
    confirm_sealed(asked, phrase=PHRASE, by=scene.second)
    assert "sealed-notes.html" not in copied(scene, by=scene.second).namelist()


def test_nothing_is_sealed_while_the_author_may_still_answer(scene, asked):
    with pytest.raises(InvalidState) as refused:
        ask_to_seal(asked, reason="Innsyn", by=scene.officer)
    assert refused.value.code == "not-due"
    with pytest.raises(NotAllowed):
        ask_to_seal(asked, reason="Innsyn", by=scene.second)
    let_time_pass(due_on=timezone.localdate() - timedelta(days=1))
    ask_to_seal(asked, reason="Innsyn", by=scene.officer)
    # Late is better than sealed.
    release_note(asked, by=scene.karim)
    with pytest.raises(InvalidState):
        confirm_sealed(asked, phrase=PHRASE, by=scene.second)


def test_after_ninety_days_a_request_counts_no_more_and_its_envelope_goes(scene, asked):
    withhold_note(asked, justification="Nei.", by=scene.karim)
    ask_to_seal(asked, reason="Innsyn", by=scene.officer)
    confirm_sealed(asked, phrase=PHRASE, by=scene.second)
    assert destroy_envelopes() == 0
    long_ago = timezone.now() - timedelta(days=91)
    let_time_pass(created_at=long_ago, due_on=timezone.localdate() - timedelta(days=77))
    assert destroy_envelopes() == 1
    assert "sealed-notes.html" not in copied(scene).namelist()
    ask_for_copy(scene.contact, by=scene.officer)
    assert NoteRequest.objects.holding().count() == 2


def test_the_request_is_seen_by_its_author_and_the_officer_and_the_second_when_it_is_their_turn(
    scene, asked, mentor
):
    def sees(user):
        return NoteRequest.objects.visible_to(scope_for(user)).filter(pk=asked.pk).exists()

    assert [sees(each) for each in (scene.karim, scene.officer, scene.second, mentor)] == [
        True,
        True,
        False,
        False,
    ]
    withhold_note(asked, justification="Nei.", by=scene.karim)
    ask_to_seal(asked, reason="Innsyn", by=scene.officer)
    assert sees(scene.second)


def test_a_person_who_is_erased_takes_private_notes_along_whoever_asks_for_them(scene, asked):
    drop_private_notes(scene.karim)
    assert not NoteRequest.objects.exists()
    assert not ContactNote.objects.filter(pk=scene.private.pk).exists()
