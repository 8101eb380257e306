"""What an editor does with many items at once is done without a mouse."""

import pytest
from django_tenants.utils import schema_context
from playwright.sync_api import Page
from wagtail.models import Locale

from cms import rules
from cms.models import FaqCategory, FaqEntry
from domain.identity.models import User
from tests.support.browser import chromium, expect, sign_in, visitor

pytestmark = pytest.mark.browser
# More stops than any page of ours has on the way to what is looked for.
MOST_STOPS = 150


def make_faqs(category: str, questions: list[str]) -> None:
    """Drafts in a category of their own."""
    with schema_context("nhf"):
        admin = User.objects.get(email="admin@nhf.example")
        locale = Locale.objects.get(language_code="nb")
        heading = rules.create(FaqCategory(name=category, locale=locale), by=admin)
        for question in questions:
            faq = FaqEntry(question=question, answer="<p>Svar.</p>", category=heading, locale=locale)
            rules.create(faq, by=admin)


def questions_of(category: str, **state) -> list[str]:
    with schema_context("nhf"):
        rows = FaqEntry.objects.filter(category__name=category, **state).order_by("sort_order")
        return list(rows.values_list("question", flat=True))


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the focus is on what the selector means, which must then be in sight."""
    for _stop in range(MOST_STOPS):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            expect(page.locator(":focus")).to_be_visible()
            return
    raise AssertionError(f"{selector} is not reached by Tab")


def test_the_order_is_changed_by_keyboard_alone(demo_site):
    make_faqs("Rekkefølge", ["Først?", "Dernest?", "Sist?"])
    with chromium() as browser:
        page = visitor(browser)
        sign_in(page, demo_site, "nhf", "admin@nhf.example")
        page.goto(demo_site.url("nhf", "/admin/content/faqs/order/?locale=nb"))
        tab_to(page, "[data-w-orderable-item-label='Sist?'] button")
        page.keyboard.press("ArrowUp")
        page.keyboard.press("ArrowUp")
        with page.expect_response("**/reorder/**") as answer:
            page.keyboard.press("Enter")
        assert answer.value.ok
        # The focus stays on what was moved, so that it can be moved on.
        expect(page.locator("[data-w-orderable-item-label='Sist?'] button")).to_be_focused()
    assert questions_of("Rekkefølge") == ["Sist?", "Først?", "Dernest?"]


def test_several_are_published_by_keyboard_alone(demo_site):
    make_faqs("Sammen", ["Tastatur en?", "Tastatur to?", "Tastatur tre?"])
    with chromium() as browser:
        page = visitor(browser)
        sign_in(page, demo_site, "nhf", "admin@nhf.example")
        page.goto(demo_site.url("nhf", "/admin/content/faqs/?locale=nb&q=Tastatur"))
        for question in ("Tastatur en?", "Tastatur tre?"):
            box = page.locator("tr", has_text=question).locator("[data-bulk-action-checkbox]")
            page.evaluate("() => document.activeElement.blur()")
            tab_to(page, f"[data-object-id='{box.get_attribute('data-object-id')}']")
            page.keyboard.press("Space")
            expect(box).to_be_checked()
        tab_to(page, "[data-bulk-action-button][href*='/publish/']")
        page.keyboard.press("Enter")
        page.wait_for_url("**/bulk/**")
        tab_to(page, "main [type=submit]")
        page.keyboard.press("Enter")
        expect(page.locator(".messages .success")).to_be_visible()
    assert set(questions_of("Sammen", live=True)) == {"Tastatur en?", "Tastatur tre?"}
