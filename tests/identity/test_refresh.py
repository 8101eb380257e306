"""Exchanging refresh tokens: one successor, again for whoever lost it, and the end for a copy."""

import base64
import time
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management.utils import get_random_secret_key
from django.utils import timezone

from domain.identity.device_keys import possession_message
from domain.identity.models import Membership, RefreshToken, UserSession
from domain.identity.refresh import proof_message
from tests.support.jobs import work_off

from .conftest import actions_in, pass_time, sign_in

pytestmark = pytest.mark.django_db
REFRESH = "/api/v1/auth/refresh/"


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def refresh(client, token, proof=None):
    body = {"refresh_token": token} | ({"proof": proof} if proof else {})
    return client.post(REFRESH, body, headers={"accept-language": "en"})


def me(client, tokens):
    headers = {"authorization": f"Bearer {tokens['access_token']}"}
    return client.get("/api/v1/me/", headers=headers).status_code


def signed(key, token, at=None):
    at = int(time.time()) if at is None else at
    return {"timestamp": at, "signature": b64(key.sign(proof_message(token, at)))}


@pytest.fixture
def proof_key(phone):
    """The key in the phone's keystore, registered."""
    client, tokens = phone
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes_raw()
    session = UserSession.objects.get(pk=tokens["session_id"])
    answer = client.post(
        "/api/v1/auth/device-keys/",
        {
            "purpose": "proof",
            "public_key": b64(public),
            "signature": b64(key.sign(possession_message(session, public))),
        },
    )
    assert answer.status_code == 201
    return key


def test_a_refresh_token_is_exchanged_for_a_new_pair_of_the_same_session(phone):
    client, first = phone
    answer = refresh(client, first["refresh_token"])
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    second = answer.json()
    assert second["session_id"] == first["session_id"]
    assert second["refresh_token"] != first["refresh_token"]
    assert me(client, second) == 200


def test_no_token_is_kept_only_what_it_is_recognised_by(phone):
    _client, tokens = phone
    row = RefreshToken.objects.get()
    assert tokens["refresh_token"].encode() not in bytes(row.digest)
    assert len(bytes(row.digest)) == 32


def test_a_lost_answer_can_be_had_again_for_a_minute(phone):
    client, first = phone
    answers = {refresh(client, first["refresh_token"]).json()["refresh_token"] for _retry in range(3)}
    assert len(answers) == 1
    pass_time(first["session_id"], timedelta(seconds=50))
    assert refresh(client, first["refresh_token"]).json()["refresh_token"] in answers
    assert RefreshToken.objects.count() == 2


def test_after_a_minute_the_parent_is_a_copy(phone):
    client, first = phone
    second = refresh(client, first["refresh_token"]).json()
    pass_time(first["session_id"], timedelta(seconds=61))
    assert refresh(client, first["refresh_token"]).status_code == 401
    assert me(client, second) == 401
    assert refresh(client, second["refresh_token"]).status_code == 401


@pytest.mark.parametrize(("age", "status"), [(timedelta(days=29), 200), (timedelta(days=31), 401)])
def test_the_phones_own_key_gets_the_answer_again_for_thirty_days(phone, proof_key, age, status):
    client, first = phone
    second = refresh(client, first["refresh_token"]).json()
    pass_time(first["session_id"], age)
    answer = refresh(client, first["refresh_token"], signed(proof_key, first["refresh_token"]))
    assert answer.status_code == status
    if status == 200:
        assert answer.json()["refresh_token"] == second["refresh_token"]


def test_once_the_successor_was_used_even_the_key_does_not_help_the_parent(phone, proof_key):
    client, first = phone
    second = refresh(client, first["refresh_token"]).json()
    third = refresh(client, second["refresh_token"]).json()
    proof = signed(proof_key, first["refresh_token"])
    assert refresh(client, first["refresh_token"], proof).status_code == 401
    assert me(client, third) == 401


@pytest.mark.parametrize("fault", ["another key", "another token", "altered"])
def test_a_proof_that_is_none_ends_the_session(phone, proof_key, fault):
    client, first = phone
    refresh(client, first["refresh_token"])
    pass_time(first["session_id"], timedelta(hours=1))
    key = Ed25519PrivateKey.generate() if fault == "another key" else proof_key
    proof = signed(key, "other" if fault == "another token" else first["refresh_token"])
    if fault == "altered":
        proof["timestamp"] += 1
    assert refresh(client, first["refresh_token"], proof).status_code == 401
    assert UserSession.objects.get(pk=first["session_id"]).revoked_reason == "token-reused"


