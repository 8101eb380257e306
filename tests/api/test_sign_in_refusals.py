"""Whoever may not sign in learns nothing from the refusal: status, headers and body are the same for all."""

import pytest
from django.utils import timezone
from django_tenants.utils import schema_context

from cms.demo.organizations import PASSWORD
from domain.audit.models import AuditEvent
from domain.identity.choices import MembershipStatus
from domain.identity.models import Membership, UserSession

pytestmark = pytest.mark.django_db
DEVICE = {"name": "Solveigs telefon", "platform": "ios", "app_version": "1.2.0"}
# Of each answer its own.
OWN = {"X-Request-Id"}


def sign_in(client, email: str, password: str = PASSWORD):
    given = {"email": email, "password": password, "device": DEVICE}
    return client.post("/api/v1/auth/password/", given, headers={"accept-language": "nn"})


def seen(response) -> tuple[int, bytes, dict[str, str]]:
    headers = {name: value for name, value in response.headers.items() if name not in OWN}
    return response.status_code, response.content, headers


@pytest.fixture
def unknown(api_of):
    """What someone without any account is answered."""
    return seen(sign_in(api_of("nhf"), "nobody@nowhere.example"))


def membership(person, email: str):
    return Membership.objects.filter(user=person(email), organization__schema_name="nhf")


def test_the_refusal_is_a_problem_in_the_callers_language(unknown):
    status, body, headers = unknown
    assert (status, headers["Cache-Control"]) == (401, "no-store")
    assert "Innlogginga" in body.decode()
    assert "WWW-Authenticate" not in headers


def test_a_wrong_password_is_answered_like_an_unknown_address(api_of, unknown):
    assert seen(sign_in(api_of("nhf"), "mentor@nhf.example", "not-the-password")) == unknown


@pytest.mark.parametrize("password", [PASSWORD, "not-the-password"])
def test_a_member_of_another_organisation_only_is_answered_likewise(api_of, unknown, password):
    assert seen(sign_in(api_of("nhf"), "mentor@blindeforbundet.example", password)) == unknown


@pytest.mark.parametrize("status", [s for s in MembershipStatus if s != MembershipStatus.ACTIVE])
def test_a_membership_that_does_not_count_is_answered_likewise(api_of, person, unknown, status):
    left = timezone.now() if status == MembershipStatus.LEFT else None
    membership(person, "mentor@nhf.example").update(status=status, left_at=left)
    assert seen(sign_in(api_of("nhf"), "mentor@nhf.example")) == unknown


def test_a_suspension_holds_in_its_own_organisation_only(api_of, person, unknown):
    membership(person, "both@meander.example").update(status=MembershipStatus.SUSPENDED)
    assert seen(sign_in(api_of("nhf"), "both@meander.example")) == unknown
    assert sign_in(api_of("blindeforbundet"), "both@meander.example").status_code == 200


def test_the_platforms_staff_are_no_members_of_an_organisation(api_of, unknown):
    assert seen(sign_in(api_of("nhf"), "owner@meander.example")) == unknown


def test_a_refusal_opens_no_session_anywhere(api_of):
    sign_in(api_of("nhf"), "mentor@nhf.example", "not-the-password")
    sign_in(api_of("nhf"), "mentor@blindeforbundet.example")
    assert not UserSession.objects.exists()
    for organization in ("nhf", "blindeforbundet"):
        with schema_context(organization):
            assert not AuditEvent.objects.filter(action="session.opened").exists()


def test_a_membership_that_counts_again_lets_in_again(api_of, person):
    ours = membership(person, "mentor@nhf.example")
    ours.update(status=MembershipStatus.SUSPENDED)
    assert sign_in(api_of("nhf"), "mentor@nhf.example").status_code == 401
    ours.update(status=MembershipStatus.ACTIVE)
    assert sign_in(api_of("nhf"), "mentor@nhf.example").status_code == 200
