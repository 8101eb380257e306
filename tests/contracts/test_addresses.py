"""Every address is classified in addresses.json, and answers as its class says.

Classes: `public` anyone · `signed-in` whoever is signed in (API: 401 without a token; documents) ·
`sign-in` the way in and out · `editor` whoever may open the admin · `administrator` organisation admins ·
`platform` the platform's staff on the platform's host · `closed` nobody. An address that no one classified
fails the first test; put it where it belongs. Which role exactly is answered what, with whose rows:
tests/rights.
"""

import json
from pathlib import Path

import pytest

from tests.support.turns import in_turn

from .addresses import every_address

pytestmark = pytest.mark.django_db
CLASSES: dict[str, list[str]] = json.loads((Path(__file__).parent / "addresses.json").read_text())
CLASS_OF = {route: name for name, routes in CLASSES.items() for route in routes}
# What a page shows to whoever may not see it: the login page, a refusal, or nothing at all.
REFUSED = {301, 302, 401, 403, 404, 405}


def routes(*names: str):
    return [address for address in every_address() if CLASS_OF.get(address.route) in names]


def some(*names: str):
    """Those whose turn it is: what each role is answered there in full is asked by tests/rights."""
    return in_turn(routes(*names), name=lambda address: address.route)


def test_every_address_is_classified_and_every_class_names_addresses_that_exist():
    assert {address.route for address in every_address()} == set(CLASS_OF)


def test_no_address_has_two_classes():
    assert len(CLASS_OF) == sum(len(routes) for routes in CLASSES.values())


def test_nobody_needs_to_sign_in_for_what_is_public(browser_of, nhf):
    client = browser_of("nhf")
    for address in routes("public"):
        answer = client.get(address.sample)
        assert answer.status_code in {200, 204, 302, 304, 400, 404, 405, 410}, address
        assert "login" not in answer.get("Location", ""), address


def test_a_stranger_is_refused_everything_else(browser_of, nhf):
    client = browser_of("nhf")
    for address in some("signed-in", "editor", "administrator", "platform", "closed"):
        assert client.get(address.sample).status_code in REFUSED, address
        assert client.post(address.sample).status_code in REFUSED, address


def test_a_peer_mentor_is_refused_the_admin(browser_of, nhf):
    client = browser_of("nhf", "mentor@nhf.example")
    for address in some("editor", "administrator", "platform", "closed"):
        assert client.get(address.sample).status_code in REFUSED, address


def test_a_coordinator_is_refused_what_is_for_administrators(browser_of, nhf):
    client = browser_of("nhf", "coordinator@nhf.example")
    for address in some("administrator", "platform", "closed"):
        assert client.get(address.sample).status_code in REFUSED, address


def test_an_organisations_admin_is_refused_what_is_the_platforms(browser_of, nhf):
    client = browser_of("nhf", "admin@nhf.example")
    for address in routes("platform", "closed"):
        assert client.get(address.sample).status_code in REFUSED, address


def test_what_is_closed_is_closed_to_the_platforms_staff_as_well(browser_of, platform):
    client = browser_of("platform", "owner@meander.example")
    for address in routes("closed"):
        assert client.get(address.sample).status_code in {302, 403, 404, 405}, address
