"""Signing in with a passkey: one for every organisation, and nothing but the right answer opens one."""

import pytest

from domain.audit.models import AuditEvent
from domain.identity.choices import MembershipStatus
from domain.identity.models import Membership, PasskeyCredential, User, UserSession
from tenants.models import JobRun
from tests.support.authenticator import (
    BE,
    BS,
    UP,
    UV,
    Authenticator,
    EdDsa,
    Es256,
    Rs256,
    decoded,
    encoded,
)

from .conftest import KARIM, NHF, codes, expire_questions

pytestmark = pytest.mark.django_db
BLINDEFORBUNDET = "http://blindeforbundet.localhost:8000"


def sessions_by_passkey() -> int:
    return AuditEvent.objects.filter(
        action="session.opened", detail__changes__method__contains="passkey"
    ).count()


@pytest.mark.parametrize("key", [Es256, EdDsa, Rs256])
def test_a_passkey_of_every_offered_kind_opens_a_session_without_a_name(ceremonies, nhf, key):
    own, phone = ceremonies("nhf", KARIM), Authenticator(NHF, key=key())
    assert own.register(phone.create(own.registration_options())).status_code == 201
    answer = ceremonies("nhf").sign_in_with(phone)
    assert answer.status_code == 200
    session = UserSession.objects.get(pk=answer.json()["session_id"])
    assert (session.user.email, session.organization, session.device_name) == (KARIM, nhf, "Karims telefon")
    assert session.verified_at is not None
    assert sessions_by_passkey() == 1
    me = ceremonies("nhf").client
    token = answer.json()["access_token"]
    assert me.get("/api/v1/me/", HTTP_AUTHORIZATION=f"Bearer {token}").json()["user"]["email"] == KARIM


def test_nobody_is_named_in_the_question(ceremonies, karim):
    _ceremony, options = ceremonies("nhf").sign_in_options()
    assert (options["rpId"], options["userVerification"]) == ("localhost", "required")
    assert not options.get("allowCredentials")


def test_a_passkey_made_in_one_organisation_opens_the_other_one(ceremonies, nhf, blindeforbundet):
    own, phone = ceremonies("nhf", "both@meander.example"), Authenticator(NHF)
    assert own.register(phone.create(own.registration_options())).status_code == 201
    assert ceremonies("nhf").sign_in_with(phone).status_code == 200
    phone.origin = BLINDEFORBUNDET
    answer = ceremonies("blindeforbundet").sign_in_with(phone)
    assert answer.status_code == 200
    opened = UserSession.objects.get(pk=answer.json()["session_id"])
    assert opened.organization.schema_name == "blindeforbundet"


def test_where_one_is_no_member_the_passkey_opens_nothing(ceremonies, karim, blindeforbundet):
    karim.origin = BLINDEFORBUNDET
    answer = ceremonies("blindeforbundet").sign_in_with(karim)
    assert answer.status_code == 401 and answer.json()["type"] == "/problems/sign-in-refused"
    assert codes(answer) in (["passkey-no-membership"], ["passkey-unknown"])


@pytest.mark.parametrize("status", [MembershipStatus.SUSPENDED, MembershipStatus.INVITED])
def test_a_membership_that_is_not_active_opens_nothing(ceremonies, karim, status):
    Membership.objects.filter(user__email=KARIM).update(status=status)
    answer = ceremonies("nhf").sign_in_with(karim)
    assert (answer.status_code, codes(answer)) == (401, ["passkey-no-membership"])
    assert sessions_by_passkey() == 0


def test_a_person_who_is_switched_off_gets_in_nowhere(ceremonies, karim):
    User.objects.filter(email=KARIM).update(is_active=False)
    assert codes(ceremonies("nhf").sign_in_with(karim)) == ["passkey-no-membership"]
    assert sessions_by_passkey() == 0


def test_a_peer_mentor_signs_in_to_the_app_with_a_passkey(ceremonies, nhf):
    own, phone = ceremonies("nhf", "mentor@nhf.example"), Authenticator(NHF)
    assert own.register(phone.create(own.registration_options())).status_code == 201
    assert ceremonies("nhf").sign_in_with(phone).status_code == 200


def other(**client):
    return {"told": lambda said: said.client.update(client)}


def say(**values):
    return {"told": lambda said: [setattr(said, name, value) for name, value in values.items()]}


def flags(keep: int, add: int = 0):
    return {"told": lambda said: setattr(said, "flags", said.flags & keep | add)}


def send(**response):
    return {"sent": lambda answer: answer["response"].update(response)}


def changed(name, change):
    return {"sent": lambda answer: answer["response"].update({name: change(answer["response"][name])})}


