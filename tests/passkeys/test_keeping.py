"""What people do with their passkeys: look, rename, remove, confirm with them, and be told by mail."""

from datetime import timedelta

import pytest
from django.utils import timezone

from domain.audit.models import AuditEvent
from domain.identity.models import PasskeyCredential, User, UserSession
from tenants.models import JobRun
from tests.support.authenticator import Authenticator
from tests.support.jobs import work_off

from .conftest import KARIM, NHF, codes

pytestmark = pytest.mark.django_db


def age_sessions() -> None:
    UserSession.objects.update(verified_at=timezone.now() - timedelta(hours=1))


def test_people_see_and_rename_their_own_passkeys_alone(ceremonies, karim):
    own, stranger = ceremonies("nhf", KARIM).client, ceremonies("nhf", "admin@nhf.example").client
    [passkey] = own.get("/api/v1/auth/passkeys/").json()["results"]
    assert (passkey["name"], passkey["last_used_at"]) == ("Telefonen", None)
    assert stranger.get("/api/v1/auth/passkeys/").json()["results"] == []
    address = f"/api/v1/auth/passkeys/{passkey['id']}/"
    assert own.patch(address, {"name": "  Den  nye telefonen "}).json()["name"] == "Den nye telefonen"
    for answer in (stranger.get(address), stranger.patch(address, {"name": "x"}), stranger.delete(address)):
        assert answer.status_code == 404
    assert PasskeyCredential.objects.get().name == "Den nye telefonen"
    event = AuditEvent.objects.get(action="passkey.changed")
    assert event.changes == {"name": ["Telefonen", "Den nye telefonen"]}


@pytest.mark.parametrize("name", ["x" * 101, "a\u202eb"])
def test_a_name_is_short_and_printable(ceremonies, karim, name):
    passkey = PasskeyCredential.objects.get()
    answer = ceremonies("nhf", KARIM).client.patch(f"/api/v1/auth/passkeys/{passkey.pk}/", {"name": name})
    assert answer.status_code == 400
    assert PasskeyCredential.objects.get().name == "Telefonen"


def test_a_removed_passkey_opens_nothing(ceremonies, karim):
    own = ceremonies("nhf", KARIM).client
    assert own.delete(f"/api/v1/auth/passkeys/{PasskeyCredential.objects.get().pk}/").status_code == 204
    assert codes(ceremonies("nhf").sign_in_with(karim)) == ["passkey-unknown"]
    assert AuditEvent.objects.filter(action="passkey.removed").count() == 1


def test_removing_needs_a_fresh_proof(ceremonies, karim):
    own = ceremonies("nhf", KARIM).client
    age_sessions()
    answer = own.delete(f"/api/v1/auth/passkeys/{PasskeyCredential.objects.get().pk}/")
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/step-up-required")
    assert PasskeyCredential.objects.count() == 1


def test_the_only_way_to_sign_in_stays(ceremonies, karim, person):
    user = person(KARIM)
    user.set_unusable_password()
    user.save()
    own = ceremonies("nhf", KARIM)
    answer = own.client.delete(f"/api/v1/auth/passkeys/{PasskeyCredential.objects.get().pk}/")
    assert (answer.status_code, codes(answer)) == (409, ["last-sign-in-method"])
    assert own.register(Authenticator(NHF).create(own.registration_options())).status_code == 201
    first, second = PasskeyCredential.objects.order_by("created_at")
    assert own.client.delete(f"/api/v1/auth/passkeys/{first.pk}/").status_code == 204
    assert own.client.delete(f"/api/v1/auth/passkeys/{second.pk}/").status_code == 409


def test_a_passkey_confirms_who_it_is(ceremonies, karim):
    own = ceremonies("nhf", KARIM)
    age_sessions()
    assert own.post("passkeys/registration/options/").status_code == 403
    options = own.post("step-up/passkey/options/").json()["options"]
    answer = own.post("step-up/passkey/verify/", {"credential": karim.get(options)})
    assert answer.status_code == 200 and answer.json()["verified_at"]
    assert own.post("passkeys/registration/options/").status_code == 200


def test_another_persons_passkey_confirms_nothing(ceremonies, karim):
    admin, tablet = ceremonies("nhf", "admin@nhf.example"), Authenticator(NHF)
    assert admin.register(tablet.create(admin.registration_options())).status_code == 201
    age_sessions()
    options = admin.post("step-up/passkey/options/").json()["options"]
    answer = admin.post("step-up/passkey/verify/", {"credential": karim.get(options)})
    assert (answer.status_code, codes(answer)) == (400, ["passkey-owner"])
    assert admin.post("passkeys/registration/options/").status_code == 403


def test_a_question_of_one_session_confirms_no_other(ceremonies, karim):
    one, other = ceremonies("nhf", KARIM), ceremonies("nhf", KARIM)
    age_sessions()
    options = one.post("step-up/passkey/options/").json()["options"]
    answer = other.post("step-up/passkey/verify/", {"credential": karim.get(options)})
    assert codes(answer) == ["passkey-challenge"]


def test_who_has_no_passkey_is_told_so(ceremonies, nhf):
    answer = ceremonies("nhf", KARIM).post("step-up/passkey/options/")
    assert (answer.status_code, codes(answer)) == (409, ["no-passkey"])


@pytest.mark.parametrize(
    "language, subject",
    [
        ("nb", "En passnøkkel er lagt til"),
        ("nn", "Ein passnøkkel er lagd til"),
        ("en", "A passkey was added"),
    ],
)
def test_the_person_is_told_by_mail_in_their_language(ceremonies, nhf, mailbox, language, subject):
    User.objects.filter(email=KARIM).update(language=language)
    own = ceremonies("nhf", KARIM)
    assert own.register(Authenticator(NHF).create(own.registration_options()), "Nøkkel").status_code == 201
    work_off()
    [mail] = [mail for mail in mailbox if subject in mail["Subject"]]
    assert mail["To"] == KARIM and "“Nøkkel”" in mail.get_content().replace("«", "“").replace("»", "”")


def test_the_person_is_told_of_a_removal_and_of_a_possible_copy(ceremonies, karim, mailbox):
    karim.sign_count = 7
    assert ceremonies("nhf").sign_in_with(karim).status_code == 200
    karim.sign_count = 3
    assert ceremonies("nhf").sign_in_with(karim).status_code == 401
    own = ceremonies("nhf", KARIM).client
    assert own.delete(f"/api/v1/auth/passkeys/{PasskeyCredential.objects.get().pk}/").status_code == 204
    work_off()
    told = [mail["Subject"] for mail in mailbox if "passnøkkel" in mail["Subject"].lower()]
    assert len(told) == 3
    assert not JobRun.objects.filter(name="passkeys.tell").exclude(state="done").exists()
