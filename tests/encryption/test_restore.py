"""Dumps hold no keys, and what was erased stays so in whatever is brought back."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone
from django_tenants.utils import schema_context

from domain.encryption.errors import ContentErased
from domain.encryption.keys import forget
from domain.encryption.models import OrganizationKey, RecordKey
from domain.encryption.reading import read_sealed
from domain.encryption.rules import destroy_retired, rewrap_batch, rotate_organization_key, shred
from domain.identity.models import User
from tenants import pgtools
from tenants.db import connection
from tenants.dumps import SCHEMA, DumpUnusable, key_file, write_dump
from tenants.lifecycle import close_organization, drop_organization
from tenants.models import Organization
from tenants.restore import restore_organization

from .notes import Note, make_table

ERASED, KEPT = "kanari-slettet", "kanari-beholdt"


@pytest.fixture
def two(own_database) -> tuple[Note, Note]:
    """A row that will be erased and one that won't, committed in NHF's schema."""
    make_table("nhf")
    author = User.objects.get(email="coordinator@nhf.example")
    with schema_context("nhf"):
        rows = [Note(author_id=author.pk, title="x", body=text) for text in (ERASED, KEPT)]
        for row in rows:
            row.save()
    return rows[0], rows[1]


def nhf() -> Organization:
    return Organization.objects.get(schema_name="nhf")


def erase(note: Note) -> None:
    with schema_context("nhf"):
        assert shred(note, by=None, reason="Asked for it")


def require(erased: Note, kept: Note) -> None:
    forget()
    with schema_context("nhf"):
        assert read_sealed(Note.objects.get(pk=kept.pk), "body", by=None, scope=None) == KEPT
        with pytest.raises(ContentErased):
            read_sealed(Note.objects.get(pk=erased.pk), "body", by=None, scope=None)


def as_text(archive: Path, folder: Path) -> str:
    pgtools.run("pg_restore", f"--file={folder / 'plain.sql'}", str(archive))
    return (folder / "plain.sql").read_text(encoding="utf-8")


def test_a_dump_holds_neither_plaintext_nor_keys_and_what_was_erased_after_it_stays_erased(two, tmp_path):
    with schema_context("nhf"):
        wrapped = [
            bytes(key.wrapped).hex() for key in [*RecordKey.objects.all(), *OrganizationKey.objects.all()]
        ]
    folder = write_dump(nhf())
    said = as_text(folder / SCHEMA, tmp_path)
    assert "zz_note" in said
    for secret in (ERASED, KEPT, *wrapped):
        assert secret not in said
    keys = as_text(key_file(folder), tmp_path)
    assert all(key in keys for key in wrapped)
    assert key_file(folder).stat().st_mode & 0o777 == 0o600
    assert not list(folder.glob("*key*"))

    erase(two[0])
    key_file(folder).unlink()  # Not needed: the organisation is in use and has its keys.
    restore_organization(folder)
    require(*two)


def test_keys_of_before_a_rotation_open_what_was_dumped_before_it(two):
    folder = write_dump(nhf())
    with schema_context("nhf"), connection.as_owner():
        rotate_organization_key(by=None)
        rewrap_batch()
        assert destroy_retired() == [1]
    erase(two[0])
    restore_organization(folder)
    require(*two)
    with schema_context("nhf"):
        assert OrganizationKey.objects.get(version=1).wrapped is None


@pytest.fixture
def dropped(two) -> Path:
    """The dump of before the erasure, of an organisation that is gone by now."""
    folder = write_dump(nhf())
    erase(two[0])
    close_organization(nhf(), by=None, reason="Moved")
    Organization.objects.filter(schema_name="nhf").update(drop_after=timezone.now() - timedelta(seconds=1))
    drop_organization(nhf())
    return folder


def test_the_ledger_destroys_again_what_an_old_file_of_keys_brings_back(two, dropped):
    restore_organization(dropped)
    require(*two)
    with schema_context("nhf"):
        assert RecordKey.objects.get(pk=two[0].record_key_id).reason == "restored"


def test_without_good_keys_a_dropped_organisation_comes_back_only_if_told_to_and_as_erased(two, dropped):
    with key_file(dropped).open("ab") as file:
        file.write(b"x")
    with pytest.raises(DumpUnusable, match="checksum"):
        restore_organization(dropped)
    shutil.rmtree(settings.KEY_DUMP_DIR)
    with pytest.raises(DumpUnusable, match="keys"):
        restore_organization(dropped)
    assert not Organization.objects.filter(schema_name="nhf").exists()
    restore_organization(dropped, without_keys=True)
    with schema_context("nhf"):
        for note in two:
            with pytest.raises(ContentErased):
                read_sealed(Note.objects.get(pk=note.pk), "body", by=None, scope=None)
        fresh = Note(author_id=two[0].author_id, title="x", body="nytt")
        fresh.save()
        assert read_sealed(fresh, "body", by=None, scope=None) == "nytt"
