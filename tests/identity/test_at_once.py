"""What must hold when many requests come at the same moment, over HTTP."""

import os
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.conf import settings
from django_tenants.utils import schema_context

from cms.demo.organizations import PASSWORD
from domain.access.choices import Role
from domain.access.members import add_member
from domain.identity.guessing import ACCOUNT_ATTEMPTS
from domain.identity.models import RecoveryCode, RefreshToken, User, UserSession
from domain.identity.passwords import reset_tokens
from domain.identity.recovery import make_recovery_codes
from tenants.models import Organization
from tests.support.databases import cloned_database
from tests.support.server import serving

DEVICE = {"name": "x", "platform": "ios", "app_version": "1"}


@pytest.fixture(scope="module")
def site(template_database, django_db_setup, django_db_blocker, tmp_path_factory):
    """Behind a proxy, so that guesses may come from many addresses: no address's limit is in the way."""
    with (
        pytest.MonkeyPatch.context() as patch,
        django_db_blocker.unblock(),
        cloned_database(template_database, f"identity_{os.getpid()}") as name,
    ):
        folder = tmp_path_factory.mktemp("site")
        patch.setattr(settings, "MEDIA_ROOT", folder / "media")
        with serving(name, folder, patch, TRUSTED_PROXIES="1") as site:
            yield site


@pytest.fixture
def mentor(site) -> User:
    """A peer mentor of NHF with an account that no other test has touched."""
    with schema_context("nhf"):
        return add_member(
            Organization.objects.get(schema_name="nhf"),
            email=f"mentor-{uuid4().hex[:8]}@nhf.example",
            role=Role.PEER_MENTOR,
            by=None,
            first_name="Solveig",
            last_name="Berg",
            password=PASSWORD,
        )


def post(client, path, body, **headers):
    return client.post(f"/api/v1/auth/{path}", json=body, headers=headers)


def sign_in(client, user, password=PASSWORD, secret=None, address="192.0.2.1"):
    device = {**DEVICE, "device_secret": secret} if secret else DEVICE
    body = {"email": user.email, "password": password, "device": device}
    return post(client, "password/", body, **{"x-forwarded-for": address})


def at_once(number, work):
    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(work, range(number)))


def test_fifty_refreshes_at_once_have_one_successor(site, mentor):
    with site.client("nhf") as client:
        first = sign_in(client, mentor).json()
        body = {"refresh_token": first["refresh_token"]}
        answers = at_once(50, lambda _n: post(client, "refresh/", body))
        assert {answer.status_code for answer in answers} == {200}
        assert len({answer.json()["refresh_token"] for answer in answers}) == 1
        assert RefreshToken.objects.filter(session=first["session_id"]).count() == 2
        # An older one of the family, among a crowd as well: all refused, and access is gone with it.
        second = answers[0].json()
        third = post(client, "refresh/", {"refresh_token": second["refresh_token"]}).json()
        assert {answer.status_code for answer in at_once(20, lambda _n: post(client, "refresh/", body))} == {
            401
        }
        access = {"authorization": f"Bearer {third['access_token']}"}
        assert client.get("/api/v1/me/", headers=access).status_code == 401


def test_two_hundred_guesses_at_once_are_evaluated_ten_times_and_the_owners_phone_still_gets_in(site, mentor):
    with site.client("nhf") as client:
        secret = sign_in(client, mentor, address="192.0.2.200").json()["device_secret"]
        answers = at_once(
            200, lambda n: sign_in(client, mentor, "wrong", address=f"192.0.2.{n % 20}").status_code
        )
        assert sorted(set(answers)) == [401, 429]
        assert answers.count(401) == ACCOUNT_ATTEMPTS.attempts
        assert sign_in(client, mentor, address="192.0.2.200").status_code == 429
        assert sign_in(client, mentor, secret=secret, address="192.0.2.200").status_code == 200


@pytest.fixture
def codes(site, mentor):
    with site.client("nhf") as client:
        session = UserSession.objects.get(pk=sign_in(client, mentor).json()["session_id"])
    with schema_context("nhf"):
        found = make_recovery_codes(session)
    assert RecoveryCode.objects.filter(user=mentor).count() == 10
    return found


def test_a_recovery_code_sent_many_times_at_once_lets_in_once(site, mentor, codes):
    body = {"email": mentor.email, "code": codes[0], "device": DEVICE}
    with site.client("nhf") as client:
        answers = at_once(8, lambda _n: post(client, "recovery-code/", body).status_code)
    assert sorted(answers) == [200, *[401] * 7]


def test_a_link_of_a_mail_used_many_times_at_once_sets_one_password(site, mentor):
    with schema_context("nhf"):
        token = reset_tokens.make_token(mentor)

    def choose(number):
        body = {"user_id": str(mentor.pk), "token": token, "new_password": f"splitter-ny-{number}-elvesus"}
        return post(client, "password/reset/confirm/", body).status_code

    with site.client("nhf") as client:
        answers = at_once(8, choose)
        assert sorted(answers) == [204, *[400] * 7]
        winner = answers.index(204)
        assert sign_in(client, mentor, f"splitter-ny-{winner}-elvesus").status_code == 200
