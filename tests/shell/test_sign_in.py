"""Who gets into the admin of which organisation."""

import pytest
from django_tenants.utils import schema_context

from cms.demo.organizations import PASSWORD
from domain.identity.choices import MembershipStatus
from domain.identity.models import Membership

pytestmark = pytest.mark.django_db
LOGIN = "/admin/login/"


def sign_in(browser, email, password=PASSWORD):
    data = {"username": email, "password": password, "next": "/admin/"}
    return browser.post(LOGIN, data, headers={"accept-language": "en"})


@pytest.fixture(autouse=True)
def _uncounted(db):
    from domain.identity.models import RateCounter

    RateCounter.objects.all().delete()


def test_a_member_with_a_role_in_the_admin_gets_in(browser_of):
    browser = browser_of("nhf")
    assert sign_in(browser, "admin@nhf.example").status_code == 302
    assert browser.get("/admin/").status_code == 200


def test_the_same_person_has_the_admin_in_one_organisation_and_the_login_page_in_the_next(browser_of):
    here, there = browser_of("nhf"), browser_of("blindeforbundet")
    assert sign_in(here, "admin@nhf.example").status_code == 302
    refused = sign_in(there, "admin@nhf.example")
    assert refused.status_code == 200
    assert there.get("/admin/").url.startswith(LOGIN)
    assert here.get("/admin/").status_code == 200


def test_a_session_of_one_organisation_is_nothing_in_another(browser_of):
    here, there = browser_of("nhf"), browser_of("blindeforbundet")
    sign_in(here, "admin@nhf.example")
    there.cookies = here.cookies
    assert there.get("/admin/").url.startswith(LOGIN)


def test_a_suspended_membership_loses_the_session_on_the_next_request(browser_of, person):
    browser = browser_of("nhf")
    sign_in(browser, "admin@nhf.example")
    with schema_context("public"):
        Membership.objects.filter(user=person("admin@nhf.example")).update(status=MembershipStatus.SUSPENDED)
    assert browser.get("/admin/").url.startswith(LOGIN)
    assert sign_in(browser, "admin@nhf.example").status_code == 200


def test_unknown_address_wrong_password_and_no_member_get_the_same_answer(browser_of):
    texts = set()
    for email, password in (
        ("nobody@nhf.example", PASSWORD),
        ("admin@nhf.example", "wrong"),
        ("admin@blindeforbundet.example", PASSWORD),
        ("not an address", PASSWORD),
    ):
        page = sign_in(browser_of("nhf"), email, password)
        texts.add(str(page.context["form"].non_field_errors()))
    assert len(texts) == 1
    assert "match" in texts.pop()


def test_a_peer_mentor_is_told_to_use_the_app_once_the_password_is_right(browser_of):
    page = sign_in(browser_of("nhf"), "mentor@nhf.example")
    assert "app" in str(page.context["form"].non_field_errors())
    page = sign_in(browser_of("nhf"), "mentor@nhf.example", "wrong")
    assert "app" not in str(page.context["form"].non_field_errors())


def test_one_person_coordinates_here_and_is_peer_mentor_there(browser_of):
    assert sign_in(browser_of("blindeforbundet"), "both@meander.example").status_code == 302
    assert sign_in(browser_of("nhf"), "both@meander.example").status_code == 200


def test_guesses_are_limited_and_the_right_password_does_not_help_after_that(browser_of):
    browser = browser_of("nhf")
    for _guess in range(10):
        sign_in(browser, "Admin@nhf.example", "wrong")
    page = sign_in(browser, "admin@nhf.example")
    assert page.status_code == 200
    assert "Too many attempts" in str(page.context["form"].non_field_errors())


def test_a_right_password_forgives_the_guesses_before(browser_of):
    for _round in range(3):
        browser = browser_of("nhf")
        for _guess in range(8):
            sign_in(browser, "admin@nhf.example", "wrong")
        assert sign_in(browser, "admin@nhf.example").status_code == 302


def test_the_login_page_is_the_organisations_in_the_readers_language(browser_of):
    page = browser_of("nhf").get(LOGIN, headers={"accept-language": "en"}).content.decode()
    assert "Sign in to NHF" in page
    assert 'autocomplete="current-password"' in page
    assert "Wagtail" not in page.split("<noscript")[0].replace("wagtail", "")
    assert "Blindeforbundet" not in page


@pytest.mark.parametrize("address", ["/admin/account/", "/admin/settings/branding/", "/admin/areas/"])
def test_without_a_session_every_page_is_the_login_page(browser_of, address):
    assert browser_of("nhf").get(address).url.startswith(LOGIN)


def test_the_account_page_has_language_and_theme_and_nothing_of_the_person(browser_of):
    page = browser_of("nhf", "admin@nhf.example").get("/admin/account/")
    names = {panel.name for panels in page.context["panels_by_tab"].values() for panel in panels}
    assert {"language", "theme"} <= names <= {"language", "theme", "notifications", "security"}
    text = page.content.decode()
    assert 'name="language-language"' in text
    for field in ("first_name", "email", "avatar", "password"):
        assert f'name="name_email-{field}"' not in text
        assert f'name="avatar-{field}"' not in text


def test_nobody_resets_a_password_or_changes_a_name_through_wagtails_own_pages(browser_of, person):
    browser = browser_of("nhf", "admin@nhf.example")
    browser.post("/admin/account/", {"name_email-first_name": "Mallory", "language-language": "en"})
    assert person("admin@nhf.example").first_name == "Astrid"
    assert browser.get("/admin/password_reset/").status_code == 404
