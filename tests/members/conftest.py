"""The people and places of the tests of access, in a browser that asks for English."""

import pytest

from tests.access.conftest import days, east_coordinator, join, membership_of, scope_of, tree

__all__ = ["days", "east_coordinator", "join", "membership_of", "scope_of", "tree"]


@pytest.fixture
def browser_of(browser_of):
    """As everywhere, in English whatever the organisation's language."""

    def make(organization, email=None):
        client = browser_of(organization, email)
        client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
        return client

    return make
