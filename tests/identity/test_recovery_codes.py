"""Codes on paper: ten, shown once, each good for one sign-in."""

import re

import pytest

from domain.identity.guessing import ACCOUNT_ATTEMPTS
from domain.identity.models import RecoveryCode, UserSession
from tests.support.jobs import work_off

from .conftest import DEVICE, actions_in, forget_proof, sign_in

pytestmark = pytest.mark.django_db
CODES, SIGN_IN = "/api/v1/auth/recovery-codes/", "/api/v1/auth/recovery-code/"
EMAIL = "mentor@nhf.example"


@pytest.fixture
def codes(phone):
    client, _tokens = phone
    return client.post(CODES).json()["codes"]


def use(client, code, email=EMAIL):
    body = {"email": email, "code": code, "device": DEVICE}
    return client.post(SIGN_IN, body, headers={"accept-language": "en"})


def test_there_are_ten_each_of_a_hundred_bits_and_only_their_hashes_are_kept(phone, codes):
    assert len(set(codes)) == 10
    assert all(re.fullmatch(r"[A-Z2-7]{5}(-[A-Z2-7]{5}){3}", code) for code in codes)
    kept = b"".join(bytes(row.digest) for row in RecoveryCode.objects.all())
    assert not any(code.replace("-", "").encode() in kept for code in codes)
    client, _tokens = phone
    assert client.get(CODES).json()["left"] == 10
    assert "recovery-codes.made" in actions_in("nhf")


@pytest.mark.parametrize(
    "write", [str, str.lower, lambda code: code.replace("-", " "), lambda c: c.replace("-", "")]
)
def test_one_lets_in_once_however_it_is_written(api_of, codes, phone, write):
    answer = use(api_of("nhf"), write(codes[3]))
    assert answer.status_code == 200
    assert UserSession.objects.filter(pk=answer.json()["session_id"]).exists()
    assert use(api_of("nhf"), codes[3]).status_code == 401
    assert phone[0].get(CODES).json()["left"] == 9


def test_its_use_is_told_to_the_owner_and_recorded(api_of, codes, mailbox):
    work_off()
    mailbox.clear()
    use(api_of("nhf"), codes[0])
    work_off()
    assert [mail["To"] for mail in mailbox] == [EMAIL]
    assert "/admin/password/forgotten/" in mailbox[0].get_content()
    assert actions_in("nhf").count("session.opened") == 2


def test_new_ones_make_the_old_ones_worthless(phone, codes, api_of):
    fresh = phone[0].post(CODES).json()["codes"]
    assert not set(fresh) & set(codes)
    assert use(api_of("nhf"), codes[0]).status_code == 401
    assert use(api_of("nhf"), fresh[0]).status_code == 200


def test_it_is_refused_like_a_wrong_password_and_not_used_up_by_the_wrong_person_or_place(api_of, codes):
    refusals = [
        use(api_of("nhf"), "AAAAA-AAAAA-AAAAA-AAAAA"),
        use(api_of("nhf"), codes[0], "nobody@nowhere.example"),
        use(api_of("nhf"), codes[0], "coordinator@nhf.example"),
        use(api_of("blindeforbundet"), codes[0]),
    ]
    password = sign_in(api_of("nhf"), password="wrong")
    for answer in refusals:
        assert answer.status_code == 401
        assert answer.json() | {"instance": ""} == password.json() | {"instance": ""}
    assert use(api_of("nhf"), codes[0]).status_code == 200


def test_guesses_at_codes_and_passwords_are_counted_together(api_of, codes):
    for guess in range(ACCOUNT_ATTEMPTS.attempts):
        client = api_of("nhf")
        (use(client, "AAAAA") if guess % 2 else sign_in(client, password="wrong"))
    assert use(api_of("nhf"), codes[0]).status_code == 429
    assert sign_in(api_of("nhf")).status_code == 429


def test_in_the_admin_they_are_made_after_a_fresh_proof_and_shown_once(browser_of):
    browser, page = browser_of("nhf", "admin@nhf.example"), "/admin/account/recovery-codes/"
    shown = re.findall(r"<code>([A-Z2-7-]{23})</code>", browser.post(page).content.decode())
    assert len(shown) == 10
    assert not re.findall(r"[A-Z2-7]{5}-[A-Z2-7]{5}", browser.get(page).content.decode())
    forget_proof(UserSession.objects.get().pk)
    assert browser.post(page).url.startswith("/admin/confirm/")
    assert RecoveryCode.objects.count() == 10

    other = browser_of("nhf")
    answer = other.post("/admin/recover/", {"email": "admin@nhf.example", "code": shown[0]})
    assert answer.url == "/admin/account/sessions/"
    assert other.get("/admin/").status_code == 200
    again = browser_of("nhf").post("/admin/recover/", {"email": "admin@nhf.example", "code": shown[0]})
    assert again.status_code == 200
