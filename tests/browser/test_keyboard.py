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


def test_the_review_queue_is_worked_through_by_keyboard_and_read_out(demo_site):
    with chromium() as browser:
        page = visitor(browser)
        sign_in(page, demo_site, "nhf", "coordinator@nhf.example")
        page.goto(demo_site.url("nhf", "/admin/activities/review/"))
        said, items = page.locator("[data-review-said]"), page.locator(".review__item")
        expect(said).to_be_empty()
        page.keyboard.press("j")
        expect(items.nth(0)).to_be_focused()
        page.keyboard.press("j")
        page.keyboard.press("k")
        expect(items.nth(0)).to_be_focused()
        first, second = (items.nth(place).get_attribute("id") for place in (0, 1))

        page.keyboard.press("r")
        reason = page.locator(f"#{first} textarea")
        expect(reason).to_be_focused()
        # Keys are letters while somebody writes; Esc leads out again.
        page.keyboard.type("ja")
        expect(reason).to_have_value("ja")
        page.keyboard.press("Escape")
        expect(page.locator(f"#{first}")).to_be_focused()

        page.keyboard.press("r")
        page.keyboard.type(", men når?")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        # The next one has the focus, and what was done is read out.
        expect(page.locator(f"#{second}")).to_be_focused()
        expect(said).to_contain_text("Sendt tilbake")
        expect(page.locator(f"#{first}")).to_have_count(0)

        # Whoever speaks to their computer can do without single letters.
        page.locator("[data-review-keys]").uncheck()
        page.locator(f"#{second}").focus()
        page.keyboard.press("k")
        page.keyboard.press("a")
        expect(page.locator(f"#{second}")).to_be_focused()
        page.locator("[data-review-keys]").check()
        ready = page.locator(".review__item:not(:has(.org-state--bad))").first
        chosen = ready.get_attribute("id")
        ready.focus()
        page.keyboard.press("a")
        expect(said).to_contain_text("Godkjent")
        expect(page.locator(f"#{chosen}")).to_have_count(0)
        expect(page.locator(".review__item:focus, [data-review-empty]:focus")).to_have_count(1)
