"""axe-core finds nothing serious on any page: the admin's, and those that need no account.

Which pages there are is not listed here: the addresses come from the URL configuration, classified in
tests/contracts/addresses.json. What of our own is no page stands in NOT_PAGES, with what it is instead.

The three kinds of content share most views, and so do their three kinds of categories: in a run of all tests
one kind stands for the others on those pages, and a run looks at a part of them all (tests/support/turns.py).
"""

import re
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from playwright.sync_api import Error, Frame, Page

from tests.contracts.addresses import every_address, view_named
from tests.contracts.test_addresses import CLASSES
from tests.support.browser import DESKTOP, PHONE, Violation, chromium, expect, sign_in, violations, visitor
from tests.support.turns import all_are_asked, is_its_turn

from .pages import Address, addresses, bulk_pages, objects_of_organization, objects_of_platform

pytestmark = pytest.mark.browser
ADMIN = ("nhf", "admin@nhf.example")
OWNER = ("platform", "owner@meander.example")

OURS = re.compile(r"admin/(content|settings|areas|organizations|jobs|demo-bookings|demo-slots|account)/")
NOT_PAGES = {
    r"results/|-results/": "the table of a list, fetched by its page",
    r"/(lock|unlock|reorder|reset|retry|check|state)/": "what a button or a script sends",
    r"/preview/|/view/$": "the app's screen, in a frame (checked below) or without the admin around it",
    r"/import/(template|<str:token>)": "a step of the import (checked below), or a file",
    r"/workflow/": "what a dialog fetches or sends",
    r"resource-links/workflow_history/.*/detail/": "the demo reviews no link; the page is the same for FAQs",
    r"/unschedule/$": "only for what is scheduled",
    r"demo-bookings/(new|delete)/": "nobody's: bookings come from the website and stay",
    r"account/sessions/(<uuid:id>/end|end-others)/": "what a button sends",
    r"account/passkeys/(register|<uuid:id>)/": "what a script sends, or for who has one: tests/passkeys",
    r"/support/<uuid:grant>/end/": "only for access that holds or is asked for here: tests/support_access",
    r"/hosts/<uuid:host>/(remove|primary)/": "only for a host that isn't the main one",
}
# What we show but did not write and can't mend from outside, one by one.
OTHERS_FAULTS = [
    # Swagger UI puts the link to an operation into the button that opens it: swagger-api/swagger-ui#9570.
    lambda v: v.rule == "nested-interactive" and 'class="opblock-summary-control"' in v.html,
]
ON_PHONES = {
    "admin/",
    "admin/account/",
    "admin/content/faqs/",
    "admin/content/faqs/add/",
    "admin/content/faqs/edit/<str:pk>/",
    "admin/content/faqs/order/",
    "admin/content/faqs/import/",
    "admin/settings/terminology/",
    "admin/settings/branding/",
    "admin/demo-bookings/",
    "admin/organizations/",
    "admin/organizations/new/",
    "admin/organizations/<uuid:pk>/",
}
KINDS = [
    ("conversation-cards", "faqs", "resource-links"),
    ("card-decks", "faq-categories", "link-categories"),
]
# Where everybody is every day.
ALWAYS = {"admin/", "admin/images/", "admin/documents/", "admin/workflows/list/"}
# Of each kind of content by itself: its own columns and fields.
OF_THE_KIND = {"", "add/", "edit/<str:pk>/"}
Findings = dict[str, list[Violation]]


def look(site, who: tuple[str, str], pages: list[Address], size: dict = DESKTOP) -> tuple[set[str], Findings]:
    """The routes that were pages, and what axe found on them."""
    seen, found = set(), {}
    organization, email = who
    with chromium() as browser:
        page = visitor(browser, size)
        sign_in(page, site, organization, email)
        for address in pages:
            url = site.url(organization, address.path)
            try:
                answer = page.goto(url)
            except Error as error:
                # An answer without a body, such as a 405, is shown as an error of the browser's.
                if "ERR_HTTP_RESPONSE_CODE_FAILURE" not in error.message:
                    raise
                page = page.context.new_page()
                continue
            is_page = answer.status == 200 and page.url == url and "<html" in answer.text()
            if is_page:
                seen.add(address.route)
                if wrong := violations(page):
                    found[address.route] = wrong
    return seen, found


