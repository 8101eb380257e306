"""Making a passkey: what a good authenticator does is kept, and nothing else is."""

from datetime import timedelta

import pytest
from django.utils import timezone

from domain.audit.models import AuditEvent
from domain.identity.models import PasskeyCredential, UserSession
from tenants.models import JobRun
from tests.support.authenticator import (
    AT,
    BE,
    BS,
    UP,
    UV,
    Authenticator,
    EdDsa,
    Es256,
    Es256OnP384,
    Es512,
    Rs256,
    ShortRs256,
    encoded,
)

from .conftest import KARIM, NHF, codes, expire_questions

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("key", [Es256, EdDsa, Rs256])
@pytest.mark.parametrize("attestation", ["none", "packed"])
def test_a_passkey_of_every_offered_kind_is_kept(ceremonies, nhf, person, key, attestation):
    own, phone = ceremonies("nhf", KARIM), Authenticator(NHF, key=key(), synced=True)
    answer = own.register(phone.create(own.registration_options(), attestation=attestation), "Min telefon")
    assert answer.status_code == 201
    kept = PasskeyCredential.objects.get(pk=answer.json()["id"])
    assert (kept.user, kept.name, bytes(kept.credential_id)) == (
        person(KARIM),
        "Min telefon",
        phone.credential_id,
    )
    assert kept.backup_eligible and kept.backed_up and kept.transports == ["hybrid", "internal"]
    assert AuditEvent.objects.filter(action="passkey.added", subject_ids=[kept.user_id]).count() == 1
    assert JobRun.objects.filter(name="passkeys.tell").count() == 1


def test_the_device_is_asked_for_a_passkey_that_needs_no_name_and_checks_the_person(ceremonies, nhf, person):
    options = ceremonies("nhf", KARIM).registration_options()
    assert options["authenticatorSelection"]["residentKey"] == "required"
    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert [kind["alg"] for kind in options["pubKeyCredParams"]] == [-7, -8, -257]
    assert (options["attestation"], options["rp"]["id"]) == ("none", "localhost")
    assert options["user"]["id"] == encoded(person(KARIM).pk.bytes)


def test_a_device_that_has_a_passkey_is_asked_not_to_make_another(ceremonies, karim):
    [known] = ceremonies("nhf", KARIM).registration_options()["excludeCredentials"]
    assert known["id"] == encoded(karim.credential_id)


def other(**client):
    return {"told": lambda said: said.client.update(client)}


def flags(keep: int, add: int = 0):
    return {"told": lambda said: setattr(said, "flags", said.flags & keep | add)}


def say(**values):
    return {"told": lambda said: [setattr(said, name, value) for name, value in values.items()]}


def send(change):
    return {"sent": change}


def flip(answer):
    """One bit in the middle of the statement's signature."""
    from tests.support.authenticator import decoded

    raw = bytearray(decoded(answer["response"]["attestationObject"]))
    raw[raw.index(b"csig") + 20] ^= 1
    answer["response"]["attestationObject"] = encoded(bytes(raw))


def respond(name, change):
    return lambda answer: answer["response"].update({name: change(answer["response"][name])})


def off_the_curve(said):
    said.cose[-2] = bytes(31) + b"\x05"


def repeat_a_name(said):
    said.client_json = said.client_data()[:-1] + b',"type":"webauthn.create"}'


