"""What the platform says about itself to browsers and phones, and whose pages may ask for its passkeys."""

import pytest
from django_tenants.utils import schema_context

from domain.identity import webauthn
from tenants.hosts import add_host
from tenants.models import Domain, Organization
from tests.support.authenticator import Authenticator

from .conftest import KARIM

pytestmark = pytest.mark.django_db
FINGERPRINT = ":".join(["AB"] * 32)


def test_one_platform_with_a_domain_has_one_relying_party(nhf, settings):
    settings.PASSKEY_RP_ID, settings.PLATFORM_HOST = "", "meander.example"
    assert webauthn.relying_party(nhf) == "meander.example"
    settings.PASSKEY_RP_ID = "passkeys.example"
    assert webauthn.relying_party(nhf) == "passkeys.example"


def test_on_a_host_of_one_label_each_organisation_stands_for_itself(nhf, settings):
    settings.PASSKEY_RP_ID, settings.PLATFORM_HOST = "", "localhost"
    assert webauthn.relying_party(nhf) == "nhf.localhost"


def test_an_organisation_on_its_own_domain_is_named_as_a_related_origin(browser_of, platform, person):
    organization = Organization.objects.get(schema_name="nhf")
    add_host(organization, "likeperson.nhf.example", by=person("owner@meander.example"))
    answer = browser_of("platform").get("/.well-known/webauthn")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")
    assert answer.json() == {"origins": ["http://likeperson.nhf.example:8000"]}
    assert browser_of("nhf").get("/.well-known/webauthn").status_code == 404


def test_a_suspended_organisations_domain_is_named_no_more(browser_of, platform):
    with schema_context("public"):
        tenant = Organization.objects.get(schema_name="nhf")
        Domain.objects.create(tenant=tenant, domain="likeperson.nhf.example", is_primary=False)
        Organization.objects.filter(pk=tenant.pk).update(status="suspended")
    assert browser_of("platform").get("/.well-known/webauthn").json() == {"origins": []}


def test_on_its_own_domain_the_same_passkey_is_used(ceremonies, karim, nhf):
    with schema_context("public"):
        Domain.objects.create(tenant=nhf, domain="likeperson.nhf.example", is_primary=False)
    karim.origin = "http://likeperson.nhf.example:8000"
    assert ceremonies("nhf").sign_in_with(karim).status_code == 200


def test_a_domain_that_was_taken_away_opens_nothing(ceremonies, karim, nhf):
    karim.origin = "http://likeperson.nhf.example:8000"
    assert ceremonies("nhf").sign_in_with(karim).status_code == 401


def test_the_apps_are_named_to_their_systems(browser_of, platform, settings):
    settings.ANDROID_APPS = [f"no.example.app={FINGERPRINT}"]
    settings.APPLE_APPS = ["ABCDE12345.no.example.app"]
    client = browser_of("platform")
    apple = client.get("/.well-known/apple-app-site-association")
    assert apple["Content-Type"] == "application/json"
    assert apple.json() == {"webcredentials": {"apps": ["ABCDE12345.no.example.app"]}}
    [statement] = client.get("/.well-known/assetlinks.json").json()
    assert statement["target"] == {
        "namespace": "android_app",
        "package_name": "no.example.app",
        "sha256_cert_fingerprints": [FINGERPRINT],
    }


@pytest.mark.parametrize("path", ["options/", ""])
def test_a_page_elsewhere_can_not_begin_a_sign_in_in_somebodys_browser(nhf, path):
    from django.test import Client

    client = Client(HTTP_HOST="nhf.localhost", enforce_csrf_checks=True)
    answer = client.post(f"/admin/login/passkey/{path}", "{}", content_type="application/json")
    assert answer.status_code == 403


def test_an_answer_from_another_browser_signs_nobody_in(browser_of, karim, nhf):
    asking, answering = browser_of("nhf"), browser_of("nhf")
    options = asking.post("/admin/login/passkey/options/").json()["options"]
    body = {"credential": karim.get(options)}
    refused = answering.post("/admin/login/passkey/", body, content_type="application/json")
    assert (refused.status_code, refused.json()["code"]) == (401, "passkey-challenge")
    options = asking.post("/admin/login/passkey/options/").json()["options"]
    body = {"credential": karim.get(options), "next": "https://evil.example/", "remember": True}
    let_in = asking.post("/admin/login/passkey/", body, content_type="application/json")
    assert (let_in.status_code, let_in.json()) == (200, {"next": "/admin/"})
    assert asking.get("/admin/account/passkeys/").status_code == 200


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"credential": 1}', b"\xff", b"[" * 60_000])
def test_what_is_no_answer_is_refused_clearly(browser_of, nhf, body):
    answer = browser_of("nhf").post("/admin/login/passkey/", body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (401, "passkey-malformed")


def test_on_the_account_page_nobody_touches_anybody_elses_passkey(browser_of, ceremonies, karim, nhf):
    admin = ceremonies("nhf", "admin@nhf.example")
    tablet = Authenticator("http://nhf.localhost:8000")
    made = admin.register(tablet.create(admin.registration_options()), "Astrids nettbrett").json()
    page = browser_of("nhf", KARIM)
    assert "Astrids nettbrett" not in page.get("/admin/account/passkeys/").content.decode()
    for path in ("", "remove/"):
        assert page.get(f"/admin/account/passkeys/{made['id']}/{path}").status_code == 404
        assert page.post(f"/admin/account/passkeys/{made['id']}/{path}", {"name": "x"}).status_code == 404
