"""Fresh proof of who one is: what asks for it, and how it is given."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from cms.demo.organizations import PASSWORD
from domain.identity.device_keys import possession_message
from domain.identity.models import DeviceKey, UserSession
from domain.identity.verification import mark_verified

from .conftest import actions_in, bearer, forget_proof, sign_in

pytestmark = pytest.mark.django_db
STEP_UP, KEYS = "/api/v1/auth/step-up/", "/api/v1/auth/device-keys/"
SENSITIVE = [
    ("recovery-codes/", {}),
    ("device-keys/", {"purpose": "seal", "public_key": "A" * 43}),
    ("password/change/", {"new_password": "splitter-ny-elvesus"}),
]


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def step_up(client, password=PASSWORD):
    return client.post(STEP_UP, {"password": password}, headers={"accept-language": "en"})


@pytest.mark.parametrize(("path", "body"), SENSITIVE)
def test_what_is_sensitive_asks_for_it_once_five_minutes_have_passed(phone, path, body):
    client, tokens = phone
    forget_proof(tokens["session_id"])
    answer = client.post(f"/api/v1/auth/{path}", body, headers={"accept-language": "en"})
    assert answer.status_code == 403
    assert answer.json()["type"] == "/problems/step-up-required"
    assert answer.json()["detail"] == "Confirm that it is you, then try again."
    assert "/api/v1/auth/step-up/" in client.get("/problems/step-up-required").content.decode()


def test_the_password_opens_it_again_and_is_on_the_record(phone):
    client, tokens = phone
    forget_proof(tokens["session_id"])
    assert step_up(client).json()["verified_at"]
    assert client.post("/api/v1/auth/recovery-codes/").status_code == 201
    assert "session.confirmed" in actions_in("nhf")


def test_a_wrong_password_points_at_it_and_keeps_the_session(phone):
    client, _tokens = phone
    answer = step_up(client, "wrong")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "#/password"
    assert client.get("/api/v1/me/").status_code == 200


def test_guesses_are_limited_and_then_the_right_one_does_not_help(phone):
    client, _tokens = phone
    assert [step_up(client, "wrong").status_code for _guess in range(6)] == [400] * 5 + [429]
    assert step_up(client).status_code == 429


def test_it_holds_for_its_own_session_alone(api_of):
    one, other = api_of("nhf"), api_of("nhf")
    first, second = sign_in(one).json(), sign_in(other).json()
    bearer(one, first)
    bearer(other, second)
    for tokens in (first, second):
        forget_proof(tokens["session_id"])
    step_up(one)
    assert one.post("/api/v1/auth/recovery-codes/").status_code == 201
    assert other.post("/api/v1/auth/recovery-codes/").status_code == 403


def test_another_method_marks_a_session_the_same_way(phone, nhf):
    client, tokens = phone
    forget_proof(tokens["session_id"])
    mark_verified(UserSession.objects.select_related("user").get(pk=tokens["session_id"]), method="passkey")
    assert client.post("/api/v1/auth/recovery-codes/").status_code == 201


def proof_body(session_id, key=None, signer=None):
    key = key or Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes_raw()
    message = possession_message(UserSession.objects.get(pk=session_id), public)
    return {"purpose": "proof", "public_key": b64(public), "signature": b64((signer or key).sign(message))}


def seal_body():
    public = X25519PrivateKey.generate().public_key().public_bytes_raw()
    return {"purpose": "seal", "public_key": b64(public)}


def test_keys_are_registered_listed_replaced_and_revoked(phone):
    client, tokens = phone
    first = client.post(KEYS, seal_body()).json()
    proof = client.post(KEYS, proof_body(tokens["session_id"])).json()
    second = client.post(KEYS, seal_body()).json()
    listed = client.get(KEYS).json()["results"]
    assert {key["id"] for key in listed} == {proof["id"], second["id"]}
    assert listed[0]["device_name"] == "Solveigs telefon"
    assert DeviceKey.objects.get(pk=first["id"]).revoked_at is not None
    assert client.delete(f"{KEYS}{second['id']}/").status_code == 204
    assert client.delete(f"{KEYS}{second['id']}/").status_code == 404
    assert actions_in("nhf").count("device-key.registered") == 3
    assert actions_in("nhf").count("device-key.revoked") == 1


@pytest.mark.parametrize(
    "body",
    [
        {"purpose": "seal", "public_key": b64(bytes(32))},
        {"purpose": "seal", "public_key": b64(bytes(31))},
        {"purpose": "seal", "public_key": "not base64!"},
        {"purpose": "proof", "public_key": b64(bytes(range(32)))},
        {"purpose": "else", "public_key": b64(bytes(range(32)))},
    ],
    ids=["a point of small order", "too short", "no base64", "without a signature", "no such purpose"],
)
def test_what_is_no_key_is_refused(phone, body):
    client, _tokens = phone
    assert client.post(KEYS, body).status_code == 400
    assert not DeviceKey.objects.exists()


def test_a_proof_key_needs_proof_of_its_private_half_for_this_session(phone, api_of):
    client, tokens = phone
    other = sign_in(api_of("nhf")).json()["session_id"]
    forged = proof_body(tokens["session_id"], signer=Ed25519PrivateKey.generate())
    for body in (forged, proof_body(other)):
        answer = client.post(KEYS, body)
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["code"] == "wrong-signature"


def test_nobody_revokes_the_keys_of_others(phone, api_of):
    client, _tokens = phone
    key = client.post(KEYS, seal_body()).json()["id"]
    other = api_of("nhf")
    bearer(other, sign_in(other, "coordinator@nhf.example").json())
    assert other.delete(f"{KEYS}{key}/").status_code == 404
    assert other.get(KEYS).json()["results"] == []


@pytest.mark.parametrize("address", ["/admin/account/password/"])
def test_the_admin_asks_and_comes_back(browser_of, address):
    browser = browser_of("nhf", "admin@nhf.example")
    assert browser.get(address).status_code == 200
    forget_proof(UserSession.objects.get().pk)
    asked = browser.get(address)
    assert asked.url == "/admin/confirm/?next=%2Fadmin%2Faccount%2Fpassword%2F"
    refused = browser.post(asked.url, {"password": "wrong", "next": address})
    assert refused.status_code == 200
    assert browser.post(asked.url, {"password": PASSWORD, "next": address}).url == address
    assert browser.get(address).status_code == 200


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_the_way_back_leads_nowhere_else(browser_of, elsewhere):
    browser = browser_of("nhf", "admin@nhf.example")
    answer = browser.post("/admin/confirm/", {"password": PASSWORD, "next": elsewhere})
    assert answer.url == "/admin/account/"
