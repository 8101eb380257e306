"""A person with a phone: signing in, refreshing, and letting time pass."""

from datetime import timedelta

import pytest
from django_tenants.utils import schema_context

from cms.demo.organizations import PASSWORD
from domain.audit.models import AuditEvent
from domain.identity.models import RefreshToken, UserSession

DEVICE = {"name": "Solveigs telefon", "platform": "ios", "app_version": "1.2.0"}


def sign_in(client, email="mentor@nhf.example", password=PASSWORD, secret="", **extra):
    """Sign in to the API with a password; the answer."""
    device = {**DEVICE, "device_secret": secret} if secret else DEVICE
    return client.post(
        "/api/v1/auth/password/",
        {"email": email, "password": password, "device": device},
        headers={"accept-language": "en"},
        **extra,
    )


def bearer(client, tokens):
    """The client, sending the access token of an answer."""
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {tokens['access_token']}")
    return client


def pass_time(session_id, age: timedelta) -> None:
    """Let everything that happened to a session's tokens have happened so much earlier."""
    for token in RefreshToken.objects.filter(session=session_id, used_at__isnull=False):
        RefreshToken.objects.filter(pk=token.pk).update(used_at=token.used_at - age)


def forget_proof(session_id) -> None:
    """Let the last proof of who one is be too old."""
    session = UserSession.objects.get(pk=session_id)
    UserSession.objects.filter(pk=session_id).update(verified_at=session.verified_at - timedelta(minutes=6))


def actions_in(organization: str) -> list[str]:
    """What the organisation's record has, oldest first."""
    with schema_context(organization):
        return list(AuditEvent.objects.order_by("at").values_list("action", flat=True))


@pytest.fixture
def phone(api_of):
    """Solveig's phone, signed in to NHF: the client and the answer it got."""
    client = api_of("nhf")
    tokens = sign_in(client).json()
    return bearer(client, tokens), tokens
