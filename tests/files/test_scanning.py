"""The virus scanner: a server that speaks clamd's protocol, down, slow or with a verdict."""

import socketserver
import struct
import threading
from datetime import timedelta

import pytest
from django.core.files.storage import storages
from django.utils import timezone

from domain.audit.models import AuditEvent
from domain.files import jobs, scanner, storage
from domain.files.choices import FileStatus, ScanStatus
from domain.files.models import StoredFile
from domain.files.refusals import FileRefused
from domain.files.rules import accept_file, destroy_bytes, forget_uploads
from tenants.jobs import JobContext

from .conftest import PDF, photo, upload
from .hostile import EICAR

MENTOR = "mentor@nhf.example"


class Clamd(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """As clamd does INSTREAM: a command, pieces with their length before them, an empty one, a verdict."""

    allow_reuse_address = daemon_threads = True
    answer: bytes | None = None

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Session)
        self.received: list[bytes] = []


class Session(socketserver.StreamRequestHandler):
    def handle(self):
        assert self.rfile.read(10) == b"zINSTREAM\0"
        data = b""
        while length := struct.unpack("!L", self.rfile.read(4))[0]:
            data += self.rfile.read(length)
        self.server.received.append(data)
        found = b"stream: Win.Test.EICAR_HDB-1 FOUND\0" if EICAR in data else b"stream: OK\0"
        self.wfile.write(found if self.server.answer is None else self.server.answer)


@pytest.fixture
def clamd(settings):
    with Clamd() as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        settings.CLAMD_ADDRESS = f"tcp://127.0.0.1:{server.server_address[1]}"
        settings.CLAMD_TIMEOUT_SECONDS = 2
        yield server
        server.shutdown()


def context(organization) -> JobContext:
    return JobContext(run_id=organization.pk, organization=organization, attempt=1, progress=lambda *_: None)


def events(action: str) -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(action=action))


def test_what_is_sent_arrives_whole_and_the_verdict_comes_back(clamd):
    data = bytes(range(256)) * 1000
    assert scanner.scan(data) == scanner.Verdict()
    assert clamd.received == [data]
    assert scanner.scan(b"x" + EICAR).found == "Win.Test.EICAR_HDB-1"


@pytest.mark.parametrize("answer", [b"INSTREAM size limit exceeded. ERROR\0", b"", b"stream: \0", b"OK\0"])
def test_anything_but_a_verdict_is_none(clamd, answer):
    clamd.answer = answer
    with pytest.raises(scanner.ScannerUnavailable):
        scanner.scan(b"x")


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "unix:///nowhere/clamd.ctl", "http://127.0.0.1:1"])
def test_a_scanner_that_is_not_there_gives_no_verdict(settings, address):
    settings.CLAMD_ADDRESS = address
    with pytest.raises(scanner.ScannerUnavailable):
        scanner.scan(b"x")


@pytest.mark.django_db
def test_a_clean_file_is_ready_and_says_so(nhf, person, clamd):
    file = accept_file(upload(), by=person(MENTOR))
    assert (file.status, file.scan) == (FileStatus.READY, ScanStatus.CLEAN)
    assert clamd.received == [PDF]


@pytest.mark.django_db
def test_an_infected_file_is_kept_nowhere_and_on_the_record(nhf, person, clamd):
    with pytest.raises(FileRefused) as refusal:
        accept_file(upload(photo() + EICAR, "a.jpg"), by=person(MENTOR))
    assert refusal.value.code == "infected"
    assert not StoredFile.objects.exists()
    assert list(storage.names()) == []
    (event,) = events("file.refused")
    assert event.changes["found"] == [None, "Win.Test.EICAR_HDB-1"]


@pytest.mark.django_db
def test_the_api_says_that_a_file_is_infected_and_keeps_the_event(nhf, api_of, clamd):
    answer = api_of("nhf", MENTOR).post(
        "/api/v1/files/",
        {"file": upload(photo() + EICAR, "a.jpg")},
        format="multipart",
        headers={"Idempotency-Key": "infected"},
    )
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "infected")
    assert len(events("file.refused")) == 1


@pytest.mark.django_db
def test_while_the_scanner_is_down_a_file_is_kept_and_opened_by_nobody(
    nhf, person, api_of, clamd, settings, django_capture_on_commit_callbacks
):
    address, settings.CLAMD_ADDRESS = settings.CLAMD_ADDRESS, "tcp://127.0.0.1:1"
    file = accept_file(upload(), by=person(MENTOR))
    assert (file.status, file.scan) == (FileStatus.QUARANTINED, ScanStatus.WAITING)
    client = api_of("nhf", MENTOR)
    assert client.get(f"/api/v1/files/{file.pk}/").status_code == 409
    assert jobs.scan_waiting(context(nhf)) == {"scanned": 0, "quarantined": 1}
    settings.CLAMD_ADDRESS = address
    assert jobs.scan_waiting(context(nhf)) == {"scanned": 1, "quarantined": 0}
    assert client.get(f"/api/v1/files/{file.pk}/").status_code == 200
    assert len(events("file.quarantined")) == len(events("file.scanned")) == 1


