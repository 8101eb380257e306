"""Pages outside the admin, and what browsers are told about them."""

import pytest
from django.template.loader import render_to_string

from tenants import routing
from tenants.choices import OrganizationStatus
from tenants.models import Organization

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("language", "word"), [("nb", 'lang="nb"'), ("nn", 'lang="nn"'), ("en", "Peer support in NHF")]
)
def test_the_front_page_speaks_the_readers_language(browser_of, language, word):
    page = browser_of("nhf").get("/", headers={"accept-language": language}).content.decode()
    assert word in page
    assert "/admin/" in page


def test_a_reader_can_choose_another_language(browser_of):
    browser = browser_of("nhf")
    assert browser.post("/branding/language/", {"language": "nn", "next": "/"}).status_code == 302
    assert '<html lang="nn">' in browser.get("/").content.decode()


def test_the_language_switch_leads_nowhere_else(browser_of):
    answer = browser_of("nhf").post(
        "/branding/language/", {"language": "nn", "next": "https://evil.example/"}
    )
    assert answer.url == "/"


def test_the_platforms_front_page_says_what_meander_is(browser_of):
    page = browser_of("platform").get("/", headers={"accept-language": "en"}).content.decode()
    assert "Meander is where organisations run their peer support" in page


def test_the_front_page_uses_the_organisations_words(browser_of, nhf):
    from domain.config.default_terms import Forms
    from domain.config.rules import override_term

    override_term(term="peer_mentor", locale="en", forms=Forms("guide", "guides", "", ""), by=None)
    assert "The guides" in browser_of("nhf").get("/", headers={"accept-language": "en"}).content.decode()
    other = browser_of("blindeforbundet").get("/", headers={"accept-language": "en"}).content.decode()
    assert "The peer mentors" in other


def test_the_error_page_needs_nothing_but_its_template():
    page = render_to_string("500.html")
    assert "Meander" in page
    assert "/branding/" not in page


def test_a_suspended_organisation_gets_a_clear_page_with_its_style(browser_of):
    Organization.objects.filter(schema_name="nhf").update(status=OrganizationStatus.SUSPENDED)
    routing.forget()
    browser = browser_of("nhf")
    page = browser.get("/admin/", headers={"accept-language": "en"})
    assert page.status_code == 403
    assert "is suspended for now" in page.content.decode()
    assert browser.get("/static/cms/pages.css").status_code == 200


def test_a_form_without_its_token_is_refused_in_words(browser_of):
    from django.test import Client

    browser = Client(HTTP_HOST="nhf.localhost", enforce_csrf_checks=True)
    page = browser.post("/admin/login/", {"username": "x"}, headers={"accept-language": "en"})
    assert page.status_code == 403
    assert "The form has expired" in page.content.decode()


@pytest.mark.parametrize("address", ["/", "/nothing/", "/branding/language/"])
def test_pages_allow_nothing_from_elsewhere_and_nothing_inline(browser_of, address):
    policy = browser_of("nhf").get(address)["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy


@pytest.mark.parametrize("address", ["/branding/theme.css", "/branding/icon.svg", "/api/v1/client-config/"])
def test_data_can_run_nothing(browser_of, address):
    answer = browser_of("nhf").get(address)
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert "geolocation=()" in answer["Permissions-Policy"]


def test_wagtails_admin_keeps_its_scripts_but_not_plugins_or_foreign_frames(browser_of):
    policy = browser_of("nhf", "admin@nhf.example").get("/admin/")["Content-Security-Policy"]
    assert policy == "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'"


def test_our_pages_have_no_inline_style_or_script(browser_of):
    for address in ("/", "/nothing/"):
        page = browser_of("nhf").get(address).content.decode()
        assert "<style" not in page
        assert "<script" not in page
        assert " style=" not in page


def test_health_answers_on_any_host_as_before(client):
    assert client.get("/health/live", headers={"host": "10.0.0.1"}).json() == {"status": "ok"}
