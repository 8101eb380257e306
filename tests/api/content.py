"""Content for the tests of the API, in the organisation that is selected."""

from typing import Any
from uuid import uuid4

from wagtail.models import Locale

from cms.models import (
    CardDeck,
    ConversationCard,
    FaqCategory,
    FaqEntry,
    ResourceCategory,
    ResourceLink,
)


def language(code: str) -> Locale:
    return Locale.objects.get(language_code=code)


def group(model: type, name: str, locale: str = "nb", **fields: Any) -> Any:
    return model.objects.create(name=name, locale=language(locale), translation_key=uuid4(), **fields)


def faq(question: str, *, locale: str = "nb", answer: str = "<p>Ja.</p>", **fields: Any) -> FaqEntry:
    """A published question that anyone may read, unless `fields` say otherwise."""
    category = fields.pop("category", None) or group(FaqCategory, "Generelt", locale)
    values = {"audience": "public", "live": True, "translation_key": uuid4(), **fields}
    return FaqEntry.objects.create(
        question=question, answer=answer, category=category, locale=language(locale), **values
    )


def link(title: str, *, locale: str = "nb", **fields: Any) -> ResourceLink:
    category = fields.pop("category", None) or group(ResourceCategory, "Lenker", locale)
    values = {"audience": "public", "url": "https://helsenorge.no/", "translation_key": uuid4(), **fields}
    return ResourceLink.objects.create(title=title, category=category, locale=language(locale), **values)


def card(title: str, *, locale: str = "nb", **fields: Any) -> ConversationCard:
    deck = fields.pop("deck", None) or group(CardDeck, "Begynne", locale)
    values = {"audience": "public", "prompt": "Hva er viktig nå?", "translation_key": uuid4(), **fields}
    return ConversationCard.objects.create(title=title, deck=deck, locale=language(locale), **values)
