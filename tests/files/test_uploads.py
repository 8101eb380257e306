"""Files that arrive in pieces, over lines that break."""

import base64
import io
import threading
import uuid
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone
from django_tenants.utils import schema_context

from domain.audit.models import AuditEvent
from domain.files import storage, uploads
from domain.files.jobs import organizations_with_expired_uploads
from domain.files.models import FileUpload, StoredFile
from domain.files.rules import sweep_storage
from domain.identity.models import User

from .conftest import PDF, photo

MENTOR, ADMIN = "mentor@nhf.example", "admin@nhf.example"
URL = "/api/v1/uploads/"
TUS = {"Tus-Resumable": "1.0.0"}
PIECES = "application/offset+octet-stream"


def metadata(**values) -> str:
    return ",".join(
        f"{key} {base64.b64encode(str(value).encode()).decode()}" for key, value in values.items()
    )


def begun(client, length: int = len(PDF), **values):
    headers = {**TUS, "Upload-Length": str(length), "Upload-Metadata": metadata(**values)}
    return client.post(URL, headers=headers)


def piece(client, url: str, offset: int, data: bytes, **headers):
    headers = {**TUS, "Upload-Offset": str(offset), **headers}
    return client.generic("PATCH", url, data, PIECES, headers=headers)


def with_expired() -> list[str]:
    with schema_context("public"):
        return [one.schema_name for one in organizations_with_expired_uploads(timezone.now())]


def slug(answer) -> str:
    return answer.json()["type"].rsplit("/", 1)[-1]


@pytest.fixture
def mentor(nhf, api_of):
    return api_of("nhf", MENTOR)


def test_a_photo_sent_in_pieces_becomes_a_file_of_the_same_id(mentor, monkeypatch):
    monkeypatch.setattr(uploads, "MOST_PARTS", 3)
    data = photo(size=(800, 600))
    answer = begun(mentor, len(data), filename="IMG 1.jpeg", kind="photo", alt_text="To på en benk")
    assert (answer.status_code, answer["Tus-Resumable"]) == (201, "1.0.0"), answer.content
    url = answer["Location"]
    assert (answer.json()["status"], answer.json()["offset"]) == ("receiving", 0)
    step = len(data) // 7
    for start in range(0, len(data), step):
        at = mentor.head(url, headers=TUS)
        assert (at.status_code, int(at["Upload-Offset"]), at["Cache-Control"]) == (200, start, "no-store")
        assert "filename" in at["Upload-Metadata"]
        last = piece(mentor, url, start, data[start : start + step])
        assert last.status_code == 204, last.content
    file_id = last["Upload-File-Id"]
    said = mentor.get(f"/api/v1/files/{file_id}/details/").json()
    assert (said["name"], said["kind"], said["alt_text"]) == ("IMG 1.jpg", "photo", "To på en benk")
    now = mentor.get(url).json()
    assert (now["id"], now["file"], now["status"], now["refusal"]) == (file_id, file_id, "kept", None)
    with schema_context("nhf"):
        upload = FileUpload.objects.get()
        assert (upload.parts, upload.filename, upload.alt_text) == ([], "", "")
        actions = list(AuditEvent.objects.filter(object_id=file_id).values_list("action", flat=True))
        assert sorted(actions) == ["file-upload.created", "file.uploaded"]


def test_the_last_piece_sent_again_gets_the_same_answer(mentor):
    url = begun(mentor, filename="a.pdf")["Location"]
    piece(mentor, url, 0, PDF[:20])
    first = piece(mentor, url, 20, PDF[20:])
    again = piece(mentor, url, 20, PDF[20:])
    empty = piece(mentor, url, len(PDF), b"")
    for answer in (again, empty):
        assert answer.status_code == first.status_code == 204
        assert answer["Upload-File-Id"] == first["Upload-File-Id"]
    with schema_context("nhf"):
        assert StoredFile.objects.count() == 1


def test_what_is_not_a_file_we_take_is_told_with_the_last_piece_and_afterwards(mentor):
    data = b"MZ\x90\x00 not a picture at all"
    url = begun(mentor, len(data), filename="cat.jpg", filetype="image/jpeg")["Location"]
    for _time in range(2):
        answer = piece(mentor, url, 0, data)
        assert (answer.status_code, slug(answer)) == (415, "unsupported-media-type")
        assert answer.json()["errors"][0]["code"] == "kind"
    said = mentor.get(url).json()
    assert (said["status"], said["refusal"]["code"], said["file"]) == ("refused", "kind", None)
    with schema_context("nhf"):
        assert not StoredFile.objects.exists()
        assert AuditEvent.objects.filter(action="file-upload.refused").count() == 1


