"""New keys for organisations and for the installation, while people read and write."""

import base64
import threading
from datetime import timedelta
from io import StringIO

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.utils import timezone
from django_tenants.utils import schema_context

from domain.audit.models import AuditEvent
from domain.encryption import master, rules
from domain.encryption.errors import KeyUnavailable
from domain.encryption.jobs import REWRAP, organizations_in_rotation
from domain.encryption.keys import forget
from domain.encryption.models import OrganizationKey, RecordKey
from domain.encryption.queries import left_to_rewrap, standing
from domain.encryption.reading import read_sealed
from domain.encryption.rules import destroy_retired, rewrap_batch, rotate_organization_key
from domain.identity.models import User
from tenants.db import connection
from tenants.jobs import enqueue
from tenants.models import Organization
from tests.support.jobs import work_off

from .notes import Note, make_table


def key(letter: str) -> str:
    return base64.b64encode(letter.encode() * 32).decode()


def say(*arguments: str, **options) -> str:
    said = StringIO()
    call_command("rotate_keys", *arguments, stdout=said, **options)
    return said.getvalue()


def all_read(made: list[Note]) -> bool:
    forget()
    return all(read_sealed(note, "body", by=None, scope=None) == note.title for note in made)


@pytest.fixture
def made(notes, author) -> list[Note]:
    """Seven sealed rows."""
    rows = [Note(author_id=author.pk, title=f"Nummer {n}", body=f"Nummer {n}") for n in range(7)]
    for row in rows:
        row.save()
    return rows


def test_rotation_wraps_the_keys_anew_and_leaves_the_data_alone(made):
    def columns():
        return {note.pk: Note.objects.get(pk=note.pk).body._ciphertext for note in made}

    before, keys = columns(), dict(RecordKey.objects.values_list("pk", "wrapped"))
    assert "version 2, 7 record keys moved" in say("nhf", reason="yearly")
    assert columns() == before
    assert not set(map(bytes, keys.values())) & {
        bytes(wrapped) for wrapped in RecordKey.objects.values_list("wrapped", flat=True)
    }
    assert all_read(made)
    first, second = OrganizationKey.objects.all()
    assert (first.wrapped, second.retired_at) == (None, None)
    events = AuditEvent.objects.filter(action__startswith="organization-key.").order_by("at")
    assert [(e.action.partition(".")[2], e.reason) for e in events] == [
        ("rotated", "yearly"),
        ("shredded", ""),
    ]


def test_a_rotation_that_stopped_half_way_is_readable_and_goes_on(made, monkeypatch):
    with connection.as_owner():
        rotate_organization_key(by=None)
        assert rewrap_batch(3) == 3
        assert all_read(made)
        # The next batch dies after its work and before its commit.
        with monkeypatch.context() as patch, pytest.raises(ZeroDivisionError):
            patch.setattr(rules.envelope.Rewrapper, "move", lambda *args: 1 / 0)
            rewrap_batch(3)
        assert all_read(made)
        assert left_to_rewrap() == 4
        assert destroy_retired() == []
        assert list(organizations_in_rotation(timezone.now())) == [connection.tenant]
        assert [rewrap_batch(3) for _round in range(3)] == [3, 1, 0]
        assert destroy_retired() == [1]
        assert list(organizations_in_rotation(timezone.now())) == []
    assert all_read(made)


def test_two_rotations_in_a_row_move_what_is_under_both(made, author):
    with connection.as_owner():
        rotate_organization_key(by=None)
        rewrap_batch(3)
        rotate_organization_key(by=None)
        Note(author_id=author.pk, title="x", body="x").save()
        assert rewrap_batch(100) == 7
        assert destroy_retired() == [1, 2]
    assert all_read(made)
    assert set(RecordKey.objects.values_list("organization_key", flat=True)) == {3}


def test_what_is_erased_in_between_stays_erased(made, author):
    with connection.as_owner():
        rotate_organization_key(by=None)
    rules.shred(made[0], by=author, reason="x")
    with connection.as_owner():
        assert rewrap_batch() == 6
        assert destroy_retired() == [1]
    assert RecordKey.objects.get(pk=made[0].record_key_id).wrapped is None
    assert all_read(made[1:])


def test_the_command_plans_and_chooses_by_age(made):
    assert "version 1, 7 record keys to move" in say("nhf", dry_run=True)
    assert "young enough" in say("nhf", older_than=30)
    with connection.as_owner():
        OrganizationKey.objects.update(created_at=timezone.now() - timedelta(days=31))
    assert "version 2" in say("nhf", older_than=30)
    assert standing().version == 2
    with pytest.raises(CommandError, match="nosuch"):
        say("nosuch")
    with pytest.raises(CommandError, match="--all"):
        say()


# --- The master key --------------------------------------------------------------------------------------


