"""Who gets a file back, and how."""

import hashlib

import pytest
from django_tenants.utils import schema_context

from domain.access.queries import scope_for
from domain.audit.models import AuditEvent
from domain.files import storage
from domain.files.choices import FileStatus
from domain.files.models import StoredFile
from domain.files.rules import accept_file
from tenants import dumps, lifecycle, restore

from .conftest import PDF, photo, upload

pytestmark = pytest.mark.django_db
MENTOR, ADMIN = "mentor@nhf.example", "admin@nhf.example"


def body(response) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def sent(client, data=PDF, name="referat.pdf", headers=None, **fields):
    return client.post(
        "/api/v1/files/", {"file": upload(data, name), **fields}, format="multipart", headers=headers or {}
    )


def test_a_photo_is_taken_described_and_given_back_in_three_sizes(nhf, api_of, evidence):
    client = api_of("nhf", MENTOR)
    answer = sent(client, photo(size=(2000, 1500)), "IMG 1.jpeg", kind="photo", alt_text="To på en benk")
    assert answer.status_code == 201, answer.content
    said = answer.json()
    assert (said["name"], said["content_type"], said["width"]) == ("IMG 1.jpg", "image/jpeg", 2000)
    assert (said["status"], said["scan"], said["alt_text"]) == ("ready", "not_scanned", "To på en benk")
    whole = client.get(said["url"])
    data = body(whole)
    assert hashlib.sha256(data).hexdigest() == said["sha256"]
    assert whole["Content-Disposition"] == 'inline; filename="IMG 1.jpg"'
    sizes = [len(body(client.get(said["url"], {"size": size}))) for size in ("320", "1280")]
    assert sizes[0] < sizes[1] < len(data)
    assert client.get(said["url"], {"size": "77"}).status_code == 400
    assert client.get(said["url"] + "details/").json() == said
    with schema_context("nhf"):
        assert AuditEvent.objects.filter(action="file.uploaded", object_id=said["id"]).exists()
    assert client.patch(said["url"] + "details/", {"alt_text": "En benk"}).json()["alt_text"] == "En benk"


def test_what_is_sent_back_can_do_nothing_in_a_browser(nhf, api_of):
    client = api_of("nhf", MENTOR)
    answer = client.get(sent(client).json()["url"])
    assert body(answer) == PDF
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "private, no-store"
    assert "sandbox" in answer["Content-Security-Policy"]
    again = client.get(answer.request["PATH_INFO"], headers={"If-None-Match": answer["ETag"]})
    assert (again.status_code, body(again)) == (304, b"")


@pytest.mark.parametrize(
    ("asked", "status", "part"),
    [
        ("bytes=0-3", 206, PDF[:4]),
        ("bytes=5-", 206, PDF[5:]),
        ("bytes=-6", 206, PDF[-6:]),
        ("bytes=9999-", 416, None),
        ("bytes=0-1,4-5", 200, PDF),
        ("items=0-1", 200, PDF),
        ("bytes=-", 200, PDF),
    ],
)
def test_one_range_of_a_file_can_be_asked_for(nhf, api_of, asked, status, part):
    client = api_of("nhf", MENTOR)
    answer = client.get(sent(client).json()["url"], headers={"Range": asked})
    assert answer.status_code == status
    if part is None:
        assert answer["Content-Range"] == f"bytes */{len(PDF)}"
        assert answer.json()["type"] == "/problems/range-refused"
    else:
        assert body(answer) == part
        assert int(answer["Content-Length"]) == len(part)


def test_a_range_of_an_older_state_is_answered_with_the_whole(nhf, api_of):
    client = api_of("nhf", MENTOR)
    url = sent(client).json()["url"]
    assert client.get(url, headers={"Range": "bytes=0-3", "If-Range": '"old"'}).status_code == 200
    head = client.head(url)
    assert (head.status_code, int(head["Content-Length"]), body(head)) == (200, len(PDF), b"")


def test_a_file_that_belongs_to_nothing_is_its_uploaders_alone(nhf, api_of):
    url = sent(api_of("nhf", MENTOR)).json()["url"]
    others = [api_of("nhf", ADMIN), api_of("blindeforbundet", "admin@blindeforbundet.example")]
    for client in others:
        unknown = client.get("/api/v1/files/018f3f2a-0000-7000-8000-00000000dead/")
        for answer in (client.get(url), client.get(url + "details/"), client.delete(url)):
            assert answer.status_code == 404
            assert {**answer.json(), "instance": ""} == {**unknown.json(), "instance": ""}
    assert api_of("nhf").get(url).status_code == 401


