"""An invitation is accepted by passkey, or by whoever is signed in to another organisation: no password."""

import re

import pytest
from django_tenants.utils import schema_context

from domain.access.choices import Role
from domain.access.invitations import invite
from domain.audit.models import AuditEvent
from domain.identity.models import Membership, PasskeyCredential, User
from tenants.db import connection
from tests.support.authenticator import Authenticator
from tests.support.jobs import work_off

from .conftest import NHF, codes

pytestmark = pytest.mark.django_db
OYVIND, BLINDEFORBUNDET = "admin@blindeforbundet.example", "http://blindeforbundet.localhost:8000"
ASTRID = "admin@nhf.example"


@pytest.fixture
def oyvind(ceremonies, db) -> Authenticator:
    """The phone of somebody who belongs to Blindeforbundet and has a passkey alone."""
    phone, own = Authenticator(BLINDEFORBUNDET), ceremonies("blindeforbundet", OYVIND)
    assert own.register(phone.create(own.registration_options())).status_code == 201
    with connection.as_owner():
        user = User.objects.get(email=OYVIND)
        user.set_unusable_password()
        user.save()
    phone.origin = NHF
    return phone


@pytest.fixture
def invited(person, mailbox):
    """`invited(role)` invites Øyvind to NHF; gives the secret of the link."""

    def make(role=Role.COORDINATOR, email=OYVIND) -> str:
        with schema_context("nhf"):
            invite(email=email, role=role, by=person(ASTRID))
            work_off()
        text = mailbox[-1].get_body(("plain",)).get_content()
        return re.search(r"/invitation/([\w-]{43})/", text).group(1)

    return make


def joins(own, token: str, phone: Authenticator):
    options = own.post("invitations/passkey/options/", {"token": token})
    assert options.status_code == 200, options.content
    assert not options.json()["options"].get("allowCredentials")
    return own.post(
        "invitations/passkey/verify/", {"token": token, "credential": phone.get(options.json()["options"])}
    )


def is_member() -> bool:
    with schema_context("nhf"):
        return Membership.objects.here().filter(user__email=OYVIND, status="active").exists()


def test_somebody_with_a_passkey_alone_joins_once_and_it_is_noted(ceremonies, oyvind, invited):
    token, app = invited(), ceremonies("nhf")
    answer = joins(app, token, oyvind)
    assert answer.status_code == 201, answer.content
    assert answer.json()["roles"] == ["coordinator"]
    assert is_member()
    with schema_context("nhf"):
        assert AuditEvent.objects.filter(action="invitation.accepted").count() == 1
        assert PasskeyCredential.objects.get(user__email=OYVIND).last_used_at is not None
    assert app.sign_in_with(oyvind).status_code == 200
    assert app.post("invitations/passkey/options/", {"token": token}).status_code == 409


def test_another_persons_passkey_a_copy_and_an_old_question_let_nobody_in(ceremonies, oyvind, invited, karim):
    token, app = invited(), ceremonies("nhf")
    answer = joins(app, token, karim)
    assert (answer.status_code, codes(answer)) == (401, ["passkey-owner"])
    _ceremony, options = app.sign_in_options()
    body = {"token": token, "credential": oyvind.get(options)}
    assert codes(app.post("invitations/passkey/verify/", body)) == ["passkey-challenge"]
    with connection.as_owner():
        PasskeyCredential.objects.filter(user__email=OYVIND).update(sign_count=10_000)
    assert codes(joins(app, token, oyvind)) == ["passkey-sign-count"]
    assert not is_member()


@pytest.mark.parametrize(
    ("role", "next_page"), [(Role.COORDINATOR, "/admin/"), (Role.PEER_MENTOR, "/invitation/accepted/")]
)
def test_the_page_offers_it_and_goes_on_to_the_admin_or_the_app(browser_of, oyvind, invited, role, next_page):
    token, browser = invited(role), browser_of("nhf")
    page = f"/invitation/{token}/"
    assert f"{page}passkey/options/" in browser.get(page).content.decode()
    options = browser.post(f"{page}passkey/options/").json()["options"]
    answer = browser.post(
        f"{page}passkey/", {"credential": oyvind.get(options)}, content_type="application/json"
    )
    assert answer.json() == {"next": next_page}
    assert browser.get(next_page).status_code == 200
    assert is_member()


def test_whoever_is_signed_in_elsewhere_joins_and_goes_there(api_of, oyvind, invited):
    token, app = invited(), api_of("blindeforbundet", OYVIND)
    body = {"token": token, "host": "nhf.localhost"}
    stranger = api_of("blindeforbundet", "coordinator@blindeforbundet.example")
    refused = stranger.post("/api/v1/auth/invitations/join/", body, format="json")
    assert (refused.status_code, codes(refused)) == (400, ["another-address"])
    nowhere = app.post("/api/v1/auth/invitations/join/", {**body, "host": "x.example"}, format="json")
    assert nowhere.status_code == 404
    answer = app.post("/api/v1/auth/invitations/join/", body, format="json")
    assert answer.status_code == 201, answer.content
    assert is_member()
    switched = app.post("/api/v1/auth/switch/", answer.json(), format="json")
    assert (switched.status_code, switched.json()["host"]) == (200, "nhf.localhost")
    assert app.post("/api/v1/auth/invitations/join/", body, format="json").status_code == 409
