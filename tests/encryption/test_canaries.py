"""Fifty words in encrypted columns: written, read, changed and erased, they are met nowhere outside."""

import logging
import os
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache
from django_q.tasks import async_task
from django_tenants.utils import schema_context

from domain.audit.entities import create_entity, update_entity
from domain.encryption.errors import CiphertextRefused
from domain.encryption.reading import read_sealed, read_sealed_rows
from domain.encryption.rules import rewrap_batch, rotate_organization_key, shred
from domain.identity.models import User
from tenants.broker import OutboxBroker
from tenants.db import connection
from tests.support.canaries import leaks
from tests.support.databases import cloned_database

from .conftest import scope_of
from .notes import Note, make_table

MARKS = [f"Kanariø-{number:02}-hemmelig" for number in range(50)]


@pytest.fixture(scope="module")
def database(template_database, django_db_setup, django_db_blocker):
    """One for both tests, in which they commit: each looks for words of its own."""
    with django_db_blocker.unblock(), cloned_database(template_database, f"canaries_{os.getpid()}"):
        make_table("nhf")
        yield


def test_no_content_of_an_encrypted_column_is_met_in_database_queue_cache_logs_or_media(
    database, caplog, capsys
):
    author = User.objects.get(email="coordinator@nhf.example")
    caplog.set_level(logging.DEBUG)
    with schema_context("nhf"):
        made = []
        for number, mark in enumerate(MARKS):
            values = {"body": mark} if number % 2 else {"health": {"said": [mark]}}
            made.append(create_entity(Note(author_id=author.pk, title="x", **values), by=author))
        for note, mark in zip(made[1::2], MARKS[1::2], strict=True):
            assert read_sealed(note, "body", by=author, scope=scope_of(author)) == mark
            logging.getLogger("tests").warning("read %r of %s", note.body, vars(note))
        read_sealed_rows(Note, [n.pk for n in made], ["body", "health"], by=author, scope=scope_of(author))
        update_entity(made[1], by=author, values={"body": MARKS[1] + " igjen"})
        shred(made[3], by=author, reason="Asked for it")
        with connection.as_owner():
            rotate_organization_key(by=author)
            rewrap_batch()
        with connection.as_owner(), connection.cursor() as cursor:
            cursor.execute("UPDATE zz_note SET body = health WHERE id = %s", [made[0].pk])
        with pytest.raises(CiphertextRefused):
            read_sealed(made[0], "body", by=None, scope=None)
        cache.set("notes", [str(note.body) for note in made])
        with pytest.raises(TypeError, match="pickled"):
            cache.set("note", made[1])
        with pytest.raises(TypeError, match="pickled"):
            async_task("tests.nothing", made[1].body, broker=OutboxBroker(), save=False)
    said = capsys.readouterr()
    assert leaks(MARKS, logged=caplog.text + said.out + said.err) == set()


def test_a_word_that_is_anywhere_is_found_there(database):
    """What the test above is worth."""
    in_dump, in_queue, in_cache, in_media, in_log = (f"{number}{number}-i-kanariø" for number in "12345")
    with schema_context("nhf"):
        Note(author_id=User.objects.get(email="coordinator@nhf.example").pk, title=in_dump).save()
        cache.set("x", {"y": in_cache})
    with schema_context("public"):
        async_task("tests.nothing", in_queue, broker=OutboxBroker(), save=False)
        file = Path(settings.MEDIA_ROOT, "nhf", "canary.txt")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(in_media)
        try:
            found = leaks([in_dump, in_queue, in_cache, in_media, in_log], logged=f"said {in_log}")
        finally:
            file.unlink()
    assert found - {(in_queue, "dump")} == {
        (in_dump, "dump"),
        (in_queue, "queue"),
        (in_cache, "cache"),
        (in_media, "media"),
        (in_log, "logs"),
    }
