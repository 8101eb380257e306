"""The tree of 1,400 as people meet it: by keyboard, with a screen reader's eyes, and without scripts."""

import re

import pytest
from django.test import Client
from django_tenants.utils import schema_context
from playwright.sync_api import expect

from cms.demo.associations import seed_associations
from domain.associations.models import LocalAssociation
from domain.identity.models import User
from tests.support.browser import PHONE, chromium, violations, visitor

ADMIN = "admin@nhf.example"


@pytest.fixture(scope="module")
def site(shared_site):
    """A live site with the demo's tree; `cookie` is a signed-in administrator's."""
    with schema_context("nhf"):
        seed_associations()
        client = Client(HTTP_HOST="nhf.localhost")
        client.force_login(User.objects.get(email=ADMIN))
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value}
    return shared_site, {**cookie, "url": shared_site.url("nhf")}


def test_the_tree_is_used_by_keyboard_alone(site):
    live, cookie = site
    with chromium() as browser:
        page = visitor(browser)
        page.context.add_cookies([cookie])
        page.goto(live.url("nhf", "/admin/local-associations/tree/"))
        focused = page.locator(":focus")
        expect(page.get_by_role("tree")).to_be_visible()
        # One stop of the Tab key: the box, the button, the tree, and out again.
        page.locator("#tree-q").focus()
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        expect(focused).to_have_text(re.compile("NHF sentralt"))
        expect(focused).to_have_attribute("aria-expanded", "true")
        page.keyboard.press("ArrowRight")
        expect(focused).to_have_text(re.compile("NHF Agder"))
        expect(focused).to_have_attribute("aria-level", "2")
        expect(focused).to_have_attribute("aria-setsize", "15")
        expect(focused).to_have_attribute("aria-expanded", "false")
        page.keyboard.press("ArrowRight")
        expect(focused).to_have_attribute("aria-expanded", "true")
        page.keyboard.press("ArrowRight")
        expect(focused).to_have_attribute("aria-level", "3")
        page.keyboard.press("ArrowLeft")
        expect(focused).to_have_text(re.compile("NHF Agder"))
        page.keyboard.press("ArrowLeft")
        expect(focused).to_have_attribute("aria-expanded", "false")
        page.keyboard.press("End")
        expect(focused).to_have_text(re.compile("NHF Østfold"))
        page.keyboard.press("Home")
        expect(focused).to_have_text(re.compile("NHF sentralt"))
        page.keyboard.type("nhf vestl")
        expect(focused).to_have_text(re.compile("NHF Vestland"))
        page.keyboard.press("ArrowUp")
        expect(focused).to_have_text(re.compile("NHF Vestfold"))
        page.wait_for_timeout(1100)
        page.keyboard.type("tro")
        expect(focused).to_have_text(re.compile("NHF Trøndelag|NHF Troms"))
        page.wait_for_timeout(1100)
        page.keyboard.type("vestf")
        expect(focused).to_have_text(re.compile("NHF Vestfold"))
        assert violations(page) == []
        page.keyboard.press("Enter")
        page.wait_for_url("**/inspect/**")
        expect(page.get_by_text("NHF Vestfold").first).to_be_visible()
        assert violations(page) == []


def test_finding_while_one_types_opens_the_way_and_tells_how_many(site):
    live, cookie = site
    with chromium() as browser:
        page = visitor(browser, PHONE)
        page.context.add_cookies([cookie])
        page.goto(live.url("nhf", "/admin/local-associations/tree/"))
        page.locator("#tree-q").fill("03001")
        expect(page.locator("#tree-found")).to_have_text("Ett treff")
        expect(page.get_by_role("treeitem")).to_have_count(3)
        page.keyboard.press("ArrowDown")
        page.keyboard.press("End")
        expect(page.locator(":focus .tree-number")).to_have_text("03001")
        page.locator("#tree-q").fill("")
        expect(page.locator("#tree-found")).to_have_text("1400 i alt")
        assert violations(page) == []


def test_without_scripts_the_tree_is_lists_of_links(site):
    live, cookie = site
    with chromium() as browser:
        context = browser.new_context(java_script_enabled=False)
        context.add_cookies([cookie])
        page = context.new_page()
        page.goto(live.url("nhf", "/admin/local-associations/tree/?q=03001"))
        links = page.locator("a.tree-item")
        assert links.count() == 3
        expect(links.last).to_be_visible()
        page.goto(live.url("nhf", "/admin/local-associations/tree/"))
        expect(page.locator("a.tree-item").last).to_be_visible()


def test_moving_is_looked_at_before_it_is_done(site):
    live, cookie = site
    with schema_context("nhf"):
        moved = LocalAssociation.objects.get(number="03001")
    with chromium() as browser:
        page = visitor(browser)
        page.context.add_cookies([cookie])
        page.goto(live.url("nhf", f"/admin/local-associations/move/{moved.pk}/"))
        page.get_by_role("button", name="Velg", exact=True).click()
        page.locator(".modal input[name=q]").fill("NHF Finnmark")
        page.locator(".modal").get_by_role("link", name="NHF Finnmark", exact=True).click()
        page.get_by_role("button", name="Se hva som vil skje").click()
        preview = page.locator(".association-preview")
        expect(preview).to_contain_text("NHF sentralt › NHF Finnmark ›")
        assert violations(page) == []
        page.get_by_role("button", name="Flytt", exact=True).click()
        page.wait_for_url("**/inspect/**")
        expect(page.locator(".association-path")).to_contain_text("NHF Finnmark")
    with schema_context("nhf"):
        assert LocalAssociation.objects.get(pk=moved.pk).parent.name == "NHF Finnmark"
