"""kill -9 of the whole worker in the middle of its jobs: nothing half done, no mail sent a second time.

The points are chosen: each job waits for something that the test holds (a row's lock, a mail server that has
taken the mail and says nothing) when its worker is killed. Then another worker is started.
"""

import asyncio
import socket
import threading
from datetime import timedelta

import pytest
from aiosmtpd.controller import Controller
from django.db import connection, transaction
from django.utils import timezone
from django_tenants.utils import schema_context

from domain.access.rules import assign_role
from domain.assignments.choices import AssignmentStatus
from domain.assignments.honorarium import TELL
from domain.assignments.jobs import ESCALATE
from domain.assignments.models import Assignment, HonorariumCrossing
from domain.audit.models import AuditEvent
from domain.certification.choices import ReminderOutcome
from domain.certification.models import CertificationReminder
from domain.core.reminding import Delivery
from domain.encryption.models import OrganizationKey, RecordKey
from domain.encryption.reading import read_sealed
from domain.encryption.rules import rotate_organization_key
from domain.files.choices import ScanStatus
from domain.files.models import StoredFile
from domain.identity.models import User
from domain.people.erasure_jobs import ask_for_contact
from domain.people.models import Contact, ContactNote
from domain.people.notes import add_note
from tenants.choices import JobState
from tenants.jobs import enqueue
from tenants.models import JobRun, Organization
from tests.files.test_scanning import Clamd
from tests.support.rows import (
    make_assignment,
    make_contact,
    make_crossing,
    make_file,
    make_reminder,
    make_role,
    make_tree,
)


class _Silent:
    """Takes each mail, and answers none: whoever sends it doesn't know whether it arrived."""

    def __init__(self):
        self.taken: list[str] = []

    async def handle_DATA(self, server, session, envelope):
        self.taken.append(envelope.content.decode())
        await asyncio.sleep(120)
        return "250 too late"


@pytest.fixture
def silent_server(monkeypatch):
    keeper = _Silent()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(keeper, hostname="127.0.0.1", port=port)
    controller.start()
    monkeypatch.setenv("TEST_SMTP_PORT", str(port))
    yield keeper
    controller.stop()


@pytest.fixture
def scanner(monkeypatch, settings):
    """Finds nothing in any file; the worker reads them where the test keeps them."""
    monkeypatch.setenv("TEST_MEDIA_ROOT", str(settings.MEDIA_ROOT))
    with Clamd() as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        monkeypatch.setenv("CLAMD_ADDRESS", f"tcp://127.0.0.1:{server.server_address[1]}")
        yield server
        server.shutdown()


@pytest.fixture
def holding(own_database):
    """A transaction of the test's own, in which it holds rows."""
    other = connection.copy()
    other.ensure_connection()
    other.connection.autocommit = False
    yield other
    other.close()


def hold(other, query: str, *values: object) -> None:
    with other.connection.cursor() as cursor:
        cursor.execute(query, values)
        assert cursor.fetchone()


def waiting_for_locks() -> int:
    with connection.as_owner(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
            "AND datname = current_database()"
        )
        return cursor.fetchone()[0]


