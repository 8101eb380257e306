"""Content to test with: a category or deck, and items in it, in the organisation that is selected."""

import pytest
from wagtail.models import Locale

from cms import rules
from cms.models import CardDeck, ConversationCard, FaqCategory, FaqEntry, ResourceCategory, ResourceLink


def locale(code: str = "nb") -> Locale:
    return Locale.objects.get(language_code=code)


@pytest.fixture
def make():
    """`make.category("Økonomi")`, `make.faq("Hva koster det?", category, live=True)`, and so on."""
    return Make()


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