def test_a_phone_whose_clock_is_off_is_told_so_and_loses_nothing(phone, proof_key):
    client, first = phone
    second = refresh(client, first["refresh_token"]).json()
    pass_time(first["session_id"], timedelta(hours=1))
    late = signed(proof_key, first["refresh_token"], int(time.time()) - 3600)
    answer = refresh(client, first["refresh_token"], late)
    assert answer.status_code == 400
    assert answer.json()["errors"][0] == {
        "pointer": "#/proof/timestamp",
        "code": "clock-off",
        "detail": "The device's clock is off: set it by this answer's Date and try again.",
    }
    right = signed(proof_key, first["refresh_token"])
    answer = refresh(client, first["refresh_token"], right)
    assert answer.json()["refresh_token"] == second["refresh_token"]


def test_an_older_token_ends_session_and_access_at_once_and_the_owner_is_told(phone, person, mailbox):
    client, first = phone
    work_off()
    mailbox.clear()
    second = refresh(client, first["refresh_token"]).json()
    third = refresh(client, second["refresh_token"]).json()
    assert me(client, third) == 200
    answer = refresh(client, first["refresh_token"])
    assert answer.status_code == 401
    assert answer.json()["type"] == "/problems/invalid-token"
    assert me(client, third) == 401
    assert refresh(client, third["refresh_token"]).status_code == 401
    assert actions_in("nhf")[-1] == "session.revoked"
    work_off()
    (mail,) = mailbox
    assert mail["To"] == "mentor@nhf.example"
    body = mail.get_content()
    assert "Solveigs telefon" in body
    assert "http://nhf.localhost" in body


def test_the_owner_is_told_once_however_often_the_copy_is_tried(phone, mailbox):
    client, first = phone
    work_off()
    mailbox.clear()
    second = refresh(client, first["refresh_token"]).json()
    refresh(client, second["refresh_token"])
    for _attempt in range(3):
        refresh(client, first["refresh_token"])
    work_off()
    assert len(mailbox) == 1
    assert actions_in("nhf").count("session.revoked") == 1


@pytest.mark.parametrize("token", ["", "x", "æøå", "\x00", "x" * 200, "x" * 201])
def test_what_is_no_token_is_refused(api_of, token):
    assert refresh(api_of("nhf"), token).status_code in (400, 401)


def test_a_token_of_another_organisation_is_refused_and_stays_good_in_its_own(phone, api_of):
    client, first = phone
    assert refresh(api_of("blindeforbundet"), first["refresh_token"]).status_code == 401
    assert refresh(client, first["refresh_token"]).status_code == 200


@pytest.mark.parametrize("end", ["signed out", "suspended", "expired", "token expired"])
def test_nothing_is_exchanged_after_the_end(phone, person, end):
    client, first = phone
    if end == "signed out":
        client.post("/api/v1/auth/logout/")
    elif end == "suspended":
        Membership.objects.filter(user=person("mentor@nhf.example")).update(status="suspended")
    elif end == "expired":
        UserSession.objects.update(expires_at=timezone.now())
    else:
        RefreshToken.objects.update(expires_at=timezone.now())
    assert refresh(client, first["refresh_token"]).status_code == 401
    assert RefreshToken.objects.count() == 1


def test_a_session_in_use_goes_on(phone):
    client, first = phone
    UserSession.objects.update(expires_at=timezone.now() + timedelta(days=1))
    refresh(client, first["refresh_token"])
    assert UserSession.objects.get().expires_at > timezone.now() + timedelta(days=89)


def test_after_a_change_of_the_servers_key_a_lost_answer_can_still_be_had_again(phone, settings):
    client, first = phone
    second = refresh(client, first["refresh_token"]).json()
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = get_random_secret_key()
    assert refresh(client, first["refresh_token"]).json()["refresh_token"] == second["refresh_token"]
    assert refresh(client, second["refresh_token"]).status_code == 200


def test_what_an_earlier_sign_in_got_does_not_count_in_a_later_session(api_of):
    client = api_of("nhf")
    one, other = sign_in(client).json(), sign_in(client).json()
    assert one["refresh_token"] != other["refresh_token"]
    assert refresh(client, one["refresh_token"]).json()["session_id"] == one["session_id"]
    assert refresh(client, other["refresh_token"]).json()["session_id"] == other["session_id"]