MUTATED = {
    "another challenge": ({}, other(challenge=encoded(bytes(32))), "passkey-challenge"),
    "another website": ({}, other(origin="https://nhf.example.com"), "passkey-origin"),
    "another organisation's host": (
        {},
        other(origin="http://blindeforbundet.localhost:8000"),
        "passkey-origin",
    ),
    "another port": ({}, other(origin="http://nhf.localhost:9000"), "passkey-origin"),
    "an app nobody named": ({}, other(origin="android:apk-key-hash:AAAA"), "passkey-origin"),
    "the type of a sign-in": ({}, other(type="webauthn.get"), "passkey-type"),
    "another site's frame": ({}, other(crossOrigin=True), "passkey-cross-origin"),
    "a frame that is named": ({}, other(topOrigin="https://evil.example"), "passkey-cross-origin"),
    "another domain": ({}, say(rp_id="nhf.example.com"), "passkey-relying-party"),
    "no verification": ({}, flags(~UV), "passkey-not-verified"),
    "no presence": ({}, flags(~UP), "passkey-not-verified"),
    "backed up without being able to": ({}, flags(~BE, BS), "passkey-backup"),
    "no credential in it": ({}, flags(~AT), "passkey-malformed"),
    "an algorithm that wasn't offered": ({"key": Es512}, {}, "passkey-algorithm"),
    "a curve that doesn't fit": ({"key": Es256OnP384}, {}, "passkey-algorithm"),
    "a short RSA key": ({"key": ShortRs256}, {}, "passkey-algorithm"),
    "a point off the curve": ({}, {"told": off_the_curve}, "passkey-malformed"),
    "a key that is no key": ({}, say(cose=4), "passkey-malformed"),
    "a key without its numbers": ({}, say(cose={1: 2, 3: -7}), "passkey-malformed"),
    "no credential id": ({}, say(credential_id=b""), "passkey-malformed"),
    "too long a credential id": ({}, say(credential_id=bytes(1024)), "passkey-malformed"),
    "something after the data": ({}, say(after_data=b"\x00"), "passkey-malformed"),
    "client data that is no JSON": ({}, say(client_json=b"{"), "passkey-malformed"),
    "client data that says it twice": ({}, {"told": repeat_a_name}, "passkey-malformed"),
    "a certificate": ({}, {**say(statement={"x5c": [b"0"]}), "attestation": "packed"}, "passkey-attestation"),
    "a format nobody asked for": ({}, say(format="android-key"), "passkey-attestation"),
    "a statement where there is none": ({}, say(statement={"sig": b"0"}), "passkey-malformed"),
    "a bit of the signature": ({}, {**send(flip), "attestation": "packed"}, "passkey-signature"),
    "half of the statement": (
        {},
        send(respond("attestationObject", lambda text: text[: len(text) // 8 * 4])),
        "passkey-malformed",
    ),
    "padding": ({}, send(respond("clientDataJSON", lambda text: text + "=")), "passkey-malformed"),
    "an id of another": ({}, send(lambda a: a.update(id=encoded(b"x" * 32))), "passkey-malformed"),
    "both ids of another": (
        {},
        send(lambda a: a.update(id=encoded(b"x" * 32), rawId=encoded(b"x" * 32))),
        "passkey-malformed",
    ),
    "another type of credential": ({}, send(lambda a: a.update(type="password")), "passkey-malformed"),
    "no response": ({}, send(lambda a: a.pop("response")), "passkey-malformed"),
}


@pytest.mark.parametrize("made, said, code", MUTATED.values(), ids=MUTATED)
def test_a_registration_that_is_not_right_is_refused_and_leaves_nothing(ceremonies, nhf, made, said, code):
    own = ceremonies("nhf", KARIM)
    phone = Authenticator(NHF, key=made.get("key", Es256)())
    answer = own.register(phone.create(own.registration_options(), **said))
    assert answer.status_code == 400
    assert answer.json()["type"] == "/problems/invalid-input"
    assert codes(answer) == [code] and answer.json()["detail"]
    assert_nothing_is_kept()


def assert_nothing_is_kept():
    assert not PasskeyCredential.objects.exists()
    assert not AuditEvent.objects.filter(action="passkey.added").exists()
    assert not JobRun.objects.filter(name="passkeys.tell").exists()


def test_more_than_the_demanded_number_of_registrations_is_tried():
    assert len(MUTATED) >= 25


def test_a_question_is_answered_once_even_when_the_first_answer_was_wrong(ceremonies, nhf):
    own, phone = ceremonies("nhf", KARIM), Authenticator(NHF)
    options = own.registration_options()
    assert codes(own.register(phone.create(options, **flags(~UV)))) == ["passkey-not-verified"]
    assert codes(own.register(phone.create(options))) == ["passkey-challenge"]
    assert_nothing_is_kept()


def test_a_question_expires(ceremonies, nhf):
    own, phone = ceremonies("nhf", KARIM), Authenticator(NHF)
    options = own.registration_options()
    expire_questions()
    assert codes(own.register(phone.create(options))) == ["passkey-challenge"]
    assert_nothing_is_kept()


def test_a_question_for_signing_in_makes_no_passkey(ceremonies, nhf):
    own, phone = ceremonies("nhf", KARIM), Authenticator(NHF)
    _ceremony, asked = own.sign_in_options()
    options = own.registration_options() | {"challenge": asked["challenge"]}
    assert codes(own.register(phone.create(options))) == ["passkey-challenge"]
    assert_nothing_is_kept()


def test_a_question_of_another_organisation_makes_no_passkey(ceremonies, nhf, blindeforbundet):
    there = ceremonies("blindeforbundet", "both@meander.example")
    here, phone = ceremonies("nhf", "both@meander.example"), Authenticator(NHF)
    answer = here.register(phone.create(there.registration_options()))
    assert codes(answer) == ["passkey-challenge"]
    assert not PasskeyCredential.objects.exists()


def test_a_question_to_somebody_else_or_to_another_session_makes_no_passkey(ceremonies, nhf):
    phone = Authenticator(NHF)
    for asked in ("admin@nhf.example", KARIM):
        options = ceremonies("nhf", asked).registration_options()
        assert codes(ceremonies("nhf", KARIM).register(phone.create(options))) == ["passkey-challenge"]
    assert_nothing_is_kept()


def test_a_credential_id_is_taken_once_whoever_has_it(ceremonies, karim):
    other = ceremonies("nhf", "admin@nhf.example")
    phone = Authenticator(NHF)
    phone.credential_id = karim.credential_id
    answer = other.register(phone.create(other.registration_options()))
    assert codes(answer) == ["passkey-known"]
    assert PasskeyCredential.objects.get().user.email == KARIM


def test_without_a_fresh_proof_of_who_it_is_nothing_is_begun(ceremonies, nhf):
    own = ceremonies("nhf", KARIM)
    options, phone = own.registration_options(), Authenticator(NHF)
    UserSession.objects.update(verified_at=timezone.now() - timedelta(hours=1))
    for answer in (own.post("passkeys/registration/options/"), own.register(phone.create(options))):
        assert (answer.status_code, answer.json()["type"]) == (403, "/problems/step-up-required")
    assert_nothing_is_kept()


def test_nobody_keeps_more_than_twenty(ceremonies, nhf, person):
    own = ceremonies("nhf", KARIM)
    options = own.registration_options()
    PasskeyCredential.objects.bulk_create(
        PasskeyCredential(user=person(KARIM), credential_id=bytes([n]), public_key=b"x", name=str(n))
        for n in range(20)
    )
    for answer in (
        own.post("passkeys/registration/options/"),
        own.register(Authenticator(NHF).create(options)),
    ):
        assert (answer.status_code, codes(answer)) == (409, ["too-many-passkeys"])
    assert PasskeyCredential.objects.count() == 20