def test_whoever_may_see_the_owner_may_see_its_file_and_is_recorded(nhf, api_of, person, evidence):
    mentor, admin = person(MENTOR), person(ADMIN)
    file = accept_file(upload(), by=mentor)
    row = evidence.objects.create(file=file, person_id=mentor.pk, chapter="", title="Møtet")
    assert StoredFile.objects.visible_to(scope_for(admin)).filter(pk=file.pk).exists()
    url = f"/api/v1/files/{file.pk}/"
    client = api_of("nhf", ADMIN)
    assert body(client.get(url)) == PDF
    assert body(client.get(url, headers={"Range": "bytes=5-9"})) == PDF[5:10]
    with schema_context("nhf"):
        events = AuditEvent.objects.filter(action="evidence.file-read")
        assert len(events) == 2  # A part of it is a reading, too.
        for event in events:
            assert (event.actor_id, event.object_id, event.subject_ids) == (
                admin.pk,
                str(row.pk),
                [mentor.pk],
            )
    assert client.delete(url).status_code == 409
    evidence.objects.update(chapter="/nowhere/")
    for email in (ADMIN, MENTOR):
        assert api_of("nhf", email).get(url).status_code == 404


def test_deleting_the_owner_destroys_the_file(nhf, person, evidence, django_capture_on_commit_callbacks):
    file = accept_file(upload(photo(size=(1500, 900)), "a.jpg"), by=person(MENTOR))
    row = evidence.objects.create(file=file)
    assert len(list(storage.names())) == 3
    with django_capture_on_commit_callbacks(execute=True):
        row.delete()
    assert list(storage.names()) == []
    assert not StoredFile.objects.exists()


def test_the_bytes_lie_in_the_organisations_folder_to_which_no_address_leads(nhf, browser_of, person):
    file = accept_file(upload(), by=person(MENTOR))
    path = storage._storage().path(storage._path(file.storage_name))
    assert f"/nhf/files/{file.storage_name}" in path
    client = browser_of("nhf", ADMIN)
    for address in (f"files/{file.storage_name}", f"nhf/files/{file.storage_name}"):
        assert client.get(f"/media/{address}").status_code == 404
    with schema_context("blindeforbundet"), pytest.raises(FileNotFoundError):
        storage.read(file.storage_name)


def test_an_upload_sent_twice_with_one_key_is_one_file(nhf, api_of):
    client = api_of("nhf", MENTOR)
    key = {"Idempotency-Key": "upload-1"}
    first, again = sent(client, headers=key), sent(client, headers=key)
    assert first.json() == again.json()
    assert again["Idempotency-Replayed"] == "true"
    assert sent(client, PDF + b"\n", headers=key).status_code == 422
    with schema_context("nhf"):
        assert StoredFile.objects.count() == 1


@pytest.mark.parametrize(
    ("data", "fields", "status", "code"),
    [
        (b"\xff\xd8\xff" + b"\0" * (15 * 1024 * 1024), {}, 413, "too-big"),
        (b"MZ\x90", {}, 415, "kind"),
        (PDF, {"kind": "photo"}, 415, "kind"),
        (PDF.replace(b"/Catalog", b"/Catalog/AA<</S/JavaScript>>"), {}, 422, "pdf-active"),
        (b"", {}, 422, "empty"),
    ],
)
@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_a_refusal_says_why_in_the_callers_language(nhf, api_of, data, fields, status, code, language):
    client = api_of("nhf", MENTOR)
    answer = sent(client, data, headers={"Accept-Language": language}, **fields)
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    assert answer["Content-Language"] == language
    assert answer.json()["errors"][0]["code"] == code


def test_a_form_that_is_not_one_is_refused(nhf, api_of):
    client = api_of("nhf", MENTOR)
    assert client.post("/api/v1/files/", {"file": "x"}, format="json").status_code == 415
    assert client.post("/api/v1/files/", {"alt_text": "x"}, format="multipart").status_code == 400
    assert sent(client, colour="red").status_code == 400
    huge = client.generic(
        "POST", "/api/v1/files/", b"x", "multipart/form-data; boundary=x", CONTENT_LENGTH=str(10**9)
    )
    assert huge.status_code == 413


def test_what_is_quarantined_or_destroyed_is_not_sent(nhf, api_of):
    client = api_of("nhf", MENTOR)
    url = sent(client).json()["url"]
    with schema_context("nhf"):
        StoredFile.objects.update(status=FileStatus.QUARANTINED)
    answer = client.get(url)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (409, "quarantined")
    assert client.delete(url).status_code == 204
    assert client.get(url).status_code == 404


def test_a_dump_of_the_organisation_takes_its_files_along_and_a_restore_brings_them_back(
    nhf, person, tmp_path
):
    file = accept_file(upload(), by=person(MENTOR))
    dumps._pack_files(nhf, tmp_path / "files.tar")
    storage.remove(file.storage_name)
    restore._unpack_files(tmp_path / "files.tar", nhf)
    assert storage.read(file.storage_name) == PDF
    lifecycle.remove_files("nhf")
    assert list(storage.names()) == []