def flipped(byte: int):
    def flip(text: str) -> str:
        raw = bytearray(decoded(text))
        raw[byte] ^= 1
        return encoded(bytes(raw))

    return flip


def extensions_that_are_none(said):
    said.flags, said.after_data = said.flags | 0x80, b"\xa1"


MUTATED = {
    "another challenge": (other(challenge=encoded(bytes(32))), "passkey-challenge"),
    "no challenge": (other(challenge=""), "passkey-malformed"),
    "another website": (other(origin="https://nhf.example.com"), "passkey-origin"),
    "another organisation's host": (other(origin=BLINDEFORBUNDET), "passkey-origin"),
    "a host that begins like ours": (other(origin="http://nhf.localhost.evil.example"), "passkey-origin"),
    "an app nobody named": (other(origin="android:apk-key-hash:AAAA"), "passkey-origin"),
    "the type of a registration": (other(type="webauthn.create"), "passkey-type"),
    "another site's frame": (other(crossOrigin=True), "passkey-cross-origin"),
    "a frame said otherwise": (other(crossOrigin="false"), "passkey-cross-origin"),
    "a frame that is named": (other(topOrigin="https://evil.example"), "passkey-cross-origin"),
    "another domain": (say(rp_id="nhf.example.com"), "passkey-relying-party"),
    "a subdomain": (say(rp_id="nhf.localhost"), "passkey-relying-party"),
    "no verification": (flags(~UV), "passkey-not-verified"),
    "no presence": (flags(~UP), "passkey-not-verified"),
    "backed up without being able to": (flags(~BE, BS), "passkey-backup"),
    "able to be backed up since": (flags(~0, BE), "passkey-backup"),
    "a count of before": (say(sign_count=1), "passkey-sign-count"),
    "no count any more": (say(sign_count=0), "passkey-sign-count"),
    "an unknown credential": (say(credential_id=bytes(32)), "passkey-unknown"),
    "another person's handle": (say(user_handle=bytes(16)), "passkey-owner"),
    "no handle": (say(user_handle=None), "passkey-owner"),
    "the first bit of the signature": (changed("signature", flipped(0)), "passkey-signature"),
    "the last bit of the signature": (changed("signature", flipped(-1)), "passkey-signature"),
    "a bit of the count": (changed("authenticatorData", flipped(33)), "passkey-signature"),
    "no signature": (send(signature=""), "passkey-malformed"),
    "half of the data": (
        changed("authenticatorData", lambda text: encoded(decoded(text)[:20])),
        "passkey-malformed",
    ),
    "something after the data": (say(after_data=b"\x00"), "passkey-malformed"),
    "extensions that are none": ({"told": extensions_that_are_none}, "passkey-malformed"),
    "client data that is a list": (say(client_json=b"[]"), "passkey-malformed"),
    "client data in another encoding": (say(client_json="{}".encode("utf-16")), "passkey-malformed"),
    "the other base64": (changed("clientDataJSON", lambda text: text + "+"), "passkey-malformed"),
    "an id of another": ({"sent": lambda a: a.update(id=encoded(bytes(32)))}, "passkey-malformed"),
    "another type of credential": ({"sent": lambda a: a.update(type="password")}, "passkey-malformed"),
    "no response": ({"sent": lambda a: a.pop("response")}, "passkey-malformed"),
    "an id that is no text": ({"sent": lambda a: a.update(rawId=["x"])}, "passkey-malformed"),
}


@pytest.mark.parametrize("said, code", MUTATED.values(), ids=MUTATED)
def test_a_sign_in_that_is_not_right_is_refused_and_opens_nothing(ceremonies, karim, said, code):
    assert ceremonies("nhf").sign_in_with(karim).status_code == 200
    before = PasskeyCredential.objects.values().get()
    sessions = UserSession.objects.count()
    ceremony, options = ceremonies("nhf").sign_in_options()
    answer = ceremonies("nhf").sign_in(ceremony, karim.get(options, **said))
    assert answer.status_code == 401
    assert answer.json()["type"] == "/problems/sign-in-refused"
    assert codes(answer) == [code] and answer.json()["detail"]
    assert PasskeyCredential.objects.values().get() == before
    assert (UserSession.objects.count(), sessions_by_passkey()) == (sessions, 1)


def test_more_than_the_demanded_number_of_sign_ins_is_tried():
    assert len(MUTATED) >= 25


def test_an_answer_opens_one_session(ceremonies, karim):
    ceremony, options = ceremonies("nhf").sign_in_options()
    credential = karim.get(options)
    assert ceremonies("nhf").sign_in(ceremony, credential).status_code == 200
    assert codes(ceremonies("nhf").sign_in(ceremony, credential)) == ["passkey-challenge"]
    assert sessions_by_passkey() == 1


