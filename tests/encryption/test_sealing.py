"""Writing sealed content and reading it back, by whom and on whose record."""

import copy
import json
import logging
import pickle

import pytest
from django.core.exceptions import FieldError, ValidationError
from django.core.serializers import serialize
from django.db import ProgrammingError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.audit.entities import create_entity, update_entity
from domain.audit.models import AuditEvent
from domain.core.errors import NotAllowed
from domain.encryption import envelope
from domain.encryption.entities import prepare
from domain.encryption.errors import NotSealed
from domain.encryption.models import RecordKey
from domain.encryption.reading import read_sealed, read_sealed_rows
from domain.encryption.sealed import SHOWN, Sealed
from tenants.db import connection

from .conftest import scope_of
from .notes import Note

PLAIN = "Har fått diagnosen i mars."


def stored(note: Note, column: str = "body") -> bytes:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM zz_note WHERE id = %s", [note.pk])
        return bytes(cursor.fetchone()[0])


def read(note: Note, author, column: str = "body"):
    return read_sealed(note, column, by=author, scope=scope_of(author))


def test_what_was_written_is_read_back_by_who_may(notes, write_note, author):
    note = write_note(PLAIN, health={"sleep": "poor", "pills": 3})
    again = Note.objects.get(pk=note.pk)
    assert read(again, author) == PLAIN
    assert read(again, author, "health") == {"sleep": "poor", "pills": 3}
    assert PLAIN.encode() not in stored(note)


def test_nothing_is_null_and_the_empty_text_is_content(notes, write_note, author):
    nothing, empty = write_note(None), write_note("")
    assert read(nothing, author) is None
    assert read(empty, author) == ""
    assert list(Note.objects.filter(body__isnull=True)) == [nothing]
    assert nothing.record_key is None


@pytest.mark.parametrize("text", ["æøå", "\x00\x80", "x" * 100_000, "👩‍🦽" * 1000])
def test_any_text_comes_back_as_it_was(notes, write_note, author, text):
    assert read(write_note(text), author) == text


KEY, KEY_ID = envelope.new_key(), RecordKey().pk
PLACE = envelope.Place("nhf", "zz_note", KEY_ID, "body")


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary() | st.text().map(str.encode))
def test_sealing_keeps_every_byte_and_shows_only_the_length_in_blocks(plaintext):
    sealed = envelope.seal(plaintext, KEY, KEY_ID, PLACE)
    assert envelope.unseal(sealed, KEY, PLACE) == plaintext
    assert (len(sealed) - 45) % envelope.BLOCK == 0
    assert envelope.seal(plaintext, KEY, KEY_ID, PLACE) != sealed


def test_one_key_serves_a_row_and_only_that_row(notes, write_note):
    first, second = write_note("a", health=[1]), write_note("b")
    assert first.record_key_id != second.record_key_id
    assert (first.record_key.table, first.record_key.row_id) == ("zz_note", first.pk)
    key = first.record_key_id
    first.body = "c"
    first.save()
    assert first.record_key_id == key


def test_the_rules_of_entities_write_and_record_it_without_its_content(notes, author):
    note = create_entity(Note(author_id=author.pk, title="Besøk", body=PLAIN), by=author)
    update_entity(note, by=author, values={"body": "Noe annet."})
    assert read(note, author) == "Noe annet."
    changes = [event.changes for event in AuditEvent.objects.filter(object_id=str(note.pk))]
    assert {"body": [SHOWN, SHOWN]} in changes
    assert PLAIN not in json.dumps(changes)
    assert not any("record_key" in change for change in changes)


def test_an_update_that_first_writes_content_keeps_the_new_key(notes, write_note, author):
    note = write_note(None)
    update_entity(note, by=author, values={"body": PLAIN})
    assert read(Note.objects.get(pk=note.pk), author) == PLAIN


def test_an_update_without_new_content_changes_and_records_nothing(notes, write_note, author):
    note = Note.objects.get(pk=write_note().pk)
    before = AuditEvent.objects.count()
    update_entity(note, by=author, values={"title": note.title, "body": note.body})
    assert AuditEvent.objects.count() == before


def test_many_rows_are_sealed_at_once_for_a_bulk(notes, author, django_assert_max_num_queries):
    made = [Note(author_id=author.pk, title=str(n), body=f"Nummer {n}") for n in range(50)]
    # The lock, the current key and one insert of all keys, between savepoints.
    with django_assert_max_num_queries(8), transaction.atomic():
        prepare(made)
    Note.objects.bulk_create(made)
    found = read_sealed_rows(Note, [n.pk for n in made], ["body"], by=author, scope=scope_of(author))
    assert {values["body"] for values in found.values()} == {f"Nummer {n}" for n in range(50)}


