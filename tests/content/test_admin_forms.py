"""Writing content in the admin: forms, publishing, scheduling, review, translation, deleting."""

import json
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django_tenants.utils import schema_context
from wagtail.models import Workflow

from cms import rules
from cms.admin.content_forms import LinesField
from cms.models import (
    CardDeck,
    ConversationCard,
    CustomImage,
    FaqCategory,
    FaqEntry,
    ResourceCategory,
    ResourceLink,
)
from domain.audit.models import AuditEvent

from .conftest import locale

pytestmark = pytest.mark.django_db
ADMIN, COORDINATOR = "admin@nhf.example", "coordinator@nhf.example"


def rich(text: str) -> str:
    """What the editor of rich text sends."""
    block = {"key": "a", "text": text, "type": "unstyled", "depth": 0}
    blocks = [{**block, "inlineStyleRanges": [], "entityRanges": []}]
    return json.dumps({"blocks": blocks, "entityMap": {}})


def faq_form(category, **changes) -> dict:
    return {
        "question": "Hva koster det?",
        "answer": rich("Ingenting."),
        "category": str(category.pk),
        "audience": "members",
        "go_live_at": "",
        "expire_at": "",
        **changes,
    }


def url(model, name: str, *args) -> str:
    return reverse(model.snippet_viewset.get_url_name(name), args=[str(arg) for arg in args])


@pytest.fixture
def submit(nhf, browser_of):
    """Sends a form as somebody and gives the answer; the organisation stays selected afterwards."""

    def send(address: str, data: dict, email: str = ADMIN):
        return browser_of("nhf", email).post(address, data)

    return send


def in_nhf(function):
    with schema_context("nhf"):
        return function()


def test_an_administrator_writes_and_publishes_a_faq(nhf, make, submit, person):
    category = make.category()
    response = submit(url(FaqEntry, "add"), faq_form(category, **{"action-publish": "1"}))
    assert response.status_code == 302
    entry = in_nhf(FaqEntry.objects.get)
    assert (entry.live, entry.question, entry.answer) == (
        True,
        "Hva koster det?",
        '<p data-block-key="a">Ingenting.</p>',
    )
    assert (entry.created_by, entry.updated_by, entry.sort_order) == (person(ADMIN), person(ADMIN), 1)
    assert in_nhf(lambda: set(AuditEvent.objects.values_list("action", flat=True))) >= {
        "faq.created",
        "faq.published",
    }


def test_a_coordinator_writes_a_draft_but_cannot_publish(nhf, make, submit):
    category = make.category()
    submit(url(FaqEntry, "add"), faq_form(category, **{"action-publish": "1"}), COORDINATOR)
    entry = in_nhf(FaqEntry.objects.get)
    assert not entry.live
    submit(url(FaqEntry, "edit", entry.pk), faq_form(category, **{"action-publish": "1"}), COORDINATOR)
    assert not in_nhf(FaqEntry.objects.get).live


def test_a_coordinators_change_of_a_live_item_is_a_draft_until_an_administrator_publishes(nhf, make, submit):
    entry = make.faq("Hva koster det?")
    data = faq_form(entry.category, question="Hva koster det nå?")
    submit(url(FaqEntry, "edit", entry.pk), data, COORDINATOR)
    assert in_nhf(FaqEntry.objects.get).question == "Hva koster det?"
    submit(url(FaqEntry, "edit", entry.pk), {**data, "action-publish": "1"})
    assert in_nhf(FaqEntry.objects.get).question == "Hva koster det nå?"


def test_an_audience_of_roles_without_a_role_is_explained(nhf, make, submit):
    response = submit(url(FaqEntry, "add"), faq_form(make.category(), audience="roles"))
    assert b"Tick at least one role, or choose another audience." in response.content
    assert not in_nhf(FaqEntry.objects.exists)


def test_roles_count_only_for_the_audience_of_roles(nhf, make, submit):
    category = make.category()
    submit(
        url(FaqEntry, "add"),
        faq_form(category, audience="roles", audience_roles=["coordinator", "org_admin"]),
    )
    assert in_nhf(FaqEntry.objects.get).audience_roles == ["coordinator", "org_admin"]
    entry = in_nhf(FaqEntry.objects.get)
    data = faq_form(category, audience="public", audience_roles=["coordinator"])
    submit(url(FaqEntry, "edit", entry.pk), data)
    entry = in_nhf(FaqEntry.objects.get)
    assert (entry.audience, entry.audience_roles) == ("public", [])


def test_platform_staff_are_no_audience(nhf, make, submit):
    response = submit(
        url(FaqEntry, "add"), faq_form(make.category(), audience="roles", audience_roles=["platform_staff"])
    )
    assert response.status_code == 200
    assert not in_nhf(FaqEntry.objects.exists)