def look_twice(site, who, pages: list[Address]) -> tuple[set[str], Findings]:
    """The same in two browsers at once, each with half of the pages."""
    with ThreadPoolExecutor(2) as pool:
        halves = list(pool.map(partial(look, site, who), [pages[::2], pages[1::2]]))
    return halves[0][0] | halves[1][0], halves[0][1] | halves[1][1]


def worth_opening(pages: Iterable[Address]) -> list[Address]:
    return [a for a in pages if a.path and not any(re.search(pattern, a.route) for pattern in NOT_PAGES)]


def shared_pages(routes: Iterable[str]) -> list[list[str]]:
    """Pages of content that differ in nothing but the kind of it, each with its route for every kind."""
    found: dict[tuple[int, str], list[str]] = {}
    for route in sorted(routes):
        for number, kinds in enumerate(KINDS):
            match = re.match(rf"admin/content/(?:{'|'.join(kinds)})/(.*)", route)
            if match and match[1] not in OF_THE_KIND and worth_opening([Address(route, route)]):
                found.setdefault((number, match[1]), []).append(route)
    return list(found.values())


def in_turn(routes: set[str]) -> set[str]:
    """The routes that are looked at in this run."""
    if all_are_asked():
        return routes
    others = [
        set(page) - {page[place % len(page)]} for place, page in enumerate(sorted(shared_pages(routes)))
    ]
    return {route for route in routes - set().union(*others) if route in ALWAYS or is_its_turn(route)}


def test_pages_on_which_kinds_of_content_take_turns_are_the_same_views():
    view_of = {address.route: view_named(address.callback) for address in every_address()}
    pages = shared_pages(view_of)
    assert len(pages) > 10
    for page in pages:
        assert len({view_of[route] for route in page}) == 1, page


def told(found: Findings) -> str:
    return "\n".join(f"{route}: {violation}" for route, wrong in found.items() for violation in wrong)


def unexplained(routes: set[str], seen: set[str]) -> set[str]:
    """Addresses of ours that were no page, though nothing in NOT_PAGES says so."""
    return {
        route
        for route in routes - seen
        if OURS.match(route) and not any(re.search(pattern, route) for pattern in NOT_PAGES)
    }


def test_every_page_of_an_organisations_admin_is_accessible(demo_site):
    routes = in_turn({r for r in CLASSES["editor"] + CLASSES["administrator"] if r.startswith("admin/")})
    objects = objects_of_organization("nhf")
    pages = worth_opening(addresses(routes, objects))
    seen, found = look_twice(demo_site, ADMIN, [*pages, *bulk_pages("nhf")])
    assert not found, told(found)
    assert not unexplained(routes, seen)
    assert ALWAYS | {"bulk publish"} <= seen


def test_every_page_of_the_platforms_admin_is_accessible(demo_site):
    routes = in_turn(set(CLASSES["platform"]))
    objects = objects_of_platform()
    pages = worth_opening(addresses(routes, objects))
    seen, found = look_twice(demo_site, OWNER, pages)
    assert not found, told(found)
    assert not unexplained(routes, seen)


