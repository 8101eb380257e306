"""Sessions of the admin: listed beside the apps', ended like them, biting on the next request."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_tenants.utils import schema_context

from cms.demo.organizations import PASSWORD
from domain.identity.choices import SessionOrigin
from domain.identity.models import UserSession

from .conftest import actions_in, bearer, sign_in

pytestmark = pytest.mark.django_db
EMAIL = "admin@nhf.example"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0"
LOGIN, PAGE = "/admin/login/", "/admin/account/sessions/"


def log_in(browser, password=PASSWORD, **data):
    return browser.post(
        LOGIN,
        {"username": EMAIL, "password": password, "next": "/admin/", **data},
        headers={"user-agent": FIREFOX, "accept-language": "en"},
        REMOTE_ADDR="192.0.2.9",
    )


def is_in(browser) -> bool:
    return browser.get("/admin/account/").status_code == 200


@pytest.fixture
def browser(browser_of):
    browser = browser_of("nhf")
    assert log_in(browser).status_code == 302
    return browser


def test_signing_in_to_the_admin_opens_a_session_with_browser_and_network(browser):
    session = UserSession.objects.get()
    assert (session.origin, session.device_name, session.platform) == ("admin_web", "Firefox, Windows", "web")
    assert session.network == "192.0.2.0/24"
    assert actions_in("nhf")[-1] == "session.opened"


def test_the_table_of_sessions_does_not_open_a_browsers(browser):
    with schema_context("nhf"):
        key = Session.objects.get().session_key
    assert key.encode() not in bytes(UserSession.objects.get().browser_key)


def test_ending_it_elsewhere_bites_on_the_next_request(browser, api_of):
    app = api_of("nhf")
    bearer(app, sign_in(app, EMAIL).json())
    (web,) = [
        row for row in app.get("/api/v1/auth/sessions/").json()["results"] if row["origin"] == "admin_web"
    ]
    assert is_in(browser)
    assert app.delete(f"/api/v1/auth/sessions/{web['id']}/").status_code == 204
    assert not is_in(browser)


@pytest.mark.parametrize("change", [{"expires_at": timezone.now()}, {"browser_key": b"x" * 32}])
def test_it_is_over_when_it_expires_and_without_its_key(browser, change):
    UserSession.objects.update(**change)
    assert not is_in(browser)


def test_without_remember_me_it_lasts_a_day_at_most(browser_of):
    for data, longest in (({}, timedelta(days=1)), ({"remember": "on"}, timedelta(days=15))):
        log_in(browser_of("nhf"), **data)
        opened = UserSession.objects.order_by("created_at").last()
        assert timedelta(0) < opened.expires_at - timezone.now() < longest


def test_signing_out_ends_it_and_is_recorded(browser):
    browser.post("/admin/logout/")
    assert UserSession.objects.get().revoked_reason == "signed-out"
    assert actions_in("nhf")[-1] == "session.ended"
    assert not is_in(browser)


def test_signing_in_gives_the_browser_a_new_key(browser_of):
    browser = browser_of("nhf")
    browser.get(LOGIN)
    browser.cookies["sessionid"] = "a-key-somebody-planted"
    log_in(browser)
    assert browser.cookies["sessionid"].value != "a-key-somebody-planted"


def test_one_query_says_who_is_signed_in_and_that_they_are_a_member(browser):
    with CaptureQueriesContext(connection) as queries:
        browser.get("/admin/account/")
    tables = ("identity_usersession", "identity_membership")
    about = [query["sql"] for query in queries if any(table in query["sql"] for table in tables)]
    assert len(about) == 1


def test_the_page_lists_app_and_browser_and_marks_this_one(browser, api_of):
    sign_in(api_of("nhf"), EMAIL)
    page = browser.get(PAGE, headers={"accept-language": "en"}).content.decode()
    assert "Firefox, Windows" in page
    assert "Solveigs telefon" in page
    assert page.count("This one") == 1
    assert "End all others" in page


def test_one_is_ended_from_the_page_and_all_others_too(browser, api_of):
    apps = [api_of("nhf") for _number in range(3)]
    tokens = [sign_in(app, EMAIL).json() for app in apps]
    for app, given in zip(apps, tokens, strict=True):
        bearer(app, given)
    browser.post(f"{PAGE}{tokens[0]['session_id']}/end/")
    assert [app.get("/api/v1/me/").status_code for app in apps] == [401, 200, 200]
    browser.post(f"{PAGE}end-others/")
    assert [app.get("/api/v1/me/").status_code for app in apps] == [401, 401, 401]
    assert is_in(browser)


def test_ending_this_one_signs_out(browser):
    here = UserSession.objects.get(origin=SessionOrigin.ADMIN_WEB)
    assert browser.post(f"{PAGE}{here.pk}/end/").url == LOGIN
    assert not is_in(browser)


def test_nobody_ends_the_sessions_of_others_from_the_page(browser, api_of):
    app = api_of("nhf")
    theirs = sign_in(app, "coordinator@nhf.example").json()
    browser.post(f"{PAGE}{theirs['session_id']}/end/")
    assert bearer(app, theirs).get("/api/v1/me/").status_code == 200
