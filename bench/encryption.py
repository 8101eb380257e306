"""Rotation of record keys with reading going on, and what sealing and opening cost.

ENCRYPTION_KEYS sets how many record keys there are.
"""

import multiprocessing
import os
import time

from bench.common import own_database, report, seconds

KEYS = int(os.environ.get("ENCRYPTION_KEYS", "100000"))
READERS = 2
GOAL = 30.0


def main() -> None:
    from django_tenants.utils import schema_context

    from domain.encryption.entities import prepare
    from domain.encryption.models import RecordKey
    from domain.encryption.queries import left_to_rewrap
    from domain.encryption.reading import read_sealed, read_sealed_rows
    from domain.encryption.rules import (
        destroy_retired,
        rewrap_batch,
        rewrap_under_master,
        rotate_organization_key,
    )
    from domain.identity.models import User
    from tenants.db import connection
    from tests.encryption.notes import Note, make_table

    with own_database("encryption"):
        make_table("nhf")
        author = User.objects.get(email="coordinator@nhf.example")
        with schema_context("nhf"):
            sealing = seconds(lambda: fill(author.pk))
            with connection.as_owner(), connection.cursor() as cursor:
                cursor.execute("ANALYZE")
            some = list(Note.objects.order_by("pk")[:200])

            def open_one() -> None:
                read_sealed(some[0], "body", by=None, scope=None)

            one = seconds(open_one, times=50)
            page = seconds(
                lambda: read_sealed_rows(Note, [n.pk for n in some[:25]], ["body"], by=None, scope=None),
                times=20,
            )
            row = Note(author_id=author.pk, title="x", body="x" * 500)
            writing = seconds(row.save)
            thousand = [Note(author_id=author.pk, title="x", body="x" * 500) for _n in range(1000)]
            bulk = seconds(lambda: prepare(thousand))
            quiet = rotation(rotate_organization_key, rewrap_batch, destroy_retired)
            assert left_to_rewrap() == 0
            connection.close()
            begin, stop, said = multiprocessing.Event(), multiprocessing.Event(), multiprocessing.Queue()
            readers = [
                multiprocessing.Process(target=read, args=(begin, stop, said)) for _n in range(READERS)
            ]
            for reader in readers:
                reader.start()
            begin.wait()
            busy = rotation(rotate_organization_key, rewrap_batch, destroy_retired)
            stop.set()
            read_meanwhile = [said.get() for _reader in readers]
            for reader in readers:
                reader.join()
            assert left_to_rewrap() == 0
            with connection.as_owner():
                master = seconds(lambda: rewrap_under_master(by=None))
                count = RecordKey.objects.count()
        report(
            "encryption",
            {
                "record keys": count,
                "rows sealed and inserted a second, in bulk": KEYS / sealing,
                "sealed a second, keys stored, rows not": 1000 / bulk,
                "one row sealed and saved, ms": writing * 1000,
                "one column opened and recorded, ms": one * 1000,
                "a page of 25 opened and recorded, ms": page * 1000,
                "rotation, nobody reads, s": quiet,
                f"rotation, {READERS} processes read without pause, s (goal {GOAL:.0f})": busy,
                "columns opened a second meanwhile": sum(read_meanwhile) / busy,
                "an organisation under another master key, s": master,
            },
        )


def fill(author: object) -> None:
    from django.db import transaction

    from domain.encryption.entities import prepare
    from tests.encryption.notes import Note

    for start in range(0, KEYS, 5000):
        rows = [
            Note(author_id=author, title="x", body=f"{start + n} " + "x" * 500)
            for n in range(min(5000, KEYS - start))
        ]
        with transaction.atomic():
            prepare(rows)
            Note.objects.bulk_create(rows, batch_size=1000)


def rotation(rotate, rewrap_batch, destroy_retired) -> float:
    from tenants.db import connection

    begin = time.perf_counter()
    with connection.as_owner():
        rotate(by=None)
        while rewrap_batch():
            pass
        assert destroy_retired()
    return time.perf_counter() - begin


def read(begin, stop, said) -> None:
    """Open one row after the other until told to stop; any that can't be opened ends it."""
    from django_tenants.utils import schema_context

    from domain.encryption.reading import read_sealed
    from tenants.db import connection
    from tests.encryption.notes import Note

    with schema_context("nhf"):
        notes = list(Note.objects.order_by("pk")[:: max(1, KEYS // 500)])
        begin.set()
        count = 0
        while not stop.is_set():
            assert read_sealed(notes[count % len(notes)], "body", by=None, scope=None)
            count += 1
    said.put(count)
    connection.close()
