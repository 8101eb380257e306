"""Adding, describing and removing files on the page of what they belong to."""

import re

import pytest
from bs4 import BeautifulSoup
from django.test import RequestFactory
from django_tenants.utils import schema_context

from domain.associations.rules import create_association
from domain.audit.models import AuditEvent
from domain.files import storage
from domain.files.models import StoredFile
from domain.files.rules import accept_file

from .addresses import section
from .conftest import PDF, photo, upload
from .hostile import HTML

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.files.addresses")]
ADMIN = "admin@nhf.example"


@pytest.fixture
def place(nhf, evidence):
    return create_association(name="Grorud", number="77", parent=None, by=None)


def panel(place, user) -> BeautifulSoup:
    request = RequestFactory(HTTP_HOST="nhf.localhost").get("/admin/")
    request.user = user
    return BeautifulSoup(section.panel(request, place).render_html(), "html.parser")


def sent(client, place, data, name, **fields):
    values = {f"evidence-files-{key}": value for key, value in fields.items()}
    return client.post(
        f"/admin/evidence-files/to/{place.pk}/", {"evidence-files-file": upload(data, name), **values}
    )


def said(client, answer) -> str:
    """The messages on the page that an answer leads to."""
    page = BeautifulSoup(client.get(answer["Location"].partition("#")[0]).content, "html.parser")
    return " ".join(part.get_text(" ", strip=True) for part in page.select(".messages"))


def test_a_picture_is_added_shown_described_and_removed(
    place, person, browser_of, django_capture_on_commit_callbacks
):
    client, admin = browser_of("nhf", ADMIN), person(ADMIN)
    empty = panel(place, admin)
    assert "No files yet." in empty.text
    for field in empty.select("input:not([type=hidden])"):
        assert empty.select_one(f"label[for={field['id']}]"), field
    answer = sent(client, place, photo(), "Møte.png", alt_text="To på en benk")
    assert answer.status_code == 302
    assert answer["Location"].endswith("#evidence-files")
    assert "«Møte.jpg» er lagt til." in said(client, answer)
    with schema_context("nhf"):
        section.owner.objects.update(chapter="")
        full = panel(place, admin)
    image = full.select_one("img")
    assert image["alt"] == "To på en benk"
    assert client.get(image["src"])["Content-Type"] == "image/webp"
    link = full.select_one("a.button")
    assert "Møte.jpg" in link.text
    page = BeautifulSoup(client.get(link["href"]).content, "html.parser")
    version = page.select_one("input[name=version]")["value"]
    assert page.select_one("label[for=id_alt_text]")
    assert client.post(link["href"], {"alt_text": "En benk", "version": version}).status_code == 302
    stale = client.post(link["href"], {"alt_text": "En stol", "version": version})
    assert BeautifulSoup(stale.content, "html.parser").select_one(".help-critical[role=alert]")
    with schema_context("nhf"):
        assert StoredFile.objects.get().alt_text == "En benk"
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(link["href"], {"remove": "1"}).status_code == 302
    with schema_context("nhf"):
        assert not StoredFile.objects.exists()
        assert list(storage.names()) == []
        assert AuditEvent.objects.filter(action="file.destroyed").count() == 1


@pytest.mark.parametrize(
    ("data", "name", "message"),
    [
        (HTML, "a.jpg", "Denne typen fil kan ikke brukes her."),
        (PDF, "nei.pdf", "No more files here."),
        (b"", "a.jpg", "Filen er tom."),
    ],
)
def test_a_refusal_is_said_on_the_page_and_nothing_is_kept(place, browser_of, data, name, message):
    client = browser_of("nhf", ADMIN)
    assert message in said(client, sent(client, place, data, name))
    with schema_context("nhf"):
        assert not StoredFile.objects.exists()


def test_whoever_may_not_change_the_object_adds_and_removes_nothing(place, person, browser_of, evidence):
    mentor = person("coordinator@nhf.example")
    file = accept_file(upload(), by=mentor)
    row = evidence.objects.create(file=file, association=place)
    shown = panel(place, mentor)
    assert not shown.select("form")
    assert shown.select_one(f"a[href='/admin/files/{file.pk}/']")
    assert not shown.select("a.button")
    client = browser_of("nhf", "coordinator@nhf.example")
    for answer in (
        sent(client, place, PDF, "a.pdf"),
        client.get(f"/admin/evidence-files/{row.pk}/"),
        client.post(f"/admin/evidence-files/{row.pk}/", {"remove": "1"}),
    ):
        assert answer.status_code in (302, 403)
        assert answer.get("Location", "/admin/") == "/admin/"
    stranger = browser_of("blindeforbundet", "admin@blindeforbundet.example")
    for address in (f"/admin/evidence-files/{row.pk}/", f"/admin/files/{file.pk}/"):
        assert stranger.get(address).status_code == 404
    with schema_context("nhf"):
        assert evidence.objects.count() == 1


def test_the_panel_marks_up_names_and_descriptions(place, person, evidence):
    admin = person(ADMIN)
    file = accept_file(upload(photo(), "<b>x</b>.jpg"), by=admin, alt_text='"><script>alert(1)</script>')
    evidence.objects.create(file=file, association=place)
    shown = panel(place, admin)
    assert not shown.select("script, b")
    assert re.search(r"script>alert", shown.select_one("img")["alt"])