def test_plaintext_never_reaches_the_database_unsealed(notes, author, write_note):
    note = write_note()
    with pytest.raises(NotSealed):
        Note.objects.filter(pk=note.pk).update(body=PLAIN)
    with pytest.raises(NotSealed), transaction.atomic():
        Note.objects.bulk_create([Note(author_id=author.pk, title="x", body=PLAIN)])
    with pytest.raises(TypeError):
        Note(author_id=author.pk, title="x", body=b"bytes")


def test_too_long_a_text_is_refused_without_being_repeated(notes, author):
    note = Note(author_id=author.pk, title="x", body="hemmelig" * 20_000)
    with pytest.raises(ValidationError) as refused:
        note.full_clean()
    assert "hemmelig" not in str(refused.value)


# --- Reading ---------------------------------------------------------------------------------------------


def test_each_reading_is_on_the_record_of_who_it_is_about(notes, write_note, author, other):
    note = write_note(PLAIN)
    read_sealed(note, "body", by=None, scope=None)
    event = AuditEvent.objects.filter(action="sealed-content.opened").latest("at")
    assert (event.object_id, event.object_label, event.subject_ids) == (str(note.pk), "Besøk", [author.pk])
    assert event.actor_id is None


def test_without_its_event_there_is_no_content(notes, write_note, monkeypatch):
    note = write_note(PLAIN)
    with connection.as_owner(), connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE nhf.audit_auditevent "
            "ADD CONSTRAINT zz CHECK (action <> 'sealed-content.opened') NOT VALID"
        )
    with pytest.raises(Exception, match="zz"), transaction.atomic():
        read_sealed(note, "body", by=None, scope=None)


def test_who_may_not_open_a_row_is_refused(notes, write_note, other):
    note = write_note()
    with pytest.raises(NotAllowed):
        read_sealed(note, "body", by=other, scope=scope_of(other))
    assert read_sealed_rows(Note, [note.pk], ["body"], by=other, scope=scope_of(other)) == {}


def test_nobody_reads_as_the_system_or_without_a_scope(notes, write_note, other):
    note = write_note()
    with pytest.raises(ValueError, match="scope"):
        read_sealed(note, "body", by=other, scope=None)
    with pytest.raises(ValueError, match="scope"):
        read_sealed(note, "body", by=None, scope=scope_of(other))
    with pytest.raises(TypeError):
        read_sealed(note, "title", by=None, scope=None)


def test_a_page_is_opened_in_the_same_few_queries_and_as_one_event(
    notes, write_note, author, django_assert_max_num_queries
):
    made = [write_note(f"Nummer {n}") for n in range(20)]
    before = AuditEvent.objects.count()
    with django_assert_max_num_queries(4):
        found = read_sealed_rows(Note, [n.pk for n in made], ["body", "health"], by=None, scope=None)
    assert found[made[3].pk] == {"body": "Nummer 3", "health": None}
    assert AuditEvent.objects.count() == before + 1


# --- What the attribute shows ----------------------------------------------------------------------------


@pytest.mark.parametrize("saved", [True, False])
def test_the_attribute_shows_nothing_and_leaves_no_process(notes, write_note, author, caplog, saved):
    note = write_note(PLAIN) if saved else Note(author_id=author.pk, title="x", body=PLAIN)
    value = note.body
    assert isinstance(value, Sealed)
    logging.getLogger("tests").warning("note %s %r", value, {"note": note, "body": value})
    shown = [
        str(value),
        repr(value),
        f"{value:>10}",
        f"{value!r}",
        repr(vars(note)),
        caplog.text,
    ]
    assert [text for text in shown if PLAIN in text or "\\x" in text] == []
    for leaving in (value, note, [note]):
        with pytest.raises(TypeError, match="pickled"):
            pickle.dumps(leaving)
    with pytest.raises(TypeError):
        json.dumps({"body": value})
    with pytest.raises(TypeError):
        serialize("json", [note])
    assert copy.deepcopy(value) is value
    assert copy.copy(value) is value


def test_values_and_errors_show_nothing(notes, write_note, caplog):
    note = write_note(PLAIN)
    assert repr(list(Note.objects.values_list("body", flat=True))) == "[<Sealed>]"
    assert str(Note.objects.values("body")[0]["body"]) == SHOWN
    assert note.body == Note.objects.get(pk=note.pk).body
    with pytest.raises(ProgrammingError) as error, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT body::xml FROM zz_note")
    assert PLAIN not in str(error.value)


@pytest.mark.parametrize("lookup", ["body", "body__contains", "body__in", "body__startswith", "body__year"])
def test_a_sealed_column_is_not_searchable(notes, lookup):
    with pytest.raises(FieldError, match="isnull"):
        Note.objects.filter(**{lookup: "x"})