@pytest.mark.parametrize("offset", [0, 11, 99])
def test_a_piece_that_does_not_follow_on_is_refused_with_where_to_go_on(mentor, offset):
    url = begun(mentor)["Location"]
    piece(mentor, url, 0, PDF[:10])
    answer = piece(mentor, url, offset, PDF[:5])
    assert (answer.status_code, slug(answer), answer["Upload-Offset"]) == (409, "upload-offset", "10")
    assert piece(mentor, url, 10, PDF[10:]).status_code == 204


def test_a_line_that_is_cut_loses_nothing_that_arrived(mentor):
    url = begun(mentor)["Location"]
    cut = {"wsgi.input": io.BytesIO(PDF[:30]), "CONTENT_LENGTH": str(len(PDF))}
    mentor.generic("PATCH", url, PDF, PIECES, headers={**TUS, "Upload-Offset": "0"}, **cut)
    assert mentor.head(url, headers=TUS)["Upload-Offset"] == "30"
    assert "Upload-File-Id" in piece(mentor, url, 30, PDF[30:])


def test_the_same_client_id_is_the_same_upload(mentor, api_of):
    mine = uuid.uuid4()
    first, again = begun(mentor, client_id=mine), begun(mentor, client_id=mine)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first["Location"] == again["Location"]
    piece(mentor, first["Location"], 0, PDF)
    done = begun(mentor, client_id=mine)
    assert (done.json()["status"], done["Upload-File-Id"]) == ("kept", first.json()["id"])
    other = begun(mentor, len(PDF) + 1, client_id=mine)
    assert other.status_code == 409
    assert begun(api_of("nhf", ADMIN), client_id=mine)["Location"] != first["Location"]


def test_an_upload_is_its_senders_alone(mentor, api_of):
    url = begun(mentor)["Location"]
    for other in (api_of("nhf", ADMIN), api_of("blindeforbundet", "admin@blindeforbundet.example")):
        for path in (url, f"{URL}{uuid.uuid4()}/"):
            answers = [other.get(path), piece(other, path, 0, PDF), other.delete(path, headers=TUS)]
            assert {(answer.status_code, slug(answer)) for answer in answers} == {(404, "not-found")}


def test_another_version_of_the_protocol_is_refused_and_ours_is_told(mentor):
    url = begun(mentor)["Location"]
    for answer in (
        mentor.post(URL, headers={"Upload-Length": "5"}),
        piece(mentor, url, 0, PDF, **{"Tus-Resumable": "0.2.2"}),
        mentor.delete(url),
    ):
        assert (answer.status_code, slug(answer), answer["Tus-Version"]) == (412, "tus-version", "1.0.0")
    said = mentor.options(URL)
    assert (said.status_code, said["Tus-Extension"]) == (204, "creation,expiration,termination")
    assert int(said["Tus-Max-Size"]) == 20 * 1024 * 1024


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 400),
        ({"Upload-Length": "-1"}, 400),
        ({"Upload-Length": "0"}, 422),
        ({"Upload-Length": str(20 * 1024 * 1024 + 1)}, 413),
        ({"Upload-Length": str(16 * 1024 * 1024), "Upload-Metadata": metadata(kind="photo")}, 413),
        ({"Upload-Length": "5", "Upload-Metadata": "filename !!"}, 400),
        ({"Upload-Length": "5", "Upload-Metadata": "kind YQ==,kind YQ=="}, 400),
        ({"Upload-Length": "5", "Upload-Metadata": metadata(kind="film")}, 400),
        ({"Upload-Length": "5", "Upload-Metadata": metadata(filename="a\0b")}, 400),
        ({"Upload-Length": "5", "Upload-Metadata": metadata(client_id="7")}, 400),
        ({"Upload-Length": "5", "Upload-Metadata": "x " + "A" * 5000}, 400),
    ],
)
def test_what_can_not_be_begun_is_refused(mentor, headers, status):
    assert mentor.post(URL, headers={**TUS, **headers}).status_code == status
    with schema_context("nhf"):
        assert not FileUpload.objects.exists()