def test_the_pages_used_most_are_accessible_on_a_phone(demo_site):
    objects = objects_of_organization("nhf")
    pages = list(addresses(ON_PHONES, objects))
    assert {address.route for address in pages} == ON_PHONES
    ours = [a for a in pages if not re.match("admin/(organizations|demo-)", a.route)]
    seen, found = look(demo_site, ADMIN, ours, PHONE)
    assert not found, told(found)
    assert len(seen) == len(ours)


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_every_step_of_an_import_is_accessible(demo_site, tmp_path, size):
    file = tmp_path / "spørsmål.csv"
    rows = [
        "Kategori;Spørsmål;Svar",
        f"Om likepersonstjenesten;Importert på {size['width']} piksler?;Ja.",
        "Finnes ikke;Uten kategori?;Denne raden blir avvist.",
    ]
    file.write_text("\n".join(rows), encoding="utf-8")
    with chromium() as browser:
        page = visitor(browser, size)
        sign_in(page, demo_site, *ADMIN)
        page.goto(demo_site.url("nhf", "/admin/content/faqs/import/"))
        assert_accessible(page)
        page.locator("main input[type=file]").set_input_files(file)
        page.locator("main form [type=submit]").click()
        page.wait_for_url("**/columns/")
        assert_accessible(page)
        page.locator("main form [type=submit]").first.click()
        page.wait_for_url("**/check/")
        expect(page.locator("main")).to_contain_text("Uten kategori?")
        assert_accessible(page)
        page.get_by_role("radio", name=re.compile("bare", re.IGNORECASE)).check()
        page.locator("main form [type=submit]").first.click()
        page.wait_for_url("**/done/")
        assert_accessible(page)


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_phone_in_the_preview_panel_is_accessible(demo_site, size):
    [edit] = addresses({"admin/content/faqs/edit/<str:pk>/"}, objects_of_organization("nhf"))
    with chromium() as browser:
        page = visitor(browser, size)
        sign_in(page, demo_site, *ADMIN)
        page.goto(demo_site.url("nhf", edit.path))
        page.locator("[data-side-panel-toggle=preview]").click()
        frame = page.locator("#w-preview-iframe")
        expect(frame.content_frame.locator(".phone")).to_be_visible()
        assert_accessible(page)
        assert_accessible(frame.element_handle().content_frame())


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_pages_without_an_account_are_accessible(demo_site, size):
    with chromium() as browser:
        page = visitor(browser, size)
        for organization, path, status in [
            ("nhf", "/", 200),
            ("platform", "/", 200),
            ("nhf", "/finnes-ikke/", 404),
            ("nhf", "/admin/login/", 200),
            ("platform", "/admin/login/", 200),
            ("nhf", "/api/docs/", 200),
            ("nhf", "/problems/not-found", 200),
            ("hvilende", "/", 403),
            ("ukjent", "/", 404),
        ]:
            answer = page.goto(demo_site.url(organization, path))
            assert answer.status == status, path
            assert_accessible(page)

        page.goto(demo_site.url("nhf", "/admin/login/"))
        page.context.clear_cookies()
        with page.expect_navigation() as refused:
            page.locator("input[name=username]").fill("astrid@nhf.example")
            page.locator("input[name=password]").fill("uten informasjonskapsler")
            page.locator("input[name=password]").press("Enter")
        assert refused.value.status == 403
        assert_accessible(page)


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_sales_site_is_accessible_also_with_mistakes_in_the_form(demo_site, size):
    with chromium() as browser:
        page = visitor(browser, size)
        page.goto(demo_site.sales_page)
        page.locator("#faqs summary").first.click()
        expect(page.locator("#slots input").first).to_be_visible()
        assert_accessible(page)
        page.get_by_role("button", name="Send").click()
        expect(page.locator("#form-message")).to_be_focused()
        assert_accessible(page)


def test_the_refusals_inside_the_admin_are_accessible(demo_site):
    with chromium() as browser:
        page = visitor(browser)
        sign_in(page, demo_site, "nhf", "coordinator@nhf.example")
        for path in ["/admin/finnes-ikke/", "/admin/settings/branding/", "/admin/organizations/"]:
            page.goto(demo_site.url("nhf", path))
            assert_accessible(page)


def test_an_element_without_a_name_and_a_text_too_pale_would_be_found(demo_site):
    with chromium() as browser:
        page = visitor(browser)
        page.goto(demo_site.url("nhf", "/"))
        assert_accessible(page)
        page.locator("main").evaluate(
            """main => {
                main.insertAdjacentHTML("beforeend", '<input id="nameless"><p id="pale">Blek tekst</p>');
                main.lastElementChild.style.color = "#ccc";
            }"""
        )
        assert {(v.rule, v.selector) for v in violations(page)} == {
            ("label", "#nameless"),
            ("color-contrast", "#pale"),
        }


def assert_accessible(page: Page | Frame) -> None:
    wrong = [v for v in violations(page) if not any(known(v) for known in OTHERS_FAULTS)]
    assert not wrong, told({page.url: wrong})
