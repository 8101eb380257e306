"""The people, places and contacts of the contacts' tests, and a quick way to register an activity."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.activities.models import ActivityType
from domain.activities.rules import create_activity
from domain.associations.memberships import join_association
from domain.people.mentoring import assign_mentor
from tests.people.conftest import contacts, east, east_coordinator, mentor, register, tree

__all__ = ["contacts", "east", "east_coordinator", "mentor", "register", "tree"]

# A Tuesday that has passed, in winter: Norway is an hour ahead.
NOON = datetime(2026, 2, 10, 12, 0, tzinfo=UTC)


@pytest.fixture
def solveig(mentor, tree, contacts):
    """The mentor of Grorud: a member there, who supports Åse."""
    join_association(user=mentor, association=tree.grorud, by=None)
    assign_mentor(contacts.grorud, user=mentor, by=None)
    return mentor


@pytest.fixture
def kind():
    """`kind("talk")` is one of the types that every organisation begins with."""
    return lambda key: ActivityType.objects.get(key=key)


@pytest.fixture
def log(solveig, contacts, kind):
    """`log(hours=3, type="talk", …)` registers a talk with Åse by Solveig, some hours after noon."""

    def make(*, hours: float = 0, type: str = "talk", **values):
        values = {
            "by": solveig,
            "started_at": NOON + timedelta(hours=hours),
            "contacts": [contacts.grorud],
            "duration_minutes": 60,
            **values,
        }
        return create_activity(type=kind(type), **values)

    return make
