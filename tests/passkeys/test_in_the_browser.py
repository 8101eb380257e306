"""A person with a passkey in Chromium: made at one organisation, it opens the other, and the app's own page
says why it doesn't open what isn't theirs."""

import os
import re
from pathlib import Path

import pytest
from django_tenants.utils import schema_context
from playwright.sync_api import Browser, CDPSession, Page

from cms.demo.organizations import PASSWORD
from domain.access.models import RoleAssignment
from domain.access.rules import assign_role
from domain.audit.models import AuditEvent
from domain.identity.models import PasskeyCredential, User
from tenants.models import Domain, Organization
from tests.support.browser import DESKTOP, PHONE, chromium, expect, keep, violations, visitor
from tests.support.databases import cloned_database
from tests.support.server import LiveSite, serving

pytestmark = pytest.mark.browser
BOTH = "both@meander.example"
# Browsers take no name of one label for the domain of others, so `localhost` alone won't do.
PLATFORM = "meander.localhost"


@pytest.fixture(scope="module")
def shared_site(template_database, django_db_setup, django_db_blocker, tmp_path_factory):
    """The site on hosts below a domain that passkeys can be made for."""
    with (
        pytest.MonkeyPatch.context() as patch,
        django_db_blocker.unblock(),
        cloned_database(template_database, f"passkeys_{os.getpid()}") as name,
    ):
        for schema in ("nhf", "blindeforbundet"):
            tenant = Organization.objects.get(schema_name=schema)
            Domain.objects.create(tenant=tenant, domain=f"{schema}.{PLATFORM}", is_primary=False)
        folder = tmp_path_factory.mktemp("site")
        with serving(name, folder, patch, PASSKEY_RP_ID=PLATFORM) as live:
            yield live


@pytest.fixture
def site(shared_site):
    """The site, on which nobody has a passkey yet and Bjørn is a peer mentor at NHF and no more."""
    yield shared_site
    PasskeyCredential.objects.all().delete()
    with schema_context("nhf"):
        RoleAssignment.objects.filter(user__email=BOTH, role="coordinator").delete()


def address(site: LiveSite, organization: str, path: str) -> str:
    return f"http://{organization}.{PLATFORM}:{site.port}{path}"


def give_a_phone(page: Page) -> tuple[CDPSession, str]:
    """A platform authenticator that verifies its owner at once: the connection to it, and its id."""
    connection = page.context.new_cdp_session(page)
    connection.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    made = connection.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return connection, made["authenticatorId"]


def without_autofill(page: Page) -> None:
    """A browser that doesn't offer passkeys in fields: the virtual device would answer before any click."""
    page.add_init_script("delete PublicKeyCredential.isConditionalMediationAvailable")


def verify_no_more(connection: CDPSession, device: str) -> None:
    connection.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": False})


def sign_in_by_password(page: Page, site: LiveSite, organization: str) -> None:
    page.goto(address(site, organization, "/admin/login/"))
    page.locator("input[name=username]").fill(BOTH)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("input[name=password]").press("Enter")
    page.wait_for_url("**/admin/")


def sign_out(page: Page) -> None:
    page.context.clear_cookies()


def assert_accessible(page: Page) -> None:
    assert not violations(page), "\n".join(map(str, violations(page)))


def look(page: Page, folder: Path, name: str) -> None:
    """The page on a desk and on a phone: accessible on both, and kept as a picture."""
    for size, suffix in ((DESKTOP, "desk"), (PHONE, "phone")):
        page.set_viewport_size(size)
        assert_accessible(page)
        keep(page, folder, f"passkeys-{name}-{suffix}")
    page.set_viewport_size(DESKTOP)


