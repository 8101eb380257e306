"""Support proves who they are inside an organisation with the passkey that they made on the platform."""

import pytest
from django_tenants.utils import schema_context

from domain.config.rules import change_settings
from tests.identity.conftest import sign_in
from tests.passkeys.conftest import NHF, PHONE, Ceremonies
from tests.support.authenticator import Authenticator

from .conftest import STAFF

pytestmark = pytest.mark.django_db


@pytest.fixture
def phone(settings, api_of) -> Authenticator:
    """The phone of somebody of support, with a passkey of the platform's."""
    settings.PASSKEY_RP_ID = "localhost"
    settings.WAGTAILADMIN_BASE_URL = "http://localhost:8000"
    made, own = Authenticator("http://localhost:8000"), Ceremonies(api_of("platform", STAFF))
    assert own.register(made.create(own.registration_options())).status_code == 201
    made.origin = NHF
    return made


def test_support_confirms_with_it_under_a_grant(let_in, api_of, browser_of, phone):
    let_in()
    inside = Ceremonies(api_of("nhf", STAFF))
    options = inside.post("step-up/passkey/options/")
    assert options.status_code == 200, options.content
    answer = inside.post("step-up/passkey/verify/", {"credential": phone.get(options.json()["options"])})
    assert answer.status_code == 200, answer.content
    admin = browser_of("nhf", STAFF)
    asked = admin.post("/admin/confirm/passkey/options/").json()["options"]
    body = {"credential": phone.get(asked), "next": "/admin/"}
    confirmed = admin.post("/admin/confirm/passkey/", body, content_type="application/json")
    assert confirmed.json() == {"next": "/admin/"}


def test_support_is_asked_for_it_after_the_password_where_the_organisation_says_so(let_in, api_of, phone):
    let_in()
    with schema_context("nhf"):
        change_settings(changes={"second_step": True}, by=None)
    app = api_of("nhf")
    asked = sign_in(app, STAFF)
    assert asked.status_code == 202, asked.content
    body = {
        "ceremony": asked.json()["ceremony"],
        "credential": phone.get(asked.json()["options"]),
        "device": PHONE,
    }
    answer = app.post("/api/v1/auth/password/second-step/", body, format="json")
    assert answer.status_code == 200, answer.content