def test_a_form_offers_the_categories_of_its_language_only(nhf, make, browser_of, submit):
    make.category("Norsk")
    english = make.category("English", code="en")
    page = browser_of("nhf", ADMIN).get(url(FaqEntry, "add") + "?locale=en").content.decode()
    assert "English</option>" in page
    assert "Norsk</option>" not in page
    response = submit(url(FaqEntry, "add") + "?locale=nb", faq_form(english))
    assert response.status_code == 200
    assert not in_nhf(FaqEntry.objects.exists)


@pytest.mark.parametrize("address", ["http://nav.no/", "javascript:alert(1)", "ftp://nav.no/", "nav"])
def test_a_link_must_begin_with_https(nhf, make, submit, address):
    category = make.category(model=ResourceCategory)
    data = {"title": "NAV", "url": address, "category": str(category.pk), "audience": "public"}
    response = submit(url(ResourceLink, "add"), data)
    assert response.status_code == 200
    assert not in_nhf(ResourceLink.objects.exists)
    submit(url(ResourceLink, "add"), {**data, "url": "https://nav.no/"})
    assert in_nhf(ResourceLink.objects.get).url == "https://nav.no/"


def test_follow_up_questions_are_lines(nhf, make, submit):
    deck = make.category("Hverdag", model=CardDeck)
    data = {
        "title": "En god dag",
        "prompt": "Fortell om en god dag.",
        "follow_ups": ["Hvem var der?", "  ", "Hva  gjorde dere? "],
        "deck": str(deck.pk),
        "difficulty": "easy",
        "audience": "members",
    }
    submit(url(ConversationCard, "add"), data)
    card = in_nhf(ConversationCard.objects.get)
    assert card.follow_ups == ["Hvem var der?", "Hva gjorde dere?"]
    response = submit(url(ConversationCard, "add"), {**data, "follow_ups": ["x"] * 11})
    assert b"At most 10 lines." in response.content


def test_too_long_a_line_is_named():
    field = LinesField(maximum=3, length=5)
    with pytest.raises(Exception, match="Line 2 is too long"):
        field.clean(["a", "abcdef"])
    assert field.has_changed(["a"], ["a", ""]) is False


def test_a_picture_without_a_description_is_not_used(nhf, make, submit, picture):
    image = CustomImage.objects.create(title="Bilde", file=picture())
    entry = make.link("Helse")
    data = {
        "title": "Helse",
        "url": "https://a.no/",
        "category": str(entry.category_id),
        "audience": "public",
    }
    address = url(ResourceLink, "edit", entry.pk)
    response = submit(address, {**data, "image": str(image.pk)})
    assert "describe what it shows" in response.content.decode()
    in_nhf(lambda: CustomImage.objects.update(description="To personer på en benk"))
    assert submit(address, {**data, "image": str(image.pk)}).status_code == 302


def test_going_live_and_expiring_can_be_planned(nhf, make, submit):
    category = make.category()
    later = timezone.localtime(timezone.now() + timedelta(days=2)).strftime("%Y-%m-%d %H:%M")
    end = timezone.localtime(timezone.now() + timedelta(days=9)).strftime("%Y-%m-%d %H:%M")
    submit(
        url(FaqEntry, "add"), faq_form(category, go_live_at=later, expire_at=end, **{"action-publish": "1"})
    )
    entry = in_nhf(FaqEntry.objects.get)
    assert in_nhf(lambda: (entry.live, entry.status_string)) == (False, "scheduled")
    response = submit(
        url(FaqEntry, "add"), faq_form(category, go_live_at=end, expire_at=later, **{"action-publish": "1"})
    )
    assert b"Go live date/time must be before expiry date/time" in response.content


def test_there_is_one_review_in_which_administrators_approve(nhf):
    workflow = Workflow.objects.get()
    task = workflow.tasks.get().specific
    assert set(task.groups.values_list("name", flat=True)) == {"org_admin", "platform_staff"}
    assert {model.get_default_workflow() for model in (FaqEntry, ResourceLink, ConversationCard)} == {
        workflow
    }


def test_a_draft_is_sent_to_review_and_approved_by_an_administrator(nhf, make, submit, person):
    category = make.category()
    submit(url(FaqEntry, "add"), faq_form(category, **{"action-submit": "1"}), COORDINATOR)
    entry = in_nhf(FaqEntry.objects.get)
    task = in_nhf(lambda: entry.current_workflow_task_state)
    assert task is not None
    approve = url(FaqEntry, "workflow_action", entry.pk, "approve", task.pk)
    submit(approve, {}, COORDINATOR)
    assert not in_nhf(FaqEntry.objects.get).live
    submit(approve, {})
    assert in_nhf(FaqEntry.objects.get).live
    recorded = in_nhf(lambda: dict(AuditEvent.objects.values_list("action", "actor_id")))
    assert recorded["faq.submitted"] == person(COORDINATOR).pk
    assert recorded["faq.approved"] == recorded["faq.published"] == person(ADMIN).pk