@pytest.mark.django_db
def test_what_is_found_later_is_destroyed(nhf, person, clamd, django_capture_on_commit_callbacks):
    clamd.answer = b"ERROR\0"
    file = accept_file(upload(), by=person(MENTOR))
    clamd.answer = b"stream: Late.Find FOUND\0"
    with django_capture_on_commit_callbacks(execute=True):
        jobs.scan_waiting(context(nhf))
    file.refresh_from_db()
    assert (file.status, file.scan, file.storage_name) == (FileStatus.REFUSED, ScanStatus.INFECTED, "")
    assert list(storage.names()) == []
    assert events("file.refused")[0].object_id == str(file.pk)


@pytest.mark.django_db
def test_what_came_before_there_was_a_scanner_is_scanned_as_well(nhf, person, clamd, settings):
    address, settings.CLAMD_ADDRESS = settings.CLAMD_ADDRESS, ""
    file = accept_file(upload(), by=person(MENTOR))
    assert file.scan == ScanStatus.NOT_SCANNED
    assert list(jobs.organizations_to_scan(timezone.now())) == []
    settings.CLAMD_ADDRESS = address
    jobs.scan_waiting(context(nhf))
    file.refresh_from_db()
    assert file.scan == ScanStatus.CLEAN


@pytest.mark.django_db
def test_what_nobody_attached_in_time_is_cleared_away(
    nhf, person, evidence, settings, django_capture_on_commit_callbacks
):
    mentor = person(MENTOR)
    old, fresh, attached, due = (accept_file(upload(), by=mentor) for _ in range(4))
    long_ago = timezone.now() - timedelta(days=settings.FILES_UNATTACHED_DAYS + 1)
    StoredFile.objects.filter(pk__in=[old.pk, attached.pk]).update(created_at=long_ago)
    evidence.objects.create(file=attached)
    evidence.objects.create(file=due)
    StoredFile.objects.filter(pk=due.pk).update(retain_until=timezone.localdate() - timedelta(days=1))
    with django_capture_on_commit_callbacks(execute=True):
        assert jobs.clean_up(context(nhf)) == {"destroyed": 2, "stray": 0}
    assert not StoredFile.objects.filter(pk=old.pk).exists()
    due.refresh_from_db()
    assert (due.status, due.name, due.sha256) == (FileStatus.DESTROYED, "", "")
    assert {name for name, _at in storage.names()} == {fresh.storage_name, attached.storage_name}


@pytest.mark.django_db
def test_bytes_that_no_row_knows_are_swept_up_once_they_are_old(nhf, person):
    known = accept_file(upload(), by=person(MENTOR))
    storage.write("0" * 32, b"stray")
    assert jobs.sweep_storage(written_before=timezone.now() - timedelta(hours=1)) == 0
    assert jobs.sweep_storage(written_before=timezone.now() + timedelta(hours=1)) == 1
    assert [name for name, _at in storage.names()] == [known.storage_name]


@pytest.mark.django_db
def test_erasing_a_person_destroys_what_they_attached_to_nothing(
    nhf, person, evidence, django_capture_on_commit_callbacks
):
    mentor = person(MENTOR)
    loose, attached = accept_file(upload(), by=mentor), accept_file(upload(), by=mentor)
    evidence.objects.create(file=attached)
    with django_capture_on_commit_callbacks(execute=True):
        forget_uploads(mentor)
    assert [file.pk for file in StoredFile.objects.all()] == [attached.pk]
    with django_capture_on_commit_callbacks(execute=True):
        destroy_bytes(attached, by=None, reason="Bedt om selv")
        destroy_bytes(attached, by=None, reason="En gang til")
    assert list(storage.names()) == []
    assert len(events("file.destroyed")) == 2
    assert loose.storage_name != attached.storage_name


@pytest.mark.django_db
def test_what_is_taken_back_leaves_no_row_and_a_storage_may_be_of_another_kind(nhf, person, settings):
    settings.STORAGES = {
        **settings.STORAGES,
        "files": {"BACKEND": "django.core.files.storage.InMemoryStorage", "OPTIONS": {}},
    }
    file = accept_file(upload(), by=person(MENTOR))
    assert storages["files"].exists(f"nhf/files/{file.storage_name}")
    assert storage.read(file.storage_name) == PDF
