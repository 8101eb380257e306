"""What must hold when many requests come at the same moment, over HTTP."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django_tenants.utils import schema_context

from cms.demo.organizations import PASSWORD
from domain.identity.guessing import ACCOUNT_ATTEMPTS
from domain.identity.models import RecoveryCode, RefreshToken, User, UserSession
from domain.identity.passwords import reset_tokens
from domain.identity.recovery import make_recovery_codes
from tests.support.server import serving

DEVICE = {"name": "x", "platform": "ios", "app_version": "1"}
EMAIL = "mentor@nhf.example"


def post(client, path, body, **headers):
    return client.post(f"/api/v1/auth/{path}", json=body, headers=headers)


def sign_in(client, password=PASSWORD, secret=None, address="192.0.2.1"):
    device = {**DEVICE, "device_secret": secret} if secret else DEVICE
    body = {"email": EMAIL, "password": password, "device": device}
    return post(client, "password/", body, **{"x-forwarded-for": address})


def at_once(number, work):
    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(work, range(number)))


def test_fifty_refreshes_at_once_have_one_successor(live_site):
    with live_site.client("nhf") as client:
        first = sign_in(client).json()
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


def test_two_hundred_guesses_at_once_are_evaluated_ten_times_and_the_owners_phone_still_gets_in(
    own_database, tmp_path, settings, monkeypatch
):
    settings.MEDIA_ROOT = tmp_path / "media"
    # Behind a proxy, so that the guesses come from twenty addresses: no address's limit is in the way.
    with (
        serving(own_database, tmp_path, monkeypatch, TRUSTED_PROXIES="1") as site,
        site.client("nhf") as client,
    ):
        secret = sign_in(client, address="192.0.2.200").json()["device_secret"]
        answers = at_once(200, lambda n: sign_in(client, "wrong", address=f"192.0.2.{n % 20}").status_code)
        assert sorted(set(answers)) == [401, 429]
        assert answers.count(401) == ACCOUNT_ATTEMPTS.attempts
        assert sign_in(client, address="192.0.2.200").status_code == 429
        assert sign_in(client, secret=secret, address="192.0.2.200").status_code == 200


@pytest.fixture
def codes(live_site):
    with schema_context("nhf"):
        user = User.objects.get(email=EMAIL)
    with live_site.client("nhf") as client:
        session = UserSession.objects.get(pk=sign_in(client).json()["session_id"])
    with schema_context("nhf"):
        found = make_recovery_codes(session)
    assert RecoveryCode.objects.filter(user=user).count() == 10
    return found


def test_a_recovery_code_sent_many_times_at_once_lets_in_once(live_site, codes):
    body = {"email": EMAIL, "code": codes[0], "device": DEVICE}
    with live_site.client("nhf") as client:
        answers = at_once(8, lambda _n: post(client, "recovery-code/", body).status_code)
    assert sorted(answers) == [200, *[401] * 7]


def test_a_link_of_a_mail_used_many_times_at_once_sets_one_password(live_site):
    with schema_context("nhf"):
        user = User.objects.get(email=EMAIL)
        token = reset_tokens.make_token(user)

    def choose(number):
        body = {"user_id": str(user.pk), "token": token, "new_password": f"splitter-ny-{number}-elvesus"}
        return post(client, "password/reset/confirm/", body).status_code

    with live_site.client("nhf") as client:
        answers = at_once(8, choose)
        assert sorted(answers) == [204, *[400] * 7]
        winner = answers.index(204)
        assert sign_in(client, f"splitter-ny-{winner}-elvesus").status_code == 200