def test_while_it_is_reviewed_its_author_cannot_change_it(nhf, make, submit):
    category = make.category()
    submit(url(FaqEntry, "add"), faq_form(category, **{"action-submit": "1"}), COORDINATOR)
    entry = in_nhf(FaqEntry.objects.get)
    submit(url(FaqEntry, "edit", entry.pk), faq_form(category, question="Annet?"), COORDINATOR)
    assert in_nhf(lambda: entry.get_latest_revision_as_object().question) == "Hva koster det?"


def test_an_administrator_locks_an_item_against_coordinators(nhf, make, submit):
    entry = make.faq("Hva?")
    submit(url(FaqEntry, "lock", entry.pk), {})
    assert in_nhf(FaqEntry.objects.get).locked
    response = submit(url(FaqEntry, "edit", entry.pk), faq_form(entry.category), COORDINATOR)
    assert response.status_code == 200
    submit(url(FaqEntry, "unlock", entry.pk), {}, COORDINATOR)
    assert in_nhf(FaqEntry.objects.get).locked
    submit(url(FaqEntry, "unlock", entry.pk), {})
    assert not in_nhf(FaqEntry.objects.get).locked


def test_an_earlier_revision_is_brought_back_by_hand(nhf, make, submit):
    entry = make.faq("Først?")
    first = entry.latest_revision
    draft = FaqEntry.objects.get(pk=entry.pk)
    draft.question = "Siden?"
    rules.edit(draft, by=None, publish=True)
    data = faq_form(entry.category, question="Først?", revision=str(first.pk), **{"action-publish": "1"})
    submit(url(FaqEntry, "edit", entry.pk), data)
    assert in_nhf(FaqEntry.objects.get).question == "Først?"


def test_comparing_revisions_shows_what_changed_in_words(nhf, make, browser_of):
    entry = make.faq("Først?")
    draft = FaqEntry.objects.get(pk=entry.pk)
    draft.question, draft.audience, draft.audience_roles = "Siden?", "roles", ["coordinator"]
    rules.edit(draft, by=None)
    page = browser_of("nhf", ADMIN).get(url(FaqEntry, "revisions_compare", entry.pk, "live", "latest"))
    assert b"Coordinator" in page.content
    assert b"Siden" in page.content


def test_translating_opens_the_draft_in_the_other_language(nhf, make, submit):
    entry = make.faq("Hva?")
    address = reverse(
        "simple_translation:submit_snippet_translation", args=["cms", "faqentry", str(entry.pk)]
    )
    response = submit(address, {"locales": [locale("nn").pk]})
    copy = in_nhf(lambda: FaqEntry.objects.get(locale__language_code="nn"))
    assert response.headers["Location"] == url(FaqEntry, "edit", copy.pk)
    assert (copy.live, copy.translation_key) == (False, entry.translation_key)
    assert submit(address, {"locales": [locale("en").pk]}, COORDINATOR).status_code == 302
    assert not in_nhf(FaqEntry.objects.filter(locale__language_code="en").exists)
    assert submit(address.replace(str(entry.pk), "x"), {}).status_code == 404


def test_a_category_in_use_cannot_be_deleted_and_the_page_says_by_what(nhf, make, browser_of, submit):
    category = make.faq("Hva koster det?").category
    address = url(FaqCategory, "delete", category.pk)
    page = browser_of("nhf", ADMIN).get(address).content.decode()
    assert "Hva koster det?" in page
    assert "Yes, delete" not in page
    submit(address, {})
    assert in_nhf(FaqCategory.objects.count) == 1


def test_deleting_an_item_is_for_administrators(nhf, make, submit):
    entry = make.faq("Hva?")
    submit(url(FaqEntry, "delete", entry.pk), {}, COORDINATOR)
    assert in_nhf(FaqEntry.objects.count) == 1
    submit(url(FaqEntry, "delete", entry.pk), {})
    assert in_nhf(FaqEntry.objects.count) == 0


def test_the_order_is_changed_with_a_post_by_those_who_may_publish(nhf, make, submit, browser_of):
    category = make.category()
    entries = [make.faq(question, category) for question in ("En?", "To?", "Tre?")]
    address = url(FaqEntry, "reorder", entries[2].pk)
    submit(f"{address}?position=0", {}, COORDINATOR)
    assert in_nhf(lambda: FaqEntry.objects.get(question="Tre?").sort_order) == 3
    assert submit(f"{address}?position=0", {}).json() == {"success": True}
    page = browser_of("nhf", ADMIN).get(url(FaqEntry, "order")).content.decode()
    assert page.index("Tre?") < page.index("En?") < page.index("To?")
    assert submit(address, {}).status_code == 400


def test_there_is_no_copying_past_the_right_to_publish(nhf, make, submit):
    entry = make.faq("Hva?")
    response = submit(f"/admin/content/faqs/copy/{entry.pk}/", faq_form(entry.category), COORDINATOR)
    assert response.status_code == 404
