"""What an organisation has in its admin: areas, menu, settings."""

import html
import json
import re

import pytest
from django.urls import reverse
from django_tenants.utils import schema_context

from domain.config.models import FeatureArea, OrganizationSettings
from domain.config.rules import set_area

pytestmark = pytest.mark.django_db


def labels(page) -> list[str]:
    """Every label of the sidebar's menu, as the browser gets it."""
    found = re.search(r'<script id="wagtail-sidebar-props"[^>]*>(.*?)</script>', page.content.decode(), re.S)
    assert found

    def walk(value):
        if isinstance(value, dict):
            if isinstance(value.get("label"), str):
                yield value["label"]
            for inner in value.values():
                yield from walk(inner)
        elif isinstance(value, list):
            for inner in value:
                yield from walk(inner)

    return list(walk(json.loads(html.unescape(found.group(1)))))


def faq_list() -> str:
    from cms.models import FaqEntry

    return reverse(FaqEntry.snippet_viewset.get_url_name("list"))


def test_an_admins_menu_has_the_areas_and_the_settings_and_nothing_of_wagtails_own(browser_of):
    found = labels(browser_of("nhf", "admin@nhf.example").get("/admin/", headers={"accept-language": "en"}))
    assert {"FAQs", "Resource links", "Conversation cards", "Images", "Documents"} <= set(found)
    assert {"Branding", "Terminology", "Areas", "Settings"} <= set(found)
    absent = {"Pages", "Reports", "Help", "Snippets", "Users", "Groups", "Sites", "Locales", "Redirects"}
    assert not absent & set(found)


def test_a_coordinator_sees_terminology_but_not_what_only_admins_change(browser_of):
    browser = browser_of("nhf", "coordinator@nhf.example")
    found = set(labels(browser.get("/admin/", headers={"accept-language": "en"})))
    assert {"FAQs", "Terminology"} <= found
    assert not {"Branding", "Areas"} & found


def test_the_platforms_menu_entries_are_not_in_an_organisation(browser_of):
    platform = labels(browser_of("platform", "owner@meander.example").get("/admin/"))
    ours = labels(browser_of("nhf", "admin@nhf.example").get("/admin/"))
    assert len(platform) > len(ours)


def test_an_area_switched_off_is_gone_from_menu_and_addresses_here_only(browser_of):
    nhf = browser_of("nhf", "admin@nhf.example")
    other = browser_of("blindeforbundet", "admin@blindeforbundet.example")
    with schema_context("nhf"):
        set_area(area="faqs", enabled=False, by=None)
    english = {"accept-language": "en"}
    for _turn in range(2):
        assert "FAQs" not in labels(nhf.get("/admin/", headers=english))
        assert "FAQs" in labels(other.get("/admin/", headers=english))
        assert nhf.get(faq_list()).status_code == 404
        assert other.get(faq_list()).status_code == 200
    with schema_context("nhf"):
        set_area(area="faqs", enabled=True, by=None)
    assert nhf.get(faq_list()).status_code == 200


def test_with_all_areas_off_the_empty_group_is_gone_too(browser_of):
    with schema_context("nhf"):
        for area in ("faqs", "resource_links", "conversation_cards"):
            set_area(area=area, enabled=False, by=None)
    browser = browser_of("nhf", "admin@nhf.example")
    page = browser.get("/admin/", headers={"accept-language": "en"})
    assert page.status_code == 200
    assert "Content" not in labels(page)


def test_every_admin_address_of_an_area_is_closed_when_it_is_off(browser_of):
    """Lists, forms, history, bulk actions and translation: walked, not listed."""
    from django.urls import get_resolver

    from cms.admin.areas import area_of
    from cms.models import FaqEntry

    with schema_context("nhf"):
        set_area(area="faqs", enabled=False, by=None)
    browser = browser_of("nhf", "admin@nhf.example")
    namespace = FaqEntry.snippet_viewset.url_namespace
    resolver = get_resolver().namespace_dict[namespace][1]
    names = [name for name in resolver.reverse_dict if isinstance(name, str)]
    assert len(names) > 15
    pk = "00000000-0000-7000-8000-000000000000"
    for name in names:
        for arguments in ([], [pk], [pk, 1], [pk, 1, 2], [pk, "x", 1]):
            try:
                address = reverse(f"{namespace}:{name}", args=arguments)
            except Exception:
                continue
            assert browser.get(address).status_code == 404, address
            assert browser.post(address).status_code == 404, address
    assert area_of is not None
    for address in (
        f"/admin/translation/submit/snippet/cms/faqentry/{pk}/",
        "/admin/bulk/cms/faqentry/delete/?id=" + pk,
    ):
        assert browser.get(address).status_code == 404, address


def test_an_admin_switches_areas_on_their_page(browser_of):
    browser = browser_of("nhf", "admin@nhf.example")
    page = browser.get("/admin/areas/")
    form = page.context["form"]
    assert "demo_bookings" not in form.fields
    data = {name: form[name].value() for name in form.fields}
    del data["faqs"]
    assert browser.post("/admin/areas/", {k: v for k, v in data.items() if v}).status_code == 302
    with schema_context("nhf"):
        assert not FeatureArea.objects.get(area="faqs").enabled
        assert FeatureArea.objects.get(area="resource_links").enabled


def test_switching_from_a_page_someone_else_outdated_changes_nothing(browser_of):
    browser = browser_of("nhf", "admin@nhf.example")
    form = browser.get("/admin/areas/").context["form"]
    data = {name: form[name].value() for name in form.fields if form[name].value()}
    with schema_context("nhf"):
        set_area(area="faqs", enabled=False, by=None)
        set_area(area="faqs", enabled=True, by=None)
    del data["faqs"]
    assert browser.post("/admin/areas/", data).status_code == 200
    with schema_context("nhf"):
        assert FeatureArea.objects.get(area="faqs").enabled


def test_the_settings_page_shows_what_has_an_effect_and_saves_it(browser_of):
    browser = browser_of("nhf", "admin@nhf.example")
    form = browser.get("/admin/settings/").context["form"]
    wanted = {"locales": ["nn", "en"], "max_local_associations": 3, "second_step": "on"}
    wanted |= {"default_language": "nn", "retention_assignments_days": 45}
    assert set(form.fields) == {*wanted, "version"}
    data = {**wanted, "version": form["version"].value()}
    assert browser.post("/admin/settings/", data).status_code == 302
    with schema_context("nhf"):
        from tenants.models import Organization

        saved = OrganizationSettings.objects.get()
        assert (saved.locales, saved.max_local_associations) == (["nn", "en"], 3)
        assert saved.retention_assignments_days == 45
        assert saved.second_step
        assert Organization.objects.get(schema_name="nhf").default_language == "nn"


def test_a_main_language_that_is_not_in_use_is_told_at_its_field(browser_of):
    browser = browser_of("nhf", "admin@nhf.example")
    version = browser.get("/admin/settings/").context["form"]["version"].value()
    data = {"locales": ["nb"], "default_language": "en", "version": version}
    page = browser.post("/admin/settings/", data)
    assert page.status_code == 200
    assert page.context["form"].errors
    with schema_context("nhf"):
        assert OrganizationSettings.objects.get().locales == ["nb", "nn", "en"]


@pytest.mark.parametrize("address", ["/admin/areas/", "/admin/settings/"])
def test_a_coordinator_is_sent_away_from_settings(browser_of, address):
    assert browser_of("nhf", "coordinator@nhf.example").get(address).status_code == 302
