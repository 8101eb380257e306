"""An encrypted text in a form: not shown unless the view puts it there, kept where nothing was written."""

import pytest
from django.forms import modelform_factory

from domain.encryption.reading import read_sealed

from .conftest import BODY
from .notes import Note

NoteForm = modelform_factory(Note, fields=["title", "body"])


def stored(note: Note) -> str:
    return read_sealed(note, "body", by=None, scope=None)


def test_what_is_stored_is_not_shown(notes, write_note):
    said = str(NoteForm(instance=write_note()))
    assert BODY not in said
    assert "•••" not in said
    assert "<textarea" in said


@pytest.mark.parametrize(("typed", "expected"), [("", BODY), ("Noe nytt.", "Noe nytt.")])
def test_an_empty_box_keeps_what_is_stored(notes, write_note, typed, expected):
    note = write_note()
    form = NoteForm({"title": "y", "body": typed}, instance=note)
    assert form.is_valid(), form.errors
    assert ("body" in form.changed_data) == bool(typed)
    form.save()
    assert stored(note) == expected


@pytest.mark.parametrize("typed", ["", "Noe nytt."])
def test_content_that_was_shown_can_be_emptied_and_changed(notes, write_note, typed):
    note = write_note()
    initial = {"body": stored(note)}
    assert BODY in str(NoteForm(instance=note, initial=initial))
    form = NoteForm({"title": "y", "body": typed}, instance=note, initial=initial)
    assert form.is_valid(), form.errors
    form.save()
    assert stored(note) == typed


def test_a_new_row_is_sealed_from_a_form(notes, author):
    form = NoteForm({"title": "y", "body": "Fra et skjema."}, instance=Note(author_id=author.pk))
    assert form.is_valid(), form.errors
    assert stored(form.save()) == "Fra et skjema."


def test_a_text_that_is_too_long_is_refused_by_the_box(notes, author):
    form = NoteForm({"title": "y", "body": "x" * 100_001}, instance=Note(author_id=author.pk))
    assert list(form.errors) == ["body"]


def test_the_checks_of_an_encrypted_column_pass(notes):
    assert [fault for field in Note.encrypted_fields() for fault in field.check()] == []