def test_a_question_expires(ceremonies, karim):
    ceremony, options = ceremonies("nhf").sign_in_options()
    expire_questions()
    assert codes(ceremonies("nhf").sign_in(ceremony, karim.get(options))) == ["passkey-challenge"]


def test_an_answer_counts_only_from_whoever_asked(ceremonies, karim):
    ceremony, _options = ceremonies("nhf").sign_in_options()
    _other_ceremony, options = ceremonies("nhf").sign_in_options()
    assert codes(ceremonies("nhf").sign_in(ceremony, karim.get(options))) == ["passkey-challenge"]


def test_a_question_of_another_organisation_opens_nothing(ceremonies, nhf, blindeforbundet):
    own, phone = ceremonies("nhf", "both@meander.example"), Authenticator(NHF)
    assert own.register(phone.create(own.registration_options())).status_code == 201
    ceremony, options = ceremonies("blindeforbundet").sign_in_options()
    assert codes(ceremonies("nhf").sign_in(ceremony, phone.get(options))) == ["passkey-challenge"]


def test_a_question_for_confirming_opens_no_session(ceremonies, karim):
    options = ceremonies("nhf", KARIM).post("step-up/passkey/options/").json()["options"]
    ceremony, _options = ceremonies("nhf").sign_in_options()
    assert codes(ceremonies("nhf").sign_in(ceremony, karim.get(options))) == ["passkey-challenge"]


def test_somebody_elses_key_under_ones_credential_opens_nothing(ceremonies, karim):
    thief = Authenticator(NHF)
    ceremony, options = ceremonies("nhf").sign_in_options()
    thief.credential_id, thief.rp_id, thief.user_handle = karim.credential_id, karim.rp_id, karim.user_handle
    assert codes(ceremonies("nhf").sign_in(ceremony, thief.get(options))) == ["passkey-signature"]


def test_ones_own_credential_does_not_open_somebody_elses_account(ceremonies, karim, person):
    karim.user_handle = person("admin@nhf.example").pk.bytes
    assert codes(ceremonies("nhf").sign_in_with(karim)) == ["passkey-owner"]


def test_a_count_of_before_is_put_on_record_and_the_person_is_told(ceremonies, karim, person):
    karim.sign_count = 7
    assert ceremonies("nhf").sign_in_with(karim).status_code == 200
    karim.sign_count = 3
    assert codes(ceremonies("nhf").sign_in_with(karim)) == ["passkey-sign-count"]
    event = AuditEvent.objects.get(action="passkey.refused")
    assert (event.subject_ids, event.changes) == ([person(KARIM).pk], {"sign_count": [8, 4]})
    assert JobRun.objects.filter(name="passkeys.tell", arguments__event=str(event.pk)).exists()


def test_a_count_of_before_without_the_key_alarms_nobody(ceremonies, karim):
    assert ceremonies("nhf").sign_in_with(karim).status_code == 200
    ceremony, options = ceremonies("nhf").sign_in_options()
    said = {**say(sign_count=1), **changed("signature", flipped(-1))}
    assert codes(ceremonies("nhf").sign_in(ceremony, karim.get(options, **said))) == ["passkey-signature"]
    assert not AuditEvent.objects.filter(action="passkey.refused").exists()


def test_an_authenticator_that_counts_nothing_is_taken_again_and_again(ceremonies, nhf):
    own, phone = ceremonies("nhf", KARIM), Authenticator(NHF, synced=True, counts=False)
    assert own.register(phone.create(own.registration_options())).status_code == 201
    for _time in range(3):
        assert ceremonies("nhf").sign_in_with(phone).status_code == 200


def test_an_app_that_the_platform_named_signs_in(ceremonies, karim, settings):
    settings.ANDROID_APPS = [f"no.example.app={'AB' * 32}"]
    karim.origin = f"android:apk-key-hash:{encoded(bytes.fromhex('ab' * 32))}"
    assert ceremonies("nhf").sign_in_with(karim).status_code == 200
    karim.origin = "https://localhost"  # What an app on Apple's systems states: the RP ID.
    assert ceremonies("nhf").sign_in_with(karim).status_code == 200


def test_attempts_are_counted_before_anything_is_looked_at(ceremonies, karim):
    from domain.identity.guessing import ADDRESS_ATTEMPTS

    nobody = ceremonies("nhf")
    ceremony, options = nobody.sign_in_options()
    for _attempt in range(ADDRESS_ATTEMPTS.attempts):
        assert nobody.sign_in(ceremony, {"response": {}}).status_code == 401
    answer = nobody.sign_in(ceremony, karim.get(options))
    assert answer.status_code == 429 and int(answer["Retry-After"]) > 0
