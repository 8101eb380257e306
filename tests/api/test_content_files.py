"""Pictures and documents in content answers: absolute, of this organisation, and really there."""

import io
import re
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django_tenants.utils import schema_context
from PIL import Image

from cms.models import CustomDocument
from tests.support.images import image

from .content import card, faq, link

pytestmark = pytest.mark.django_db
HOST = "http://nhf.localhost"
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


def read(response) -> bytes:
    return b"".join(response.streaming_content)


def path_of(url: str) -> str:
    assert url.startswith(f"{HOST}/"), url
    return url.removeprefix(HOST)


def document(title: str = "Våre rutiner") -> CustomDocument:
    return CustomDocument.objects.create(title=title, file=ContentFile(PDF, name="x.pdf"))


class TestPictures:
    def pictured(self, api_of, picture) -> dict | None:
        item = card("Hva gjør deg glad?", image=picture)
        return (
            api_of("nhf").get(f"/api/v1/content/conversation-cards/{item.translation_key}/").json()["image"]
        )

    def test_a_picture_comes_with_its_text_and_in_several_widths(self, api_of, browser_of, nhf):
        picture = image("Sol", width=1600, height=900, description="Sol over fjorden")
        found = self.pictured(api_of, picture)
        assert (found["alt"], found["width"], found["height"]) == ("Sol over fjorden", 1600, 900)
        sizes = [(rendition["width"], rendition["height"]) for rendition in found["renditions"]]
        assert sizes == [(320, 180), (640, 360), (1280, 720)]
        for rendition in found["renditions"]:
            served = browser_of("nhf").get(path_of(rendition["url"]))
            assert served.status_code == 200
            assert Image.open(io.BytesIO(read(served))).size == (rendition["width"], rendition["height"])

    def test_a_small_picture_is_never_blown_up(self, api_of, nhf):
        found = self.pictured(api_of, image("Ikon", width=100, height=50))
        assert [(r["width"], r["height"]) for r in found["renditions"]] == [(100, 50)]

    def test_the_uploaded_original_has_no_public_address(self, api_of, nhf):
        picture = image("Sol")
        found = self.pictured(api_of, picture)
        assert Path(picture.file.name).name not in str(found)

    def test_without_a_picture_it_is_null(self, api_of, nhf):
        assert self.pictured(api_of, None) is None

    def test_a_picture_whose_file_is_lost_takes_nothing_else_away(self, api_of, nhf):
        picture = image("Borte")
        default_storage.delete(picture.file.name)
        assert self.pictured(api_of, picture) is None

    def test_lists_and_the_bundle_show_the_same_picture(self, api_of, nhf):
        item = link("Helsenorge", image=image("Sol"))
        client = api_of("nhf")
        one = client.get(f"/api/v1/content/resource-links/{item.translation_key}/").json()
        assert one["image"]["renditions"]
        assert client.get("/api/v1/content/resource-links/").json()["results"] == [one]
        assert client.get("/api/v1/content/bundle/").json()["resource_links"]["items"] == [one]

    def test_a_pictures_address_is_nobody_elses(self, api_of, browser_of, nhf):
        found = self.pictured(api_of, image("Sol"))
        path = path_of(found["renditions"][0]["url"])
        for other in ("blindeforbundet", "platform"):
            assert browser_of(other).get(path).status_code == 404

    def test_addresses_follow_the_host_and_port_that_were_asked(self, api_of, nhf):
        card("Hva gjør deg glad?", image=image("Sol"))
        rows = api_of("nhf").get(
            "/api/v1/content/conversation-cards/", headers={"host": "nhf.localhost:8000"}
        )
        url = rows.json()["results"][0]["image"]["renditions"][0]["url"]
        assert url.startswith("http://nhf.localhost:8000/media/images/")


class TestDocuments:
    def answered(self, api_of, answer: str, organization: str = "nhf") -> dict:
        item = faq("Hva gjelder?", answer=answer)
        return api_of(organization).get(f"/api/v1/content/faqs/{item.translation_key}/").json()

    def test_a_link_to_a_document_is_absolute_and_opens(self, api_of, browser_of, nhf):
        file = document()
        found = self.answered(api_of, f'<p>Les <a linktype="document" id="{file.pk}">rutinene</a>.</p>')
        url = re.fullmatch(r'<p>Les <a href="([^"]+)">rutinene</a>\.</p>', found["answer_html"])[1]
        assert found["answer_text"] == f"Les rutinene ({url})."
        served = browser_of("nhf").get(path_of(url))
        assert (served.status_code, read(served)) == (200, PDF)

    def test_a_document_that_is_gone_leaves_its_words_without_a_link(self, api_of, nhf):
        file = document()
        answer = f'<p>Les <a linktype="document" id="{file.pk}">rutinene</a>.</p>'
        file.delete()
        found = self.answered(api_of, answer)
        assert "href" not in found["answer_html"]
        assert found["answer_text"] == "Les rutinene."

    def test_another_organisations_document_cannot_be_linked_to(self, api_of, nhf):
        with schema_context("blindeforbundet"):
            theirs = [document("Hemmelig") for _ in range(3)][-1]
        assert not CustomDocument.objects.filter(pk=theirs.pk).exists()
        found = self.answered(api_of, f'<p><a linktype="document" id="{theirs.pk}">Les</a></p>')
        assert found["answer_html"] == "<p><a>Les</a></p>"
        assert "hemmelig" not in str(found).lower()

    def test_the_same_number_is_another_document_in_another_organisation(self, api_of, browser_of, nhf):
        with schema_context("blindeforbundet"):
            document("Deres rutiner")
        ours = document("Våre rutiner")
        found = self.answered(api_of, f'<p><a linktype="document" id="{ours.pk}">Les</a></p>')
        url = re.search(r'href="([^"]+)"', found["answer_html"])[1]
        assert path_of(url).endswith("/vare-rutiner.pdf")
        assert browser_of("blindeforbundet").get(path_of(url)).status_code == 404
