"""A passkey after the password, for people with wide access, where their organisation asks for one."""

import pytest
from django_tenants.utils import schema_context

from cms.demo.organizations import PASSWORD
from domain.access.choices import Role
from domain.access.rules import assign_role
from domain.audit.models import AuditEvent
from domain.config.rules import change_settings
from domain.identity.models import UserSession
from domain.identity.recovery import make_recovery_codes
from tests.passkeys.conftest import PHONE, Ceremonies, codes
from tests.support.authenticator import Authenticator
from tests.support.images import image

from .conftest import sign_in

pytestmark = pytest.mark.django_db
ASTRID, SOLVEIG, BJORN = "admin@nhf.example", "mentor@nhf.example", "both@meander.example"
HOST = "http://nhf.localhost:8000"
SECOND = "/api/v1/auth/password/second-step/"


@pytest.fixture(autouse=True)
def _one_domain(settings):
    settings.PASSKEY_RP_ID = "localhost"
    settings.WAGTAILADMIN_BASE_URL = "http://localhost:8000"


@pytest.fixture
def asking(nhf):
    """NHF asks for it."""
    change_settings(changes={"second_step": True}, by=None)
    return nhf


@pytest.fixture
def phone(api_of) -> Authenticator:
    """Astrid's, with a passkey."""
    made, own = Authenticator(HOST), Ceremonies(api_of("nhf", ASTRID))
    assert own.register(made.create(own.registration_options())).status_code == 201
    return made


def methods() -> list[str]:
    with schema_context("nhf"):
        events = AuditEvent.objects.filter(action="session.opened").order_by("at")
        return [event.changes["method"][1] for event in events]


def test_nobody_is_asked_unless_the_organisation_says_so(api_of, phone):
    assert sign_in(api_of("nhf"), ASTRID).status_code == 200


def test_the_app_asks_an_administrator_for_the_passkey_and_nobody_else(api_of, asking, phone):
    app = api_of("nhf")
    assert sign_in(app, SOLVEIG).status_code == 200
    asked = sign_in(app, ASTRID)
    assert asked.status_code == 202
    answer = asked.json()
    assert answer["second_step_required"] is True
    assert "access_token" not in answer
    assert len(answer["options"]["allowCredentials"]) == 1
    body = {"ceremony": answer["ceremony"], "credential": phone.get(answer["options"]), "device": PHONE}
    assert app.post(SECOND, {**body, "ceremony": "x" + body["ceremony"]}, format="json").status_code == 401
    tokens = app.post(SECOND, body, format="json")
    assert tokens.status_code == 200, tokens.content
    assert tokens.json()["access_token"]
    assert app.post(SECOND, body, format="json").status_code == 401
    assert methods() == ["password", "password+passkey"]


def test_another_persons_passkey_does_not_finish_it(api_of, asking, phone):
    other, own = Authenticator(HOST), Ceremonies(api_of("nhf", SOLVEIG))
    assert own.register(other.create(own.registration_options())).status_code == 201
    asked = sign_in(api_of("nhf"), ASTRID).json()
    asked["options"]["allowCredentials"] = []
    body = {"ceremony": asked["ceremony"], "credential": other.get(asked["options"]), "device": PHONE}
    refused = api_of("nhf").post(SECOND, body, format="json")
    assert (refused.status_code, codes(refused)) == (401, ["passkey-owner"])


def test_a_recovery_code_stands_in_for_it_once(api_of, asking, phone, person):
    with schema_context("nhf"):
        code = make_recovery_codes(UserSession.objects.filter(user=person(ASTRID)).latest("created_at"))[0]
    app = api_of("nhf")
    body = {"ceremony": sign_in(app, ASTRID).json()["ceremony"], "code": code, "device": PHONE}
    assert app.post(SECOND, body, format="json").status_code == 200
    assert app.post(SECOND, body, format="json").status_code == 401
    assert app.post(SECOND, {**body, "credential": {}}, format="json").status_code == 400


def test_without_a_passkey_the_app_refuses_and_the_admin_opens_the_page_that_makes_one(
    api_of, browser_of, asking
):
    assert codes(sign_in(api_of("nhf"), ASTRID)) == ["second-step-unavailable"]
    browser = browser_of("nhf")
    answer = browser.post("/admin/login/", {"username": ASTRID, "password": PASSWORD})
    assert answer.headers["Location"] == "/admin/account/passkeys/"
    assert "NHF" in browser.get("/admin/account/passkeys/").content.decode()
    assert browser.get("/admin/members/").headers["Location"] == "/admin/account/passkeys/"
    with schema_context("nhf"):
        original = image("bilde").file.url
    assert browser.get(original).status_code == 404
    made = Authenticator(HOST)
    options = browser.post("/admin/account/passkeys/register/options/").json()["options"]
    body = {"credential": made.create(options), "name": "Telefonen"}
    kept = browser.post("/admin/account/passkeys/register/", body, content_type="application/json")
    assert kept.status_code == 200, kept.content
    assert browser.get("/admin/members/").status_code == 200
    assert browser.get(original).status_code == 200


def test_the_admin_goes_by_the_passkeys_page_to_where_one_wanted(browser_of, asking, phone):
    browser = browser_of("nhf")
    step = "/admin/login/second-step/"
    assert browser.get(step).headers["Location"].startswith("/admin/login/")
    filled = {"username": ASTRID, "password": PASSWORD, "next": "/admin/members/"}
    answer = browser.post("/admin/login/", filled)
    assert answer.headers["Location"] == step
    assert browser.get("/admin/members/").status_code == 302
    assert browser.get(step).status_code == 200
    options = browser.post(f"{step}passkey/options/").json()["options"]
    body = {"credential": phone.get(options)}
    done = browser.post(f"{step}passkey/", body, content_type="application/json")
    assert done.json() == {"next": "/admin/members/"}
    assert browser.get("/admin/members/").status_code == 200
    assert methods()[-1] == "password+passkey"
    assert browser.post(f"{step}passkey/", body, content_type="application/json").status_code == 401


def test_switching_from_elsewhere_is_no_way_round_it(api_of, asking, person):
    assign_role(person(BJORN), Role.ORG_ADMIN, by=None)
    app = api_of("blindeforbundet", BJORN)
    refused = app.post("/api/v1/auth/switch/", {"organization": str(asking.pk)}, format="json")
    assert (refused.status_code, codes(refused)) == (403, ["second-step-required"])
