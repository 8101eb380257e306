"""Ciphertext that isn't where it was written, and keys that aren't what they were."""

import logging
import sys
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import transaction
from django.db.utils import DatabaseError
from django.views.debug import ExceptionReporter
from django_tenants.utils import schema_context

from domain.audit.models import AuditEvent
from domain.encryption.entities import prepare
from domain.encryption.errors import CiphertextRefused, ContentErased, KeyUnavailable
from domain.encryption.keys import forget
from domain.encryption.models import OrganizationKey, RecordKey
from domain.encryption.reading import read_sealed, read_sealed_rows
from domain.encryption.rules import shred, shred_rows
from tenants.db import connection
from tenants.models import DestroyedKey

from .conftest import BODY
from .notes import Note


def run(statement: str, *parameters) -> None:
    """As the owner: what a thief or a careless hand with the database could do."""
    with connection.as_owner(), connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def refused(note: Note, column: str = "body") -> None:
    forget()
    before = AuditEvent.objects.filter(action="sealed-content.refused").count()
    with pytest.raises(CiphertextRefused):
        read_sealed(Note.objects.get(pk=note.pk), column, by=None, scope=None)
    assert AuditEvent.objects.filter(action="sealed-content.refused").count() == before + 1


def test_moved_to_another_row_it_is_refused(notes, write_note):
    mine, other = write_note("mine"), write_note("other")
    run("UPDATE zz_note SET body = (SELECT body FROM zz_note WHERE id = %s) WHERE id = %s", mine.pk, other.pk)
    refused(other)


def test_moved_to_another_row_with_its_key_it_is_refused(notes, write_note):
    mine, other = write_note("mine"), write_note("other")
    run(
        "UPDATE zz_note o SET body = m.body, record_key_id = m.record_key_id FROM zz_note m "
        "WHERE m.id = %s AND o.id = %s",
        mine.pk,
        other.pk,
    )
    refused(other)


def test_two_rows_that_share_a_key_cannot_swap_their_content(notes, write_note, author):
    mine = write_note("mine")
    other = Note(author_id=author.pk, title="x", body="other", record_key=mine.record_key)
    other.save()
    assert RecordKey.objects.count() == 1
    run("UPDATE zz_note SET body = (SELECT body FROM zz_note WHERE id = %s) WHERE id = %s", mine.pk, other.pk)
    refused(other)


def test_moved_to_another_column_it_is_refused(notes, write_note):
    note = write_note('{"a": 1}', health={"b": 2})
    run("UPDATE zz_note SET health = body")
    refused(note, "health")


def test_moved_to_another_organisation_with_all_its_keys_it_is_refused(notes, write_note, author):
    note = write_note("mine")
    run("DELETE FROM blindeforbundet.zz_note")
    run("INSERT INTO blindeforbundet.zz_note SELECT * FROM nhf.zz_note")
    run("INSERT INTO blindeforbundet.encryption_recordkey SELECT * FROM nhf.encryption_recordkey")
    with schema_context("blindeforbundet"):
        refused(note)
        # Its organisation's key as well, as a thief of the whole database would have it.
        run("ALTER TABLE blindeforbundet.encryption_organizationkey DISABLE TRIGGER USER")
        run(
            "UPDATE blindeforbundet.encryption_organizationkey "
            "SET wrapped = (SELECT wrapped FROM nhf.encryption_organizationkey)"
        )
        refused(note)


@pytest.mark.parametrize(
    "change",
    [
        "set_byte(body, 0, 2)",
        "set_byte(body, length(body) - 1, 0)",
        "substr(body, 1, 20)",
        "''",
        "set_byte(body, 20, get_byte(body, 20) # 1)",
    ],
)
def test_altered_it_is_refused(notes, write_note, change):
    note = write_note("unaltered text")
    run(f"UPDATE zz_note SET body = {change}")
    refused(note)


def test_a_record_key_of_another_row_is_refused(notes, write_note):
    mine, other = write_note("mine"), write_note("other")
    run(
        "UPDATE encryption_recordkey o SET wrapped = m.wrapped FROM encryption_recordkey m "
        "WHERE m.id = %s AND o.id = %s",
        mine.record_key_id,
        other.record_key_id,
    )
    refused(other)


def test_one_refused_row_keeps_the_whole_page_closed_and_is_told_without_content(notes, write_note, caplog):
    made = [write_note(f"innhold {n}") for n in range(3)]
    run("UPDATE zz_note SET body = set_byte(body, 60, 0) WHERE id = %s", made[1].pk)
    with caplog.at_level(logging.ERROR, "meander.security"), pytest.raises(CiphertextRefused) as error:
        read_sealed_rows(Note, [n.pk for n in made], ["body"], by=None, scope=None)
    assert "innhold" not in caplog.text + str(error.value)
    (line,) = [r for r in caplog.records if r.name == "meander.security"]
    assert (line.schema, line.table, line.row) == ("nhf", "zz_note", str(made[1].pk))


def test_without_the_master_key_nothing_opens(notes, write_note, settings):
    note = write_note("mine")
    forget()
    settings.MASTER_KEYS = "tests:" + "A" * 43 + "="
    with pytest.raises(CiphertextRefused):
        read_sealed(note, "body", by=None, scope=None)
    settings.MASTER_KEYS = "other:" + "A" * 43 + "="
    with pytest.raises(KeyUnavailable, match="tests"):
        read_sealed(note, "body", by=None, scope=None)


# --- Destroying ------------------------------------------------------------------------------------------


