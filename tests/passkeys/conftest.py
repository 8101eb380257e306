"""People with passkeys, over the API."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from django_tenants.utils import schema_context

from domain.identity.models import PasskeyChallenge
from tests.support.authenticator import Authenticator

NHF = "http://nhf.localhost:8000"
PHONE = {"name": "Karims telefon", "platform": "android", "app_version": "1.0.0"}
KARIM = "coordinator@nhf.example"


@pytest.fixture(autouse=True)
def _one_domain(settings):
    """The RP ID of all organisations. (Browsers want a dot in it, software needn't care.)"""
    settings.PASSKEY_RP_ID = "localhost"
    settings.WAGTAILADMIN_BASE_URL = "http://localhost:8000"


@dataclass
class Ceremonies:
    """The calls of the ceremonies on one organisation's host, by whoever is signed in (or nobody)."""

    client: Any

    def post(self, path: str, body: dict[str, Any] | None = None):
        return self.client.post(f"/api/v1/auth/{path}", body or {}, format="json")

    def registration_options(self) -> dict[str, Any]:
        answer = self.post("passkeys/registration/options/")
        assert answer.status_code == 200, answer.content
        return answer.json()["options"]

    def register(self, credential: dict[str, Any], name: str = "Telefonen"):
        return self.post("passkeys/registration/verify/", {"credential": credential, "name": name})

    def sign_in_options(self) -> tuple[str, dict[str, Any]]:
        answer = self.post("passkeys/authentication/options/")
        assert answer.status_code == 200, answer.content
        return answer.json()["ceremony"], answer.json()["options"]

    def sign_in(self, ceremony: str, credential: dict[str, Any]):
        body = {"ceremony": ceremony, "credential": credential, "device": PHONE}
        return self.post("passkeys/authentication/verify/", body)

    def sign_in_with(self, authenticator: Authenticator):
        ceremony, options = self.sign_in_options()
        return self.sign_in(ceremony, authenticator.get(options))


@pytest.fixture
def ceremonies(api_of):
    """`ceremonies("nhf", "coordinator@nhf.example")`, or without an address for nobody."""
    return lambda organization, email=None: Ceremonies(api_of(organization, email))


@pytest.fixture
def karim(ceremonies, nhf) -> Authenticator:
    """Karim's phone, with a passkey made at NHF."""
    phone = Authenticator(NHF)
    own = ceremonies("nhf", KARIM)
    answer = own.register(phone.create(own.registration_options()))
    assert answer.status_code == 201, answer.content
    return phone


def codes(answer) -> list[str]:
    return [error["code"] for error in answer.json().get("errors", [])]


def expire_questions() -> None:
    with schema_context("public"):  # An organisation's role may put and take questions, not change them.
        PasskeyChallenge.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