def test_a_piece_must_be_bytes_and_no_more_of_them_than_announced(mentor):
    url = begun(mentor)["Location"]
    answer = mentor.patch(url, {"a": 1}, format="json", headers={**TUS, "Upload-Offset": "0"})
    assert answer.status_code == 415
    assert piece(mentor, url, 0, PDF + b"x").status_code == 413
    assert piece(mentor, url, 0, PDF, **{"Upload-Offset": "x"}).status_code == 400
    assert mentor.head(url)["Upload-Offset"] == "0"


def test_nobody_has_very_many_uploads_under_way(mentor, monkeypatch):
    monkeypatch.setattr(uploads, "MOST_OPEN", 2)
    first = begun(mentor)["Location"]
    begun(mentor)
    answer = begun(mentor)
    assert (answer.status_code, slug(answer)) == (429, "too-many-uploads")
    assert mentor.delete(first, headers=TUS).status_code == 204
    assert mentor.head(first).status_code == 404
    assert begun(mentor).status_code == 201
    monkeypatch.setattr(uploads, "MOST_OPEN_BYTES", 2 * len(PDF))
    monkeypatch.setattr(uploads, "MOST_OPEN", 9)
    assert begun(mentor).status_code == 429


def test_an_upload_that_nobody_finishes_ends_with_its_bytes(mentor):
    mine = uuid.uuid4()
    url = begun(mentor, client_id=mine)["Location"]
    piece(mentor, url, 0, PDF[:10])
    with schema_context("nhf"):
        assert len(list(storage.names())) == 1
        assert sweep_storage(written_before=timezone.now() + timedelta(days=1)) == 0
    assert with_expired() == []
    with schema_context("nhf"):
        FileUpload.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert with_expired() == ["nhf"]
    late = piece(mentor, url, 10, PDF[10:])
    assert (late.status_code, slug(late)) == (410, "upload-expired")
    anew = begun(mentor, client_id=mine)
    assert (anew.status_code, anew["Location"] == url) == (201, False)


def test_the_job_clears_away_what_expired_and_an_erasure_everything(
    mentor, person, django_capture_on_commit_callbacks
):
    piece(mentor, begun(mentor)["Location"], 0, PDF[:10])
    piece(mentor, begun(mentor)["Location"], 0, PDF[:10])
    with schema_context("nhf"), django_capture_on_commit_callbacks(execute=True):
        FileUpload.objects.filter(pk=FileUpload.objects.first().pk).update(expires_at=timezone.now())
        assert uploads.end_expired_uploads() == 1
    with schema_context("nhf"):
        assert (FileUpload.objects.count(), len(list(storage.names()))) == (1, 1)
        with django_capture_on_commit_callbacks(execute=True):
            uploads.end_uploads_of(person(MENTOR))
        assert (FileUpload.objects.count(), list(storage.names())) == (0, [])
        assert AuditEvent.objects.filter(action="file-upload.ended").count() == 2


def test_a_fault_of_ours_at_the_end_lets_the_last_piece_be_sent_again(mentor, monkeypatch):
    url = begun(mentor)["Location"]
    with monkeypatch.context() as patch:
        # The disk fails just when the pieces are read.
        patch.setattr("domain.files.uploads.storage.read", _failing)
        mentor.raise_request_exception = False
        assert piece(mentor, url, 0, PDF).status_code == 500
    assert mentor.get(url).json()["status"] == "receiving"
    assert "Upload-File-Id" in piece(mentor, url, 0, PDF)


def _failing(name):
    raise OSError(5, "Input/output error")


def test_two_at_once_can_not_mix_their_bytes_nor_make_two_files(own_database):
    with schema_context("nhf"):
        mentor = User.objects.get(email=MENTOR)
        upload, _new = uploads.begin_upload(by=mentor, length=len(PDF))
    together, results = threading.Barrier(4), []

    def send():
        with schema_context("nhf"):
            together.wait()
            offset, at = 0, upload
            while offset < len(PDF):
                try:
                    at = uploads.add_piece(at, offset=offset, data=PDF[offset : offset + 7])
                    offset = at.received
                except uploads.WrongOffset as error:
                    offset = error.received
                except uploads.InvalidState:
                    break
            together.wait()
            try:
                results.append(uploads.finish_upload(upload, by=mentor).pk)
            except uploads.UnderExamination:
                results.append(None)
        connections.close_all()

    threads = [threading.Thread(target=send) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert set(results) - {None} == {upload.pk}
    with schema_context("nhf"):
        file = StoredFile.objects.get()
        assert storage.read(file.storage_name) == PDF