def test_a_new_master_key_takes_over_and_the_old_one_can_go(made, settings):
    old = settings.MASTER_KEYS
    settings.MASTER_KEYS = f"next:{key('n')},{old}"
    assert "under tests, to be put under next" in say("--all", master=True, dry_run=True)
    assert all_read(made)
    assert "1 keys put under master key next" in say("nhf", master=True)
    assert "already" in say("nhf", master=True)
    settings.MASTER_KEYS = f"next:{key('n')}"
    assert all_read(made)
    with pytest.raises(CommandError, match="blindeforbundet"):
        say("--all", master=True)
    with schema_context("nhf"):
        assert AuditEvent.objects.filter(action="organization-key.rewrapped").count() == 1


@pytest.mark.parametrize(
    "wrong",
    ["x", "a:short", f"a:{key('a')[:-4]}", f":{key('a')}", f"a:{key('a')},a:{key('b')}", f"a b:{key('a')}"],
)
def test_master_keys_that_cannot_be_read_are_refused_without_being_shown(wrong):
    with pytest.raises(ImproperlyConfigured) as refused:
        master.parse(wrong)
    assert wrong.partition(":")[2] not in str(refused.value) or not wrong.partition(":")[2]


def test_development_makes_its_own_file_and_nobody_else_may_read_it(settings, tmp_path):
    settings.MASTER_KEYS, settings.MASTER_KEYS_FILE = "", str(tmp_path / "keys" / "master-keys")
    with pytest.raises(ImproperlyConfigured):
        master.key_service()
    settings.MASTER_KEYS_ARE_MADE = True
    ring = master.key_service()
    file = tmp_path / "keys" / "master-keys"
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["master-keys"]
    master._ring.cache_clear()
    wrapped = ring.wrap(b"k" * 32, b"about")
    assert master.key_service().unwrap(wrapped, b"about") == b"k" * 32
    assert "k" * 8 not in repr(ring)
    assert file.read_text().partition(":")[2].strip() not in repr(ring)


class Elsewhere:
    """A key service that is not ours, as an installation might name one."""

    current = "kms-1"

    def wrap(self, key: bytes, about: bytes) -> master.Wrapped:
        return master.Wrapped(self.current, about + key[::-1])

    def unwrap(self, wrapped: master.Wrapped, about: bytes) -> bytes:
        if wrapped.master_key_id != self.current:
            raise KeyUnavailable(wrapped.master_key_id)
        return wrapped.blob.removeprefix(about)[::-1]


def test_a_key_service_can_be_another(notes, author, settings):
    settings.KEY_SERVICE = "tests.encryption.test_rotation.Elsewhere"
    with connection.as_owner():
        # What there is stays under the ring; a new version is the service's.
        rotate_organization_key(by=None)
    note = Note(author_id=author.pk, title="Nummer", body="Nummer")
    note.save()
    assert all_read([note])
    assert standing().master_key_ids == {"tests", "kms-1"}


# --- With several connections ----------------------------------------------------------------------------


def test_people_read_and_write_while_keys_are_rotated(own_database):
    """Nobody meets a key that is gone, and at the end everything is under the last version."""
    make_table("nhf")
    author = User.objects.get(email="coordinator@nhf.example")
    stop, faults, written = threading.Event(), [], []

    def in_thread(work):
        def loop():
            try:
                with schema_context("nhf"):
                    while not stop.is_set():
                        work()
            except Exception as fault:
                faults.append(fault)
            finally:
                connection.close()

        return threading.Thread(target=loop)

    def write():
        note = Note(author_id=author.pk, title=str(len(written)), body=str(len(written)))
        note.save()
        written.append(note)

    def read():
        for note in written[-5:]:
            assert read_sealed(note, "body", by=None, scope=None) == note.title

    threads = [in_thread(write), in_thread(read), in_thread(read)]
    with schema_context("nhf"):
        for _number in range(20):
            write()
        for thread in threads:
            thread.start()
        try:
            with connection.as_owner():
                for _round in range(4):
                    rotate_organization_key(by=None)
                    while rewrap_batch(10):
                        pass
                    destroy_retired()
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        with connection.as_owner():
            while rewrap_batch():
                pass
            destroy_retired()
        assert faults == []
        assert all_read(written)
        assert set(RecordKey.objects.values_list("organization_key", flat=True)) == {5}
        assert OrganizationKey.objects.filter(wrapped__isnull=False).count() == 1


def test_the_worker_finishes_a_rotation_that_was_asked_for(own_database):
    make_table("nhf")
    organization = Organization.objects.get(schema_name="nhf")
    author = User.objects.get(email="coordinator@nhf.example")
    with schema_context("nhf"):
        note = Note(author_id=author.pk, title="Nummer", body="Nummer")
        note.save()
    assert "the worker moves 1 record keys" in say("nhf", queue=True)
    assert enqueue(REWRAP, organization, key="schedule").state == "queued"
    work_off()
    with schema_context("nhf"):
        assert standing().left == 0
        assert all_read([note])
        assert OrganizationKey.objects.get(version=1).wrapped is None