def test_a_shredded_row_is_erased_for_ever(notes, write_note, author):
    note = write_note("bort", health=["bort"])
    assert shred(note, by=author, reason="Asked for it")
    assert note.is_erased
    for column in ("body", "health"):
        with pytest.raises(ContentErased):
            read_sealed(note, column, by=None, scope=None)
    assert read_sealed_rows(Note, [note.pk], ["body"], by=None, scope=None) == {note.pk: {"body": None}}
    note.body = "nytt"
    with pytest.raises(ContentErased):
        note.save()
    assert not shred(note, by=author, reason="Again")
    event = AuditEvent.objects.get(action="sealed-content.shredded")
    assert (event.object_id, event.reason) == (str(note.pk), "Asked for it")
    key = RecordKey.objects.get(pk=note.record_key_id)
    assert (key.wrapped, key.reason) == (None, "Asked for it")
    with connection.as_owner():
        assert DestroyedKey.objects.get(pk=key.pk).schema_name == "nhf"


def test_many_rows_are_shredded_as_one_event_and_the_others_stay(notes, write_note, author):
    doomed, kept = [write_note(f"{n}") for n in range(3)], write_note("kept")
    assert shred_rows(Note.objects.filter(pk__in=[n.pk for n in doomed]), by=author, reason="Erasure") == 3
    assert read_sealed(kept, "body", by=None, scope=None) == "kept"
    assert AuditEvent.objects.filter(action="sealed-content.shredded").count() == 1


def test_a_deleted_row_takes_its_key_along_but_not_one_it_shares(notes, write_note, author):
    first = write_note("first")
    second = Note(author_id=author.pk, title="x", body="second", record_key=first.record_key)
    second.save()
    second.delete()
    assert read_sealed(first, "body", by=None, scope=None) == "first"
    first.delete()
    assert RecordKey.objects.get().wrapped is None


def test_the_database_never_lets_a_destroyed_key_return(notes, write_note, author):
    note = write_note("bort")
    wrapped = bytes(RecordKey.objects.get().wrapped)
    shred(note, by=author, reason="x")
    for statement, parameters in (
        ("UPDATE encryption_recordkey SET wrapped = %s, destroyed_at = NULL", [wrapped]),
        ("DELETE FROM encryption_recordkey", []),
        ("DELETE FROM tenants_destroyedkey", []),
        ("UPDATE tenants_destroyedkey SET schema_name = 'x'", []),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            run(statement, *parameters)


def test_an_organisation_remembers_its_own_destroyed_keys_alone_and_reads_none(notes, write_note):
    key = RecordKey(table="x", row_id=write_note().pk).pk
    for statement in (
        "INSERT INTO tenants_destroyedkey VALUES (%s, 'blindeforbundet', now())",
        "SELECT * FROM tenants_destroyedkey WHERE id = %s",
        "DELETE FROM tenants_destroyedkey WHERE id = %s",
        "UPDATE encryption_organizationkey SET master_key_id = %s::text",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, [key])


def test_each_organisation_has_a_key_of_its_own_and_the_template_none(db):
    found = {}
    for schema in ("nhf", "blindeforbundet", "platform", "meander_template"):
        with connection.as_owner(), schema_context(schema):
            found[schema] = [bytes(key.wrapped) for key in OrganizationKey.objects.all()]
    assert found.pop("meander_template") == []
    assert [len(keys) for keys in found.values()] == [1, 1, 1]
    assert len({keys[0] for keys in found.values()}) == 3


def test_a_key_goes_with_the_transaction_of_its_row(notes, author):
    note = Note(author_id=author.pk, title="x", body="y")
    with pytest.raises(RuntimeError), transaction.atomic():
        prepare([note])
        assert RecordKey.objects.count() == 1
        raise RuntimeError
    assert RecordKey.objects.count() == 0


def test_the_ledger_in_a_file_destroys_again_what_a_restored_database_brought_back(
    notes, write_note, author, tmp_path
):
    doomed, kept = write_note("bort"), write_note("kept")
    before = bytes(RecordKey.objects.get(pk=doomed.record_key_id).wrapped)
    shred(doomed, by=author, reason="x")
    ledger = tmp_path / "destroyed"
    with schema_context("public"):
        call_command("destroyed_keys", write=ledger, stdout=StringIO())
    # As the whole database was before: the key is there, and the ledger of that day knows nothing.
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run("ALTER TABLE public.tenants_destroyedkey DISABLE TRIGGER USER")
    run("ALTER TABLE encryption_recordkey DISABLE TRIGGER USER")
    run("DELETE FROM public.tenants_destroyedkey")
    run(
        "UPDATE encryption_recordkey SET wrapped = %s, destroyed_at = NULL WHERE id = %s",
        before,
        doomed.record_key_id,
    )
    assert read_sealed(Note.objects.get(pk=doomed.pk), "body", by=None, scope=None) == "bort"
    run("ALTER TABLE encryption_recordkey ENABLE TRIGGER USER")
    said = StringIO()
    with schema_context("public"):
        call_command("destroyed_keys", apply=ledger, stdout=said)
    assert "1 keys had come back" in said.getvalue()
    with pytest.raises(ContentErased):
        read_sealed(Note.objects.get(pk=doomed.pk), "body", by=None, scope=None)
    assert read_sealed(kept, "body", by=None, scope=None) == "kept"


def test_a_report_of_an_error_has_no_content(notes, write_note, settings):
    note = write_note()
    run(
        "ALTER TABLE nhf.audit_auditevent "
        "ADD CONSTRAINT zz CHECK (action <> 'sealed-content.opened') NOT VALID"
    )
    try:
        with transaction.atomic():
            read_sealed(note, "body", by=None, scope=None)
    except DatabaseError:
        report = ExceptionReporter(None, *sys.exc_info())
    assert "zz" in report.get_traceback_text()
    assert BODY not in report.get_traceback_text() + report.get_traceback_html()