def test_a_worker_killed_in_the_middle_leaves_nothing_half_done_and_sends_no_mail_twice(
    start_worker, wait_until, silent_server, scanner, holding, monkeypatch
):
    monkeypatch.setenv("TEST_WORKERS", "7")
    nhf = Organization.objects.get(schema_name="nhf")
    with schema_context("nhf"), transaction.atomic():
        east = make_tree().east
        mentor = User.objects.get(email="mentor@nhf.example")
        coordinator = User.objects.get(email="coordinator@nhf.example")
        make_role(east, coordinator)
        first, second, unopened = (make_assignment(east, mentor) for _number in range(3))
        past = timezone.now() - timedelta(days=40)
        old = Assignment.objects.filter(pk__in=[first.pk, second.pk])
        old.update(expires_at=timezone.now() - timedelta(minutes=1))
        Assignment.objects.filter(pk=unopened.pk).update(sent_at=past, sender=coordinator)
        contact = make_contact(east, mentor)
        note = add_note(contact=contact, author=mentor, by=None, body="Ukjent")
        crossing, file = make_crossing(east, mentor), make_file(east, mentor)
        HonorariumCrossing.objects.filter(pk=crossing.pk).update(notified_at=None)
        StoredFile.objects.filter(pk=file.pk).update(scan=ScanStatus.NOT_SCANNED)
        reminder = make_reminder(east, mentor)
        CertificationReminder.objects.filter(pk=reminder.pk).update(due_at=past)
        officer = User.objects.get(email="admin@nhf.example")
        assign_role(officer, "privacy_officer", by=None)
    with connection.as_owner(), schema_context("nhf"):
        rotate_organization_key(by=None)
    # Where each of them is to be when its worker dies: the second of two that expire, the last of what is
    # erased, the end of the rotation, a verdict on a file, and three times the moment in which a mail was
    # handed over.
    hold(holding, "SELECT id FROM nhf.assignments_assignment WHERE id = %s FOR UPDATE", first.pk)
    hold(holding, "SELECT id FROM nhf.people_contactnote WHERE id = %s FOR UPDATE", note.pk)
    hold(holding, "SELECT id FROM nhf.files_storedfile WHERE id = %s FOR UPDATE", file.pk)
    hold(holding, "SELECT version FROM nhf.encryption_organizationkey WHERE version = 1 FOR SHARE")
    with schema_context("nhf"):
        runs = [
            enqueue("assignments.follow_clock", nhf, key="killed"),
            enqueue("encryption.rewrap", nhf, key="killed"),
            enqueue("certification.remind", nhf, key="killed", reminder_id=str(reminder.pk)),
            enqueue(ESCALATE, nhf, key="killed", assignment_id=str(unopened.pk)),
            enqueue(TELL, nhf, key="killed", crossing_id=str(crossing.pk)),
            enqueue("files.scan", nhf, key="killed"),
            ask_for_contact(contact, by=officer, reason="Asked for"),
        ]

    worker = start_worker()
    wait_until(
        lambda: waiting_for_locks() == 4 and len(silent_server.taken) == 3, "the seven points", worker=worker
    )
    worker.kill()

    with schema_context("nhf"):
        assert set(old.values_list("status", "content_destroyed_at")) == {(AssignmentStatus.SENT, None)}
        assert Contact.objects.get(pk=contact.pk).last_name == contact.last_name
        assert read_sealed(note, "body", by=None, scope=None) == "Ukjent"
        assert OrganizationKey.objects.get(version=1).wrapped is not None
        assert StoredFile.objects.get(pk=file.pk).scan == ScanStatus.NOT_SCANNED
        assert AuditEvent.objects.filter(action__in=["contact.erased", "assignment.expired"]).count() == 0

    holding.connection.rollback()
    again = start_worker()
    over = JobRun.objects.filter(pk__in=[run.pk for run in runs], state__in=["queued", "running"])
    wait_until(lambda: not over.exists(), "the jobs that were killed", seconds=60, worker=again)
    # Keys that others were at are left to the schedule's next turn, which needn't be waited for.
    with schema_context("nhf"):
        runs.append(enqueue("encryption.rewrap", nhf, key="next turn"))
    wait_until(
        lambda: JobRun.objects.get(pk=runs[-1].pk).state == JobState.DONE, "the rotation", worker=again
    )

    with schema_context("nhf"):
        assert set(old.values_list("status", flat=True)) == {AssignmentStatus.EXPIRED}
        assert AuditEvent.objects.filter(action="assignment.expired").count() == 2
        assert AuditEvent.objects.filter(action="contact.erased").count() == 1
        assert Contact.objects.get(pk=contact.pk).last_name == ""
        assert not ContactNote.objects.filter(pk=note.pk).exists()
        assert not RecordKey.objects.filter(
            pk__in=[first.record_key_id, note.record_key_id], wrapped__isnull=False
        )
        assert OrganizationKey.objects.get(version=1).wrapped is None
        assert read_sealed(unopened, "content", by=None, scope=None)["name"] == "Ukjent"
        assert StoredFile.objects.get(pk=file.pk).scan == ScanStatus.CLEAN
        assert AuditEvent.objects.filter(action="file.scanned", object_id=str(file.pk)).count() == 1
        # Nobody knows whether these three arrived: they are not sent again, and people are shown that.
        assert CertificationReminder.objects.get(pk=reminder.pk).outcome == ReminderOutcome.UNCERTAIN
        assert Assignment.objects.get(pk=unopened.pk).escalation == Delivery.UNCERTAIN
        assert HonorariumCrossing.objects.get(pk=crossing.pk).notice == Delivery.UNCERTAIN
    assert len(silent_server.taken) == 3
    assert not JobRun.objects.filter(state__in=[JobState.FAILED, JobState.PARKED]).exists()
