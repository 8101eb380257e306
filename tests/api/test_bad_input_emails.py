"""E-mail addresses that look alike, are spelled in two ways, or carry more than an address."""

import unicodedata

import pytest
from django.core.exceptions import ValidationError

from cms.demo.organizations import PASSWORD
from domain.access.choices import Role
from domain.access.invitations import invite
from domain.access.models import Invitation
from domain.core.errors import InvalidInput
from domain.identity.emails import canonical
from domain.identity.guessing import ACCOUNT_ATTEMPTS
from domain.identity.models import User
from domain.sales.models import DemoBooking
from tenants.db import connection
from tests.support.jobs import work_off

pytestmark = pytest.mark.django_db
ASTRID, KARIM, OYVIND = "admin@nhf.example", "coordinator@nhf.example", "admin@blindeforbundet.example"
DEVICE = {"name": "Telefon", "platform": "ios", "app_version": "1.0"}

# Of one and the same address.
SPELLINGS = [
    "admin@nhf.example",
    "Admin@NHF.example",
    "ADMIN@NHF.EXAMPLE",
    "  admin@nhf.example\r\n",
    "\u00a0admin@nhf.example\u2003",
    "ａｄｍｉｎ＠ｎｈｆ．ｅｘａｍｐｌｅ",  # full-width
    "admin@nhf。example",  # ideographic full stop
    "𝐚𝐝𝐦𝐢𝐧@nhf.example",  # mathematical letters
    "admin@ⓝⓗⓕ.example",
]
# They look like admin@nhf.example, or like nothing else in particular, and are no address of anybody.
LOOK_ALIKES = [
    "аdmin@nhf.example",  # Cyrillic а
    "admın@nhf.example",  # dotless i
    "ADMİN@NHF.EXAMPLE",  # dotted I
    "αdmin@nhf.example",  # Greek alpha
    "àdmin@nhf.example",
    "a\u0300dmin@nhf.example",
]
INVISIBLE = [
    "ad\u200bmin@nhf.example",  # zero-width space
    "admin\u200d@nhf.example",  # zero-width joiner
    "\ufeffadmin@nhf.example",  # byte order mark
    "admin@nhf\u00ad.example",  # soft hyphen
    "\u202eelpmaxe.fhn@nimda",  # written backwards
    "admin\u2066@nhf.example",
    "ad min@nhf.example",
    "ad\u00a0min@nhf.example",
    "admin@nhf.example\r\nBcc: all@nhf.example",
    "admin@nhf.example\nall@nhf.example",
    "admin\x00@nhf.example",
    "admin\x7f@nhf.example",
    "admin\ue000@nhf.example",
]
MALFORMED = [
    "",
    "@",
    "admin",
    "admin@",
    "@nhf.example",
    "admin@nhf",
    "admin@@nhf.example",
    "a@b@nhf.example",
    ".admin@nhf.example",
    "ad..min@nhf.example",
    "admin.@nhf.example",
    '"admin"@nhf.example',
    '"a@b"@nhf.example',
    "admin(me)@nhf.example",
    "Astrid<admin@nhf.example>",
    "admin@nhf.example,all@nhf.example",
    "admin@[127.0.0.1]",
    "admin@-nhf.example",
    "admin@nhf-.example",
    "admin@nhf..example",
    "admin@.example",
    f"{'a' * 65}@nhf.example",
    f"a@{'b' * 64}.example",
    f"a@{'.'.join(['b' * 60] * 5)}.example",
    *LOOK_ALIKES,
]


def sign_in(client, email, password=PASSWORD):
    body = {"email": email, "password": password, "device": DEVICE}
    return client.post("/api/v1/auth/password/", body, format="json")


def code_of(address: str) -> str:
    with pytest.raises(ValidationError) as refused:
        canonical(address)
    return refused.value.code


@pytest.mark.parametrize("spelling", SPELLINGS, ids=ascii)
def test_an_address_has_one_spelling(spelling):
    assert canonical(spelling) == ASTRID
    assert canonical(canonical(spelling)) == ASTRID


def test_a_domain_with_our_letters_is_kept_in_ascii_however_it_is_composed():
    kept = "ola@xn--blkors-jua.no"
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        assert canonical(unicodedata.normalize(form, "Ola@BLÅKORS.no")) == kept
    assert canonical(kept) == kept
    assert canonical("admin@nhf.exаmple") == "admin@nhf.xn--exmple-4nf", "a look-alike can be seen"
    assert canonical("o'brien+test/a=b@x.no") == "o'brien+test/a=b@x.no"


def test_what_cannot_be_seen_is_said_and_what_is_no_address_too():
    assert {code_of(address) for address in INVISIBLE} == {"invisible-character"}
    assert {code_of(address) for address in MALFORMED} == {"invalid-email"}


def test_every_spelling_signs_in_to_the_one_account_and_a_look_alike_to_none(api_of, nhf):
    client = api_of("nhf")
    for spelling in SPELLINGS:
        answer = sign_in(client, spelling)
        assert answer.status_code == 200, (spelling, answer.json())
    refusal = sign_in(client, "nobody@nhf.example").json()
    for address in [*LOOK_ALIKES, *INVISIBLE[:6], '"admin"@nhf.example']:
        answer = sign_in(client, address)
        assert (answer.status_code, answer.json()) == (401, refusal), address


