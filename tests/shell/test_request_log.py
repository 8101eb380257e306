"""The one line a request leaves in the log."""

import logging

import pytest

pytestmark = pytest.mark.django_db
ADMIN = "admin@nhf.example"


@pytest.fixture
def lines(caplog):
    """What is logged of requests from now on."""
    caplog.set_level(logging.INFO, "meander.request")
    return lambda: [record.msg for record in caplog.records if record.name == "meander.request"]


def test_it_says_who_asked_in_the_admin_and_over_the_api(nhf, browser_of, api_of, person, lines):
    browser_of("nhf", ADMIN).get("/admin/account/")
    api_of("nhf", ADMIN).get("/api/v1/me/")
    browser_of("nhf").get("/admin/login/")
    admin, api, stranger = lines()
    assert admin["user"] == api["user"] == str(person(ADMIN).pk)
    assert stranger["user"] is None
    assert (admin["organization"], admin["route"], admin["status"]) == ("nhf", "admin/account/", 200)


def test_it_says_neither_addresses_nor_what_was_searched_for(nhf, browser_of, lines):
    browser_of("nhf", ADMIN).get("/admin/members/?q=Kari+Nordmann", headers={"user-agent": "Kari's phone"})
    [line] = lines()
    assert "Kari" not in str(line)
    assert ADMIN not in str(line)
