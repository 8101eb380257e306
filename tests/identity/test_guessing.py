"""Guesses are counted per account, address and device; the owner's own device stays apart."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cms.demo.organizations import PASSWORD
from domain.identity.guessing import ACCOUNT_ATTEMPTS, DEVICE_ATTEMPTS
from domain.identity.models import KnownDevice, RateCounter, User
from tests.support.jobs import work_off

from .conftest import sign_in

pytestmark = pytest.mark.django_db
EMAIL = "mentor@nhf.example"


def exhaust(api_of, email=EMAIL):
    for guess in range(ACCOUNT_ATTEMPTS.attempts):
        assert sign_in(api_of("nhf"), email, "wrong", REMOTE_ADDR=f"192.0.2.{guess}").status_code == 401
    assert sign_in(api_of("nhf"), email).status_code == 429


def test_strangers_guesses_do_not_lock_out_the_owners_phone(api_of):
    secret = sign_in(api_of("nhf")).json()["device_secret"]
    exhaust(api_of)
    answer = sign_in(api_of("nhf"), secret=secret)
    assert answer.status_code == 200
    assert answer.json()["device_secret"] is None
    # What it did right forgives the strangers nothing.
    assert sign_in(api_of("nhf")).status_code == 429


def test_nor_the_owners_browser(api_of, browser_of):
    browser = browser_of("nhf")

    def log_in(client, password=PASSWORD):
        return client.post("/admin/login/", {"username": "admin@nhf.example", "password": password})

    assert log_in(browser).status_code == 302
    cookie = browser.cookies["device"]
    assert cookie["httponly"]
    assert (cookie["path"], cookie["samesite"]) == ("/admin/", "Lax")
    browser.post("/admin/logout/")
    exhaust(api_of, "admin@nhf.example")
    assert log_in(browser_of("nhf")).status_code == 200
    assert log_in(browser).status_code == 302


def test_a_stolen_device_has_its_own_limit(api_of):
    secret = sign_in(api_of("nhf")).json()["device_secret"]
    answers = [
        sign_in(api_of("nhf"), password="wrong", secret=secret, REMOTE_ADDR=f"192.0.2.{guess}").status_code
        for guess in range(DEVICE_ATTEMPTS.attempts + 1)
    ]
    assert answers == [401] * DEVICE_ATTEMPTS.attempts + [429]
    # The owner, from elsewhere, is not locked out by it.
    assert sign_in(api_of("nhf")).status_code == 200


@pytest.mark.parametrize("secret", ["x", "A" * 43, "æøå", "A" * 100])
def test_a_secret_somebody_thought_up_makes_no_device_known(api_of, secret):
    exhaust(api_of)
    assert sign_in(api_of("nhf"), secret=secret).status_code == 429
    RateCounter.objects.all().delete()
    given = sign_in(api_of("nhf"), secret=secret).json()["device_secret"]
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", given)
    assert given != secret


def test_a_device_of_one_person_is_known_for_another_only_after_their_own_sign_in(api_of):
    secret = sign_in(api_of("nhf")).json()["device_secret"]
    exhaust(api_of, "coordinator@nhf.example")
    assert sign_in(api_of("nhf"), "coordinator@nhf.example", secret=secret).status_code == 429
    RateCounter.objects.all().delete()
    # Shared by two, the device goes on with the one secret it has.
    assert sign_in(api_of("nhf"), "coordinator@nhf.example", secret=secret).json()["device_secret"] == secret
    assert KnownDevice.objects.count() == 2
    exhaust(api_of, "coordinator@nhf.example")
    assert sign_in(api_of("nhf"), "coordinator@nhf.example", secret=secret).status_code == 200


def test_the_secret_is_kept_only_as_a_hash(api_of):
    secret = sign_in(api_of("nhf")).json()["device_secret"]
    assert secret.encode() not in bytes(KnownDevice.objects.get().digest)


@pytest.mark.parametrize("secret", ["", "A" * 43])
def test_an_unknown_address_takes_the_same_way_and_is_counted_alike(api_of, secret):
    client = api_of("nhf")
    sign_in(client, "warm@up.example", "wrong")
    ways = []
    for email in (EMAIL, "nobody@nowhere.example"):
        before = RateCounter.objects.count()
        with CaptureQueriesContext(connection) as queries:
            answer = sign_in(client, email, "wrong", secret=secret)
        shape = [re.sub(r"'[^']*'|\\x\w+|%s", "?", query["sql"]) for query in queries]
        ways.append((answer.status_code, answer.content, shape, RateCounter.objects.count() - before))
    # The first of the two also counts the device anew.
    (status, content, shape, counted), (status_2, content_2, shape_2, counted_2) = ways
    assert (status, content, len(shape)) == (status_2, content_2, len(shape_2))
    assert counted - (1 if secret else 0) == counted_2


def test_a_new_device_is_told_by_mail_with_device_time_network_and_what_to_do(api_of, mailbox):
    User.objects.filter(email=EMAIL).update(language="en")
    secret = sign_in(api_of("nhf"), REMOTE_ADDR="192.0.2.77").json()["device_secret"]
    work_off()
    (mail,) = mailbox
    assert (mail["To"], mail["Subject"]) == (EMAIL, "New sign-in to NHF")
    text = mail.get_content()
    assert "Solveigs telefon (ios)" in text
    assert "192.0.2.0/24" in text
    assert re.search(r"Time: .*20\d\d", text)
    assert "http://nhf.localhost" in text
    assert "/admin/password/forgotten/" in text
    sign_in(api_of("nhf"), secret=secret)
    work_off()
    assert len(mailbox) == 1


def test_a_new_browser_is_told_too_and_in_the_organisations_language_without_one_of_ones_own(
    browser_of, mailbox
):
    browser = browser_of("nhf")
    for _time in range(2):
        browser.post(
            "/admin/login/",
            {"username": "admin@nhf.example", "password": PASSWORD},
            headers={"user-agent": "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_0) Safari/605.1"},
        )
        browser.post("/admin/logout/")
    work_off()
    (mail,) = mailbox
    assert "Safari, macOS" in mail.get_content()
    assert "Var det deg?" in mail.get_content()


def test_a_refused_sign_in_tells_nobody(api_of, mailbox):
    sign_in(api_of("nhf"), password="wrong")
    work_off()
    assert mailbox == []