def test_guesses_count_together_however_the_address_is_spelled(api_of, nhf):
    client = api_of("nhf")
    spellings = [SPELLINGS[number % len(SPELLINGS)] for number in range(ACCOUNT_ATTEMPTS.attempts)]
    assert [sign_in(client, spelling, "wrong").status_code for spelling in spellings] == [401] * len(
        spellings
    )
    assert sign_in(client, "aDMIN@nhf.example", "wrong").status_code == 429


def test_one_address_makes_one_account(nhf, person):
    for spelling in SPELLINGS:
        with pytest.raises(ValidationError):
            User.objects.create_user(spelling, PASSWORD)
    for address in [*LOOK_ALIKES, *INVISIBLE]:
        with pytest.raises(ValidationError) as refused:
            User.objects.create_user(address, PASSWORD)
        assert list(refused.value.message_dict) == ["email"], address
    solveig = person("mentor@nhf.example")
    solveig.email = "ADMIN@nhf.example "
    with pytest.raises(ValidationError):
        solveig.full_clean()
    solveig.email = "Ny@NHF.example"
    solveig.save()
    assert User.objects.get(pk=solveig.pk).email == "ny@nhf.example"


def test_nobody_is_invited_twice_under_two_spellings_nor_under_a_look_alike(nhf, person):
    astrid = person(ASTRID)

    def refusal(email):
        with pytest.raises(InvalidInput) as refused:
            invite(email=email, role=Role.PEER_MENTOR, by=astrid)
        assert refused.value.field == "email"
        return refused.value.code

    assert {refusal(spelling) for spelling in SPELLINGS} == {"member-already"}
    assert {refusal(address) for address in LOOK_ALIKES} == {"invalid-email"}
    assert {refusal(address) for address in INVISIBLE} == {"invisible-character"}
    assert invite(email="Ny@NHF.Example", role=Role.PEER_MENTOR, by=astrid).email == "ny@nhf.example"
    assert {refusal(s) for s in ("ny@nhf.example", "NY@nhf.example", "ｎｙ@nhf.example")} == {
        "invited-already"
    }
    assert Invitation.objects.count() == 1


def test_the_form_of_an_invitation_says_what_is_wrong_with_the_address(browser_of, nhf):
    client = browser_of("nhf", ASTRID)
    for address, said in (
        ("a\u200bb@nhf.example", "usynlig tegn"),
        ("admın@nhf.example", "ikke en e-postadresse"),
    ):
        page = client.post("/admin/invitations/new/", {"email": address, "role": Role.PEER_MENTOR})
        assert (page.status_code, said in page.content.decode()) == (200, True), address
    assert not Invitation.objects.exists()


def test_the_api_says_it_too(api_of, nhf):
    client = api_of("nhf", ASTRID)
    for address, code in ((INVISIBLE[0], "invisible-character"), (LOOK_ALIKES[1], "invalid-email")):
        body = {"email": address, "role": Role.PEER_MENTOR}
        answer = client.post("/api/v1/invitations/", body, format="json")
        assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [("#/email", code)]
    body = {"email": "Ｎｙ@NHF.example", "role": Role.PEER_MENTOR}
    assert client.post("/api/v1/invitations/", body, format="json").json()["email"] == "ny@nhf.example"


def test_a_link_for_a_new_password_goes_to_the_account_and_never_to_a_look_alike(api_of, nhf, mailbox):
    client = api_of("nhf")
    answers = []
    for email in (*SPELLINGS[:5:2], *LOOK_ALIKES, *INVISIBLE[:4], "nobody@nhf.example"):
        answers.append(client.post("/api/v1/auth/password/reset/", {"email": email}, format="json"))
    assert {(answer.status_code, answer.content) for answer in answers} == {(202, answers[0].content)}
    work_off()
    assert [mail["To"] for mail in mailbox] == [ASTRID] * 3


def test_nothing_that_is_typed_becomes_a_header_of_a_mail(api_of, nhf, platform, person, mailbox):
    injected = "Liv\r\nBcc: all@nhf.example\r\n\r\nHei"
    client = api_of("platform")
    booking = {"name": injected, "organization_name": injected, "email": "liv@forening.example"}
    for address in (*INVISIBLE, '"a\rb"@nhf.example'):
        body = {**booking, "email": address, "consent": True}
        answer = client.post("/api/v1/demo-bookings/", body, format="json")
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "#/email"), address
    assert not DemoBooking.objects.exists()
    body = {**booking, "role": injected, "message": injected, "consent": True}
    assert client.post("/api/v1/demo-bookings/", body, format="json").status_code == 201
    work_off()
    assert mailbox
    for mail in mailbox:
        assert mail["Bcc"] is None
        assert "\n" not in mail["Subject"]
        assert "all@nhf.example" not in (mail["To"], mail["From"])


def test_an_organisations_name_is_no_header_either(nhf, person, mailbox):
    nhf.name = "NHF\r\nBcc: all@nhf.example"
    with connection.as_owner():
        nhf.save()
    invite(
        email="ny@nhf.example", role=Role.PEER_MENTOR, by=person(ASTRID), first_name="A\nBcc: b@nhf.example"
    )
    work_off()
    (mail,) = mailbox
    assert (mail["Bcc"], mail["To"]) == (None, "ny@nhf.example")
    assert "\n" not in mail["Subject"]
