"""Uploaded files: what is let in, what is stored, and who gets it back."""

import io
import zipfile
import zlib

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse
from django_tenants.utils import schema_context
from PIL import Image, ImageCms
from wagtail.models import Collection, CollectionViewRestriction

from cms import rules
from cms.models import CustomDocument, CustomImage, FaqEntry
from cms.models.uploads import clean_image
from domain.audit.models import AuditEvent

from .conftest import GPS_MARK, picture_bytes

pytestmark = pytest.mark.django_db
ADMIN = "admin@nhf.example"
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><html><script>alert(1)</script></html>"
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


def office(*parts: tuple[str, bytes], suffix="docx") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        for name, data in parts or (("word/document.xml", b"<w/>"),):
            archive.writestr(name, data)
    return out.getvalue()


def image(data: bytes = b"", name="bilde.jpg", **fields) -> CustomImage:
    file = ContentFile(data or picture_bytes(), name=name)
    return CustomImage.objects.create(title="Bilde", description="Et bilde", file=file, **fields)


def document(data: bytes = PDF, name="rutiner.pdf", **fields) -> CustomDocument:
    fields = {"title": "Våre rutiner", **fields}
    return CustomDocument.objects.create(file=ContentFile(data, name=name), **fields)


def flood() -> bytes:
    """A PNG of a few hundred bytes that says it has 900 million pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    header = (30000).to_bytes(4, "big") * 2 + bytes([8, 2, 0, 0, 0])
    body = zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


# --- Pictures -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_no_byte_of_the_place_a_picture_was_taken_is_stored(nhf, kind):
    data = picture_bytes(kind, gps=True)
    assert GPS_MARK in data
    stored = image(data, f"a.{kind.lower()}").file.read()
    assert GPS_MARK not in stored
    found = Image.open(io.BytesIO(stored))
    assert not found.getexif()
    assert b"Exif" not in stored and b"eXIf" not in stored


def test_a_turned_picture_is_stored_upright_with_its_real_size(nhf):
    saved = image(picture_bytes("JPEG", size=(60, 40), gps=True))
    assert (saved.width, saved.height) == (40, 60)
    assert saved.file_size is None or saved.file_size == saved.file.size


def test_renditions_carry_nothing_either(nhf):
    rendition = image(picture_bytes("JPEG", gps=True)).get_rendition("width-30")
    assert GPS_MARK not in rendition.file.read()


def test_the_colour_profile_is_kept(nhf):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    stored = Image.open(image(picture_bytes("JPEG", icc_profile=profile)).file)
    assert stored.info["icc_profile"] == profile


def test_comments_and_what_is_hidden_behind_a_picture_are_not_stored(nhf):
    data = picture_bytes("JPEG", comment=b"hemmelig") + b"PK\x03\x04<script>alert(1)</script>"
    stored = image(data).file.read()
    assert b"hemmelig" not in stored
    assert b"script" not in stored


def test_an_animation_stays_one(nhf):
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "green", "blue")]
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], duration=80, comment=b"hemmelig")
    stored = image(out.getvalue(), "a.gif").file.read()
    assert Image.open(io.BytesIO(stored)).n_frames == 3
    assert b"hemmelig" not in stored


def test_transparency_is_kept(nhf):
    out = io.BytesIO()
    Image.new("RGBA", (10, 10), (0, 0, 0, 0)).save(out, "PNG")
    assert Image.open(image(out.getvalue(), "a.png").file).convert("RGBA").getpixel((0, 0))[3] == 0


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("svg as jpeg", SVG),
        ("html as jpeg", HTML),
        ("php", b"<?php system($_GET['c']); ?>"),
        ("gif header before html", b"GIF89a" + HTML),
        ("jpeg header before html", b"\xff\xd8\xff\xe0" + HTML),
        ("cut off", picture_bytes()[:200]),
        ("pixel flood", flood()),
        ("virus", EICAR),
        ("virus behind a picture", picture_bytes() + EICAR),
        ("empty", b""),
        ("tiff", None),
        ("zip", office()),
        ("pdf", PDF),
        ("too big", b"\xff\xd8\xff" + b"\0" * (10 * 1024 * 1024)),
    ],
)
def test_a_hostile_picture_is_refused_and_leaves_nothing(nhf, name, data):
    if data is None:
        out = io.BytesIO()
        Image.new("RGB", (5, 5)).save(out, "TIFF")
        data = out.getvalue()
    before = default_storage.listdir("originals")[1] if default_storage.exists("originals") else []
    with pytest.raises(ValidationError):
        clean_image(io.BytesIO(data))
    # Wagtail reads width and height as soon as a file is named, and may stumble before we refuse.
    with pytest.raises((ValidationError, OSError, SyntaxError, Image.DecompressionBombError)):
        CustomImage.objects.create(title=name, file=ContentFile(data, name="a.jpg"))
    assert not CustomImage.objects.exists()
    assert not default_storage.exists("originals") or default_storage.listdir("originals")[1] == before


@pytest.mark.parametrize("data", [SVG, HTML, b"GIF89a" + HTML, EICAR])
def test_the_upload_form_refuses_what_is_no_picture(nhf, browser_of, data):
    file = SimpleUploadedFile("a.jpg", data, "image/jpeg")
    response = browser_of("nhf", ADMIN).post(
        reverse("wagtailimages:add"), {"title": "A", "description": "B", "file": file, "collection": "1"}
    )
    assert response.status_code == 200
    with schema_context("nhf"):
        assert not CustomImage.objects.exists()


def test_a_picture_is_uploaded_with_a_description_and_audited(nhf, browser_of, picture):
    client = browser_of("nhf", ADMIN)
    data = {"title": "Benk", "collection": str(Collection.get_first_root_node().pk)}
    response = client.post(
        reverse("wagtailimages:add"), {**data, "description": "", "file": picture(gps=True)}
    )
    assert response.status_code == 200
    data["description"] = "To på en benk"
    assert client.post(reverse("wagtailimages:add"), {**data, "file": picture(gps=True)}).status_code == 302
    with schema_context("nhf"):
        saved = CustomImage.objects.get()
        assert GPS_MARK not in saved.file.read()
        assert saved.file_size == saved.file.size
        assert AuditEvent.objects.filter(action="image.uploaded").count() == 1


def test_many_pictures_at_once_are_cleaned_and_then_described(nhf, browser_of, picture):
    response = browser_of("nhf", ADMIN).post(
        reverse("wagtailimages:add_multiple"),
        {"files[]": picture(gps=True), "collection": str(Collection.get_first_root_node().pk)},
    )
    assert response.json()["success"] is True
    with schema_context("nhf"):
        assert GPS_MARK not in CustomImage.objects.get().file.read()


# --- Documents ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.pdf", PDF),
        ("a.docx", office()),
        ("a.xlsx", office(("xl/workbook.xml", b"<w/>"))),
        ("a.txt", "Blåbær og rødgrøt".encode()),
        ("a.csv", "navn;år\nÅse;1970".encode("cp1252")),
        ("a.rtf", b"{\\rtf1 hei}"),
    ],
)
def test_ordinary_documents_are_taken(nhf, name, data):
    assert document(data, name).file.name.startswith("documents/")


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.pdf", HTML),
        ("a.pdf", b"MZ" + b"\0" * 50 + PDF),
        ("a.pdf", PDF.replace(b"<<>>", b"<</OpenAction<</S/JavaScript/JS(x)>>>>")),
        ("a.pdf", PDF.replace(b"<<>>", b"<</Names<</EmbeddedFiles<<>>>>>>")),
        ("a.pdf", PDF.replace(b"trailer", b"trailer<</Encrypt 9 0 R>>")),
        ("a.docx", b"PK\x03\x04nonsense"),
        ("a.docx", office(("word/vbaProject.bin", b"x"))),
        ("a.docx", office(("word/document.xml", b"\0" * 60_000_000))),
        ("a.docx", office(("word/../../etc/passwd", b"x"))),
        ("a.xlsx", office(("word/document.xml", b"x"))),
        ("a.txt", HTML),
        ("a.txt", SVG),
        ("a.csv", b"\0\0\0\1"),
        ("a.exe", b"MZ"),
        ("a.html", HTML),
        ("a.svg", SVG),
        ("a.pdf", PDF[:-7] + EICAR + b"%%EOF\n"),
        ("a.odt", office(("mimetype", b"text/html"))),
    ],
)
def test_a_document_that_is_not_what_it_says_is_refused(nhf, name, data):
    with pytest.raises(ValidationError):
        document(data, name)
    assert not CustomDocument.objects.exists()


# --- Names and walls ----------------------------------------------------------------------------------------


def test_names_tell_nothing_and_are_never_reused(nhf):
    names = {image(name="Kari Nordmann diagnose.jpg").file.name for _ in range(3)}
    assert len(names) == 3
    assert not any("kari" in name.lower() for name in names)
    assert image().get_rendition("width-30").file.name.startswith("images/")


def test_the_same_file_name_in_two_organisations_is_two_files(nhf, blindeforbundet):
    colours = {"nhf": "red", "blindeforbundet": "blue"}
    for schema, colour in colours.items():
        connection.set_schema(schema)
        out = io.BytesIO()
        Image.new("RGB", (4, 4), colour).save(out, "PNG")
        name = default_storage.save("images/" + "a" * 32 + ".png", ContentFile(out.getvalue()))
        assert name == "images/" + "a" * 32 + ".png"
    for schema, colour in colours.items():
        connection.set_schema(schema)
        with default_storage.open("images/" + "a" * 32 + ".png") as file:
            assert Image.open(file).convert("RGB").getpixel((0, 0)) == Image.new(
                "RGB", (1, 1), colour
            ).getpixel((0, 0))


def body(response) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def test_anyone_gets_a_rendition_and_may_keep_it(nhf, browser_of):
    rendition = image().get_rendition("width-30")
    client = browser_of("nhf")
    response = client.get(rendition.url)
    assert response.status_code == 200
    assert Image.open(io.BytesIO(body(response))).width == 30
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response["Content-Type"] == "image/jpeg"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]
    again = client.get(rendition.url, headers={"If-None-Match": response["ETag"]})
    assert again.status_code == 304
    assert again["ETag"] == response["ETag"]


@pytest.mark.parametrize(
    ("email", "status"),
    [(None, 404), ("mentor@nhf.example", 404), ("coordinator@nhf.example", 200), (ADMIN, 200)],
)
def test_originals_are_for_those_who_work_in_the_admin(nhf, browser_of, email, status):
    original = image().file.url
    response = browser_of("nhf", email).get(original)
    assert response.status_code == status
    if status == 200:
        body(response)
        assert response["Cache-Control"] == "private, no-cache"


def test_another_organisations_files_are_as_if_they_did_not_exist(nhf, browser_of):
    picture = image()
    addresses = [picture.file.url, picture.get_rendition("width-30").url, document().file.url]
    client = browser_of("blindeforbundet", "admin@blindeforbundet.example")
    for address in addresses:
        response = client.get(address)
        missing = client.get(f"{address.rsplit('/', 1)[0]}/{'0' * 32}.jpg")
        assert response.status_code == missing.status_code == 404
        assert dict(response.headers, **{"X-Request-Id": ""}) == dict(missing.headers, **{"X-Request-Id": ""})


@pytest.mark.parametrize(
    "path",
    [
        "images/../../nhf/images/x.jpg",
        "..%2fnhf%2fimages%2fx.jpg",
        "images/%2e%2e/originals/x.jpg",
        "_logos/x.png",
        "images/",
        "images/" + "a" * 32 + ".svg",
        "images/" + "a" * 32 + ".jpg/",
        "nhf/images/" + "a" * 32 + ".jpg",
        "/etc/passwd",
    ],
)
def test_no_path_leads_out_of_the_organisations_folder(nhf, browser_of, path):
    assert browser_of("nhf", ADMIN).get(f"/media/{path}").status_code == 404


def test_documents_have_no_address_below_media(nhf, browser_of):
    assert browser_of("nhf", ADMIN).get(document().file.url).status_code == 404


def test_a_document_is_for_members_and_is_named_after_its_title(nhf, browser_of, api_of):
    address = document().url
    assert address.endswith("/vare-rutiner.pdf")
    assert browser_of("nhf").get(address).status_code == 404
    assert browser_of("blindeforbundet", "admin@blindeforbundet.example").get(address).status_code == 404
    for client in (browser_of("nhf", "mentor@nhf.example"), api_of("nhf", "mentor@nhf.example")):
        response = client.get(address)
        assert (response.status_code, body(response)) == (200, PDF)
        assert response["Content-Security-Policy"] == "default-src 'none'"
    assert api_of("nhf").get(address, headers={"Authorization": "Bearer nonsense"}).status_code == 404


@pytest.mark.parametrize(
    ("audience", "live", "status"), [("public", True, 200), ("members", True, 404), ("public", False, 404)]
)
def test_a_document_that_published_content_for_everyone_links_to_opens_for_everyone(
    nhf, make, browser_of, audience, live, status
):
    file = document()
    answer = f'<p>Les <a linktype="document" id="{file.pk}">rutinene</a>.</p>'
    make.faq("Hva gjelder?", answer=answer, audience=audience, live=live)
    assert browser_of("nhf").get(file.url).status_code == status


def test_unpublishing_the_link_closes_the_document(nhf, make, browser_of):
    file = document()
    answer = f'<p><a linktype="document" id="{file.pk}">Rutinene</a></p>'
    entry = make.faq("Hva gjelder?", answer=answer, audience="public")
    rules.unpublish(FaqEntry.objects.get(pk=entry.pk), by=None)
    assert browser_of("nhf").get(file.url).status_code == 404


def test_a_private_collection_asks_to_sign_in(nhf, browser_of, api_of):
    collection = Collection.get_first_root_node().add_child(name="Styret")
    CollectionViewRestriction.objects.create(collection=collection, restriction_type="login")
    file = document(collection=collection)
    assert browser_of("nhf").get(file.url).headers["Location"].startswith("/admin/login/?next=/documents/")
    for client in (browser_of("nhf", "mentor@nhf.example"), api_of("nhf", "mentor@nhf.example")):
        assert client.get(file.url).status_code == 200


def test_a_collection_for_one_group_is_shut_for_the_others(nhf, browser_of):
    collection = Collection.get_first_root_node().add_child(name="Koordinatorer")
    restriction = CollectionViewRestriction.objects.create(collection=collection, restriction_type="groups")
    restriction.groups.add(Group.objects.get(name="coordinator"))
    file = document(collection=collection)
    assert browser_of("nhf", "coordinator@nhf.example").get(file.url).status_code == 200
    assert browser_of("nhf", "mentor@nhf.example").get(file.url).status_code == 404