def test_one_passkey_opens_the_admin_of_both_organisations(site, tmp_path):
    with schema_context("nhf"):
        assign_role(User.objects.get(email=BOTH), "coordinator", by=None)
    with chromium() as browser:
        page = visitor(browser)
        without_autofill(page)
        give_a_phone(page)
        sign_in_by_password(page, site, "blindeforbundet")
        page.goto(address(site, "blindeforbundet", "/admin/account/"))
        page.get_by_role("link", name="Passnøkler").click()
        look(page, tmp_path, "none")
        page.get_by_label("Navn").fill("Bjørns telefon")
        page.get_by_role("button", name="Legg til en passnøkkel").click()
        expect(page.locator(".passkeys h2")).to_have_text("Bjørns telefon")
        look(page, tmp_path, "one")
        page.goto(address(site, "blindeforbundet", "/admin/confirm/?next=/admin/account/passkeys/"))
        look(page, tmp_path, "confirm")
        page.get_by_role("button", name="Bekreft med passnøkkel").click()
        page.wait_for_url("**/admin/account/passkeys/")
        # The device has one of this person's already, and is asked not to make another.
        page.get_by_role("button", name="Legg til en passnøkkel").click()
        expect(page.locator("[data-passkey-message]")).to_have_text(re.compile("allerede"))

        for organization in ("blindeforbundet", "nhf"):
            sign_out(page)
            page.goto(address(site, organization, "/admin/login/?next=/admin/account/passkeys/"))
            look(page, tmp_path, f"login-{organization}")
            page.get_by_role("button", name="Logg inn med passnøkkel").click()
            page.wait_for_url("**/admin/account/passkeys/")
            expect(page.locator(".passkeys h2")).to_have_text("Bjørns telefon")

        page.get_by_role("link", name="Gi nytt navn Bjørns telefon").click()
        look(page, tmp_path, "rename")
        page.get_by_label("Navn").fill("Telefonen")
        page.get_by_role("button", name="Lagre").click()
        page.get_by_role("link", name="Fjern Telefonen").click()
        look(page, tmp_path, "remove")
        page.get_by_role("button", name="Fjern passnøkkelen").click()
        expect(page.locator("main")).to_contain_text("Du har ingen passnøkkel ennå.")

        sign_out(page)
        page.goto(address(site, "nhf", "/admin/login/"))
        page.get_by_role("button", name="Logg inn med passnøkkel").click()
        expect(page.locator("[data-passkey-message]")).not_to_be_empty()
        look(page, tmp_path, "login-refused")
    with schema_context("nhf"):
        assert AuditEvent.objects.filter(action="passkey.removed").count() == 1
        assert not PasskeyCredential.objects.exists()


def test_the_address_field_offers_the_passkey_and_a_peer_mentor_is_sent_to_the_app(site, tmp_path):
    with chromium() as browser:
        page = make_a_passkey(browser, site)
        # With autofill, the virtual device chooses by itself.
        page.goto(address(site, "blindeforbundet", "/admin/login/"))
        page.wait_for_url("**/admin/")
        sign_out(page)
        page.goto(address(site, "nhf", "/admin/login/"))
        expect(page.locator("[data-passkey-message]")).to_have_text(re.compile("Likepersoner bruker appen"))
        expect(page).to_have_url(re.compile("/admin/login/$"))
        look(page, tmp_path, "login-peer-mentor")


def make_a_passkey(browser: Browser, site: LiveSite) -> Page:
    """A browser that has a passkey of Blindeforbundet's coordinator, signed out again."""
    page = visitor(browser)
    give_a_phone(page)
    sign_in_by_password(page, site, "blindeforbundet")
    page.goto(address(site, "blindeforbundet", "/admin/account/passkeys/"))
    page.get_by_role("button", name="Legg til en passnøkkel").click()
    expect(page.locator(".passkeys h2")).to_have_text("Passnøkkel")
    sign_out(page)
    return page


def test_a_device_that_does_not_check_its_owner_opens_nothing(site):
    with chromium() as browser:
        page = visitor(browser)
        without_autofill(page)
        connection, device = give_a_phone(page)
        sign_in_by_password(page, site, "blindeforbundet")
        page.goto(address(site, "blindeforbundet", "/admin/account/passkeys/"))
        page.get_by_role("button", name="Legg til en passnøkkel").click()
        expect(page.locator(".passkeys h2")).to_have_text("Passnøkkel")
        sign_out(page)
        verify_no_more(connection, device)
        page.goto(address(site, "blindeforbundet", "/admin/login/"))
        page.get_by_role("button", name="Logg inn med passnøkkel").click()
        expect(page.locator("[data-passkey-message]")).to_have_text(re.compile("avbrutt"))
        expect(page.get_by_role("button", name="Logg inn med passnøkkel")).to_be_focused()


def test_without_scripts_the_password_signs_in_and_nothing_else_is_offered(site):
    with chromium() as browser:
        context = browser.new_context(java_script_enabled=False, locale="nb-NO")
        page = context.new_page()
        page.goto(address(site, "blindeforbundet", "/admin/login/"))
        expect(page.get_by_role("button", name="Logg inn med passnøkkel")).to_be_hidden()
        sign_in_by_password(page, site, "blindeforbundet")
        page.goto(address(site, "blindeforbundet", "/admin/account/passkeys/"))
        expect(page.locator("main")).to_contain_text("trengs JavaScript")
