"""Several items at once: what is allowed is done, the rest says why, "all" means what the filters leave."""

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse
from django_tenants.utils import schema_context

from cms import rules
from cms.models import CardDeck, ConversationCard, FaqCategory, FaqEntry
from domain.audit.models import AuditEvent

from .conftest import locale

pytestmark = pytest.mark.django_db
ADMIN, COORDINATOR = "admin@nhf.example", "coordinator@nhf.example"


def address(model, action: str, *, ids=(), **filters) -> str:
    path = reverse("wagtail_bulk_action", args=["cms", model._meta.model_name, action])
    listing = reverse(model.snippet_viewset.get_url_name("list"))
    query = "&".join(
        [*(f"id={pk}" for pk in ids), *(f"{k}={v}" for k, v in filters.items()), f"next={listing}"]
    )
    return f"{path}?{query}"


def texts(response) -> str:
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


def live() -> set[str]:
    with schema_context("nhf"):
        return set(FaqEntry.objects.filter(live=True).values_list("question", flat=True))


@pytest.fixture
def drafts(nhf, make):
    category = make.category()
    return [make.faq(question, category, live=False) for question in ("En?", "To?", "Tre?")]


def test_ticked_drafts_are_published_after_a_question(drafts, browser_of):
    client = browser_of("nhf", ADMIN)
    ids = [item.pk for item in drafts[:2]]
    question = client.get(address(FaqEntry, "publish", ids=ids)).content.decode()
    assert "En?" in question and "Tre?" not in question
    assert live() == set()
    response = client.post(address(FaqEntry, "publish", ids=ids))
    assert live() == {"En?", "To?"}
    assert "2 have been published." in texts(response)


def test_the_good_ones_are_published_and_the_others_say_why(drafts, browser_of, person):
    FaqEntry.objects.filter(pk=drafts[1].pk).update(locked=True, locked_by=person(COORDINATOR))
    rules.publish(drafts[2], by=None)
    response = browser_of("nhf", ADMIN).post(address(FaqEntry, "publish", ids=[item.pk for item in drafts]))
    said = texts(response)
    assert "1 has been published." in said
    assert "To?</strong>: It is locked" in said
    assert "Tre?</strong>: It is published already" in said
    assert live() == {"En?", "Tre?"}
    with schema_context("nhf"):
        assert AuditEvent.objects.filter(action="faq.published").count() == 2


def test_all_in_the_listing_are_those_the_filters_leave(drafts, make, browser_of):
    other = make.faq("Annet?", make.category("Annet"), live=False)
    client = browser_of("nhf", ADMIN)
    client.post(address(FaqEntry, "publish", id="all", category="nonsense"))
    assert live() == set()
    client.post(address(FaqEntry, "publish", id="all", category=str(other.category_id)))
    assert live() == {"Annet?"}
    client.post(address(FaqEntry, "publish", id="all", q="Tre"))
    assert live() == {"Annet?", "Tre?"}
    client.post(address(FaqEntry, "unpublish", id="all", status="live"))
    assert live() == set()


@pytest.mark.parametrize("action", ["publish", "unpublish", "delete", "audience", "move"])
def test_a_coordinator_changes_nothing_that_is_live_by_the_dozen(nhf, make, browser_of, action):
    entry = make.faq("Hva?")
    other = make.category("Annet")
    data = {"audience": "public", "category": str(other.pk)}
    browser_of("nhf", COORDINATOR).post(address(FaqEntry, action, ids=[entry.pk]), data)
    with schema_context("nhf"):
        found = FaqEntry.objects.get()
    assert (found.live, found.audience, found.category_id) == (True, "members", entry.category_id)


def test_ticked_items_move_to_a_category_and_translations_to_its_translation(drafts, make, browser_of):
    target = make.category("Annet")
    translated = rules.translate(drafts[0], locale("en"), by=None)
    client = browser_of("nhf", ADMIN)
    ids = [drafts[0].pk, translated.pk]
    response = client.post(address(FaqEntry, "move", ids=ids), {"category": str(target.pk)})
    assert "1 has been moved." in texts(response)
    assert "translate the category first" in texts(response)
    with schema_context("nhf"):
        assert FaqEntry.objects.get(pk=drafts[0].pk).category == target


def test_the_audience_of_ticked_cards_is_changed(nhf, make, browser_of):
    deck = make.category("Hverdag", model=CardDeck)
    cards = [make.card(title, deck) for title in ("En", "To")]
    client = browser_of("nhf", ADMIN)
    where = address(ConversationCard, "audience", ids=[card.pk for card in cards])
    assert b"Tick at least one role" in client.post(where, {"audience": "roles"}).content
    client.post(where, {"audience": "roles", "audience_roles": ["peer_mentor"]})
    with schema_context("nhf"):
        assert set(ConversationCard.objects.values_list("audience", "live")) == {("roles", True)}
        assert {tuple(card.audience_roles) for card in ConversationCard.objects.all()} == {("peer_mentor",)}


def test_categories_in_use_survive_deleting_by_the_dozen(nhf, make, browser_of):
    used, free = make.faq("Hva?").category, make.category("Tom")
    response = browser_of("nhf", ADMIN).post(address(FaqCategory, "delete", ids=[used.pk, free.pk]))
    assert "It is in use by “Hva?”" in texts(response)
    with schema_context("nhf"):
        assert list(FaqCategory.objects.all()) == [used]


def test_ids_of_another_organisation_and_nonsense_are_passed_over(nhf, make, browser_of):
    entry = make.faq("Hva?", live=False)
    response = browser_of("blindeforbundet", "admin@blindeforbundet.example").post(
        address(FaqEntry, "publish", ids=[entry.pk, "x", "1 OR 1=1"])
    )
    assert response.status_code == 302
    assert live() == set()


def test_wagtails_deleting_by_the_dozen_is_replaced(nhf):
    from wagtail.admin.views.bulk_action.registry import bulk_action_registry

    for model in (FaqEntry, FaqCategory, CardDeck, ConversationCard):
        action = bulk_action_registry.get_bulk_action_class("cms", model._meta.model_name, "delete")
        assert action.__module__ == "cms.admin.bulk_publish"
