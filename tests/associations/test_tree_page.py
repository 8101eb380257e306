"""The tree of 1,400 as people meet it: by keyboard, with a screen reader's eyes, and without scripts."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from django_tenants.utils import schema_context
from playwright.sync_api import expect

from cms.admin.associations.tree import build_tree, render_tree
from cms.demo.associations import seed_associations
from domain.associations import rules
from domain.associations.models import LocalAssociation
from domain.identity.models import User
from tests.support.browser import PHONE, chromium, violations, visitor
from tests.support.queries import statements

ADMIN = "admin@nhf.example"


@pytest.mark.django_db
def test_the_tree_is_read_in_one_query_and_in_norwegian_order(tree):
    rules.create_association(name="Ås", number="103", parent=tree.east, by=None)
    rules.create_association(name="Zoolag", number="104", parent=tree.east, by=None)
    with statements() as found:
        roots, count = build_tree(LocalAssociation.objects.all())
    assert len(found) == 1
    assert count == 8
    assert [node.label for node in roots] == ["Norge"]
    assert [node.label for node in roots[0].children] == ["Vest", "Øst"]
    assert [node.label for node in roots[0].children[1].children] == ["Grorud", "Sinsen", "Zoolag", "Ås"]


@pytest.mark.django_db
def test_finding_keeps_what_is_above(tree):
    roots, count = build_tree(LocalAssociation.objects.all(), "groru")
    assert count == 1
    assert [node.label for node in roots[0].children] == ["Øst"]
    assert (roots[0].found, roots[0].children[0].children[0].found) == (False, True)
    assert build_tree(LocalAssociation.objects.all(), "201")[1] == 1
    assert build_tree(LocalAssociation.objects.all(), "finnes ikke") == ([], 0)


@pytest.mark.django_db
def test_a_name_can_not_break_out_of_the_page(tree):
    rules.change_association(tree.grorud, changes={"name": "<script>alert(1)</script>"}, by=None)
    html = render_tree(build_tree(LocalAssociation.objects.all())[0], is_open=False)
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


@pytest.mark.django_db
def test_an_alias_has_no_place_of_its_own(tree):
    rules.merge_associations(tree.grorud, into=tree.sinsen, by=None)
    assert build_tree(LocalAssociation.objects.all(), "grorud")[1] == 0


@pytest.mark.django_db
def test_the_page_of_1400_takes_few_queries(nhf, browser_of):
    seed_associations()
    client = browser_of("nhf", ADMIN)
    client.get(reverse("local_associations:tree"))
    with statements() as found:
        page = client.get(reverse("local_associations:tree"))
    assert page.content.decode().count("tree-item") == 1400
    # The tree itself; the caller's standing names the table as well.
    assert len([sql for sql in found if '"merged_into_id" IS NULL' in sql]) == 1


@pytest.fixture
def site(live_site):
    """A live site with the demo's tree; `cookie` is a signed-in administrator's."""
    with schema_context("nhf"):
        seed_associations()
        client = Client(HTTP_HOST="nhf.localhost")
        client.force_login(User.objects.get(email=ADMIN))
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value}
    return live_site, {**cookie, "url": live_site.url("nhf")}


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
