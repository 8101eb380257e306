"""Another password: by a mail's link, and by whoever is signed in."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_tenants.utils import schema_context

from cms.demo.organizations import PASSWORD
from domain.identity.models import KnownDevice, User, UserSession
from domain.identity.passwords import RESETS_PER_ACCOUNT, reset_tokens
from tenants.models import JobRun
from tests.support.jobs import work_off

from .conftest import actions_in, bearer, forget_proof, sign_in

pytestmark = pytest.mark.django_db
RESET, CONFIRM, CHANGE = (f"/api/v1/auth/password/{path}" for path in ("reset/", "reset/confirm/", "change/"))
EMAIL, NEW = "mentor@nhf.example", "splitter-ny-elvesus"
LINK = re.compile(r"http://nhf\.localhost\S*(/admin/password/choose/\S+/)")


def ask(client, email=EMAIL):
    return client.post(RESET, {"email": email}, headers={"accept-language": "en"})


def link_of(mailbox) -> str:
    work_off()
    (mail,) = [mail for mail in mailbox if LINK.search(mail.get_content())]
    return LINK.search(mail.get_content())[1]


def test_the_mail_has_a_link_to_the_organisations_own_host_in_the_persons_language(api_of, mailbox, person):
    User.objects.filter(email=EMAIL).update(language="nn")
    answer = ask(api_of("nhf"), " Mentor@NHF.example ")
    assert answer.status_code == 202
    assert link_of(mailbox)
    (mail,) = mailbox
    assert mail["To"] == EMAIL
    assert "passord" in mail["Subject"]
    assert "lenkja" in mail.get_content().lower()


@pytest.mark.parametrize(
    "email",
    ["nobody@nowhere.example", "mentor@blindeforbundet.example", "", "x" * 254, "øre@nhf.example"],
    ids=["unknown", "member elsewhere", "empty", "long", "no ASCII"],
)
def test_for_an_address_nobody_here_has_the_answer_and_the_way_there_are_the_same(api_of, mailbox, email):
    known, unknown = CaptureQueriesContext(connection), CaptureQueriesContext(connection)
    client = api_of("nhf")
    ask(client, "warm@up.example")
    with known:
        first = ask(client)
    with unknown:
        second = ask(client, email or "x")
    assert (first.status_code, first.content) == (second.status_code, second.content)
    assert len(known) == len(unknown)
    work_off()
    assert [mail["To"] for mail in mailbox] == [EMAIL]


def test_the_queue_has_no_address_in_it(api_of):
    ask(api_of("nhf"), "somebody@nowhere.example")
    run = JobRun.objects.get(name="identity.mail_password_reset")
    assert "@" not in str(run.arguments) + run.key


def test_an_account_gets_five_mails_an_hour_and_nobody_can_tell(api_of, mailbox):
    answers = {ask(api_of("nhf")).status_code for _number in range(RESETS_PER_ACCOUNT.attempts + 3)}
    assert answers == {202}
    work_off()
    assert len(mailbox) == RESETS_PER_ACCOUNT.attempts


def test_the_link_sets_a_password_once_and_signs_everything_out(api_of, mailbox, browser_of):
    phone = api_of("nhf")
    bearer(phone, sign_in(phone).json())
    work_off()
    mailbox.clear()
    ask(phone)
    address = link_of(mailbox)
    browser = browser_of("nhf")
    page = browser.get(address, follow=True)
    assert page.redirect_chain[0][0].endswith("/set/")
    assert page["Cache-Control"].startswith("max-age=0")
    form = page.redirect_chain[0][0]
    answer = browser.post(form, {"new_password": NEW, "repeated": NEW}, follow=True)
    assert answer.redirect_chain[0][0] == "/admin/password/chosen/"
    assert phone.get("/api/v1/me/").status_code == 401
    assert sign_in(api_of("nhf"), password=NEW).status_code == 200
    assert sign_in(api_of("nhf"), password=PASSWORD).status_code == 401
    # Neither the form that is still open nor the mail's link does it again.
    assert browser.post(form, {"new_password": PASSWORD, "repeated": PASSWORD}).status_code == 404
    assert browser_of("nhf").get(address).status_code == 404
    assert "person.password-reset" in actions_in("nhf")


def test_the_person_is_told_of_their_new_password_and_their_devices_are_forgotten(api_of, mailbox, person):
    sign_in(api_of("nhf"))
    user = person(EMAIL)
    body = {"user_id": str(user.pk), "token": reset_tokens.make_token(user), "new_password": NEW}
    assert api_of("nhf").post(CONFIRM, body).status_code == 204
    assert not KnownDevice.objects.filter(user=user).exists()
    work_off()
    assert any("/admin/password/forgotten/" in mail.get_content() for mail in mailbox)


@pytest.mark.parametrize("password", ["short", "likeperson", "mentor@nhf.example"])
def test_a_poor_password_is_refused_with_the_reason(api_of, person, password):
    user = person(EMAIL)
    body = {"user_id": str(user.pk), "token": reset_tokens.make_token(user), "new_password": password}
    answer = api_of("nhf").post(CONFIRM, body)
    assert answer.status_code == 400
    assert person(EMAIL).password == user.password


@pytest.mark.parametrize("fault", ["altered", "of another", "elsewhere", "used up by signing in", "too old"])
def test_a_link_that_is_not_valid_is_refused(api_of, person, settings, fault):
    user = person(EMAIL)
    token = reset_tokens.make_token(user)
    host = "blindeforbundet" if fault == "elsewhere" else "nhf"
    if fault == "altered":
        token = token[:-1] + ("0" if token[-1] != "0" else "1")
    elif fault == "of another":
        token = reset_tokens.make_token(person("coordinator@nhf.example"))
    elif fault == "used up by signing in":
        user.set_password(PASSWORD + "!")
        user.save()
    elif fault == "too old":
        settings.PASSWORD_RESET_TIMEOUT = -1
    body = {"user_id": str(user.pk), "token": token, "new_password": NEW}
    answer = api_of(host).post(CONFIRM, body)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["code"] == "invalid-link"


@pytest.mark.parametrize("path", ["x/y/", "AAAA/set/", "4pyT/x/"])
def test_an_invented_link_gets_a_page_that_says_so(browser_of, path):
    page = browser_of("nhf").get(f"/admin/password/choose/{path}", headers={"accept-language": "en"})
    assert page.status_code == 404
    assert "not valid any more" in page.content.decode()


def test_changing_it_keeps_this_session_and_ends_the_others_everywhere(api_of):
    here, elsewhere = api_of("nhf"), api_of("blindeforbundet")
    both = "both@meander.example"
    bearer(elsewhere, sign_in(elsewhere, both).json())
    bearer(here, sign_in(here, both).json())
    assert here.post(CHANGE, {"new_password": NEW}).status_code == 204
    assert here.get("/api/v1/me/").status_code == 200
    assert elsewhere.get("/api/v1/me/").status_code == 401
    assert "person.password-changed" in actions_in("nhf")
    assert "person.password-changed" not in actions_in("blindeforbundet")


def test_changing_it_in_the_admin_keeps_the_browser_signed_in(browser_of, api_of):
    browser, app = browser_of("nhf", "admin@nhf.example"), api_of("nhf")
    bearer(app, sign_in(app, "admin@nhf.example").json())
    page = "/admin/account/password/"
    refused = browser.post(page, {"new_password": NEW, "repeated": NEW + "x"})
    assert refused.status_code == 200
    assert app.get("/api/v1/me/").status_code == 200
    assert browser.post(page, {"new_password": NEW, "repeated": NEW}).url == "/admin/account/sessions/"
    assert browser.get("/admin/account/").status_code == 200
    assert app.get("/api/v1/me/").status_code == 401


def test_an_old_proof_is_not_enough_to_change_it(browser_of):
    browser = browser_of("nhf", "admin@nhf.example")
    forget_proof(UserSession.objects.get().pk)
    answer = browser.post("/admin/account/password/", {"new_password": NEW, "repeated": NEW})
    assert answer.url.startswith("/admin/confirm/")
    with schema_context("nhf"):
        assert User.objects.get(email="admin@nhf.example").check_password(PASSWORD)
