import io

import pytest
from django.core.files.base import ContentFile
from django.test import RequestFactory
from PIL import Image
from wagtail.models import Locale

from cms.models import (
    CardDeck,
    ConversationCard,
    CustomImage,
    FaqCategory,
    FaqEntry,
    ResourceCategory,
    ResourceLink,
)


@pytest.fixture
def nb(nhf):
    return Locale.objects.get(language_code="nb")


@pytest.fixture
def draft(nb):
    """Makes an unsaved item of a kind, each with a text that can be found on the page."""

    def make(kind: str, **values):
        if kind == "faq":
            heading = FaqCategory.objects.get_or_create(name="Å være likeperson", locale=nb)[0]
            defaults = {
                "question": "Hvem kan bli likeperson?",
                "answer": "<h3>Kort sagt</h3><p>Den som har <b>egen erfaring</b>.</p>",
                "category": heading,
            }
            model = FaqEntry
        elif kind == "link":
            heading = ResourceCategory.objects.get_or_create(name="Rettigheter", locale=nb)[0]
            defaults = {
                "title": "Hjelpemidler fra Nav",
                "url": "https://www.nav.no/hjelpemidler",
                "description": "Slik søker du.",
                "category": heading,
            }
            model = ResourceLink
        else:
            heading = CardDeck.objects.get_or_create(name="Første samtale", locale=nb)[0]
            defaults = {
                "title": "Å bli kjent",
                "prompt": "Hva gjorde deg glad denne uka?",
                "follow_ups": ["Hvem var der?"],
                "sensitive_advice": "Ta det med ro.",
                "deck": heading,
            }
            model = ConversationCard
        return model(locale=nb, **{**defaults, **values})

    return make


@pytest.fixture
def preview(browser_of, person):
    """The page that Wagtail's preview panel would show, as text."""

    def show(item, mode: str = "opened", *, panel: bool = True, organization: str = "nhf") -> str:
        client = browser_of(organization, f"admin@{organization}.example")
        cookie = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
        request = RequestFactory().get("/admin/", HTTP_HOST=f"{organization}.localhost", HTTP_COOKIE=cookie)
        response = item.make_preview_request(request, mode, {"in_preview_panel": panel, "is_editing": True})
        assert response.status_code == 200
        return response.content.decode()

    return show


@pytest.fixture
def picture(nhf):
    """Makes an image of an organisation, wide enough for several renditions."""

    def make(alt: str = "To som ler") -> CustomImage:
        out = io.BytesIO()
        Image.new("RGB", (700, 400), "#336699").save(out, "PNG")
        return CustomImage.objects.create(
            title="Bilde", description=alt, file=ContentFile(out.getvalue(), "bilde.png")
        )

    return make
