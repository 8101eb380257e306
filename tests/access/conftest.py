"""The small tree of the associations' tests, and people in it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.associations.conftest import east_coordinator, join, tree

__all__ = ["days", "east_coordinator", "join", "membership_of", "scope_of", "tree"]


@pytest.fixture
def days():
    """`days(-1)` is yesterday."""
    return lambda number: timezone.localdate() + timedelta(days=number)


@pytest.fixture
def scope_of(person):
    """The standing of a person right now, by e-mail."""
    from domain.access.queries import scope_for

    return lambda email: scope_for(person(email))


@pytest.fixture
def membership_of(person):
    """A person's membership of the organisation that is selected."""
    from domain.identity.models import Membership

    return lambda email: Membership.objects.here().get(user__email=email)
