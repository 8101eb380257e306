"""Content to test with: a category or deck, and items in it, in the organisation that is selected."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from wagtail.models import Locale

from cms import rules
from cms.models import CardDeck, ConversationCard, FaqCategory, FaqEntry, ResourceCategory, ResourceLink


def locale(code: str = "nb") -> Locale:
    return Locale.objects.get(language_code=code)


@pytest.fixture
def browser_of(browser_of):
    """As everywhere, with English pages: these tests read sentences."""

    def english(organization: str, email: str | None = None):
        client = browser_of(organization, email)
        client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
        return client

    return english


@pytest.fixture
def make():
    """`make.category("Økonomi")`, `make.faq("Hva koster det?", category, live=True)`, and so on."""
    return Make()


# A place that would tell where someone lives.
GPS_MARK = b"59 deg 54 min"
SUFFIXES = {"JPEG": "jpg", "PNG": "png", "GIF": "gif", "WEBP": "webp"}


def picture_bytes(kind: str = "JPEG", *, size=(60, 40), gps: bool = False, **options) -> bytes:
    """An image file; with `gps`, the place it was taken and a comment are in it."""
    image = Image.new("RGB", size, "teal")
    if gps:
        exif = Image.Exif()
        exif[0x0112] = 6  # Turned a quarter when shown.
        exif[0x010E] = GPS_MARK.decode()
        exif.get_ifd(0x8825).update({1: "N", 2: (59.0, 54.0, 49.0), 3: "E", 4: (10.0, 45.0, 8.0)})
        options["exif"] = exif.tobytes()
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def make_picture(kind: str = "JPEG", name: str = "", **options) -> SimpleUploadedFile:
    suffix = SUFFIXES[kind]
    return SimpleUploadedFile(
        name or f"bilde.{suffix}", picture_bytes(kind, **options), f"image/{kind.lower()}"
    )


class Make:
    def category(self, name: str = "Om oss", *, code: str = "nb", model=FaqCategory):
        return rules.create(model(name=name, locale=locale(code)), by=None)

    def faq(self, question: str, category=None, *, live: bool = True, **fields) -> FaqEntry:
        category = category or self.category()
        fields = {"answer": "<p>Ja.</p>", **fields}
        entry = FaqEntry(question=question, category=category, locale=category.locale, **fields)
        return rules.create(entry, by=None, publish=live)

    def link(self, title: str, category=None, *, live: bool = True, **fields) -> ResourceLink:
        category = category or self.category(model=ResourceCategory)
        fields = {"url": "https://helsenorge.no/", **fields}
        link = ResourceLink(title=title, category=category, locale=category.locale, **fields)
        return rules.create(link, by=None, publish=live)

    def card(self, title: str, deck=None, *, live: bool = True, **fields) -> ConversationCard:
        deck = deck or self.category("Hverdag", model=CardDeck)
        fields = {"prompt": "Hva gjorde deg glad i dag?", **fields}
        card = ConversationCard(title=title, deck=deck, locale=deck.locale, **fields)
        return rules.create(card, by=None, publish=live)


@pytest.fixture
def picture():
    """`picture()` is an uploaded JPEG of 60 × 40; `picture("PNG", gps=True)` and so on."""
    return make_picture
