"""Karim who coordinates Øst, two mentors of Grorud and one of Bergen, and rows of every kind that waits."""

from datetime import datetime, time, timedelta
from itertools import count
from types import SimpleNamespace

import pytest

from domain.access.choices import Role
from domain.access.rules import assign_role
from domain.activities.models import (
    Activity,
    ActivityFlag,
    ActivityLeader,
    ActivityType,
    HomeVisitFollowUp,
    HomeVisitReport,
)
from domain.assignments.models import Assignment
from domain.associations.memberships import join_association
from domain.certification.models import CertificationKind, MentorCertification, MentorStatus
from domain.certification.queries import today_here, zone_here
from domain.encryption.entities import prepare
from domain.people.models import ContactNote
from tests.people.conftest import contacts, east, east_coordinator, mentor, register, tree

__all__ = ["contacts", "east", "east_coordinator", "mentor", "register", "tree"]


@pytest.fixture
def bulk():
    """`bulk(Model, [values, …])` stores rows as they are, past the rules: what is tested is reading them."""

    def make(model, lines):
        rows = [model(**values) for values in lines]
        if hasattr(model, "record_key"):
            prepare(rows)
        return model._base_manager.bulk_create(rows)

    return make


@pytest.fixture
def an_activity(tree):
    """`an_activity(day, place, …)` are the values of one, approved unless said otherwise."""
    kind = ActivityType.objects.get(key="talk")

    def values(day, place=None, status="approved", **more):
        moment = datetime.combine(day, time(12), tzinfo=zone_here())
        approved = {"stamped_path": "/1/", "decided_at": moment} if status == "approved" else {}
        return {
            "type": kind,
            "local_association": place or tree.grorud,
            "started_at": moment,
            "utc_offset_minutes": 60,
            "day": day,
            "duration_minutes": 60,
            "status": status,
            "submitted_at": moment,
            **approved,
            **more,
        }

    return values


@pytest.fixture
def waiting(east, person, mentor, bulk, an_activity):
    """`waiting(n)` makes n of everything that waits in Grorud, and one of each in Bergen."""
    away = person("both@meander.example")
    join_association(user=mentor, association=east.tree.grorud, by=None)
    join_association(user=away, association=east.tree.bergen, by=None)
    assign_role(away, Role.PEER_MENTOR, local_association=east.tree.bergen, by=None)
    fresh = count()
    today = today_here()
    now = datetime.combine(today, time(12), tzinfo=zone_here())

    def days(number):
        return now - timedelta(days=number)

    def kind():
        name = f"kind-{next(fresh)}"
        return CertificationKind.objects.create(key=name, name_nb=name)

    def make(number, user=mentor, place=east.tree.grorud, contact=east.contacts.grorud):
        sent = {"recipient": user, "local_association": place, "expires_at": now + timedelta(days=30)}
        states = []
        for at in range(number):
            states += [
                {"status": "sent", "sent_at": days(40 - at)},
                {"status": "sent", "sent_at": days(2)},
                {"status": "accepted", "sent_at": days(3), "accepted_at": days(0)},
                {"status": "declined", "sent_at": days(3), "declined_at": days(1)},
                {"status": "declined", "sent_at": days(30), "declined_at": days(20)},
            ]
        bulk(Assignment, [{**sent, **state} for state in states])
        submitted = [an_activity(today - timedelta(days=at), place, "submitted") for at in range(number)]
        activities = bulk(Activity, [{**each, "mentor": user} for each in submitted])
        bulk(ActivityLeader, [{"activity": row, "user": user} for row in activities])
        bulk(ActivityFlag, [{"activity": activities[0], "kind": "too_long"}])
        reports = bulk(HomeVisitReport, [{"activity": row} for row in activities])
        lines = [{"report": row, "what": "Ring", "due_on": today - timedelta(days=2)} for row in reports]
        later = [{"report": row, "what": "Siden", "due_on": today + timedelta(days=9)} for row in reports]
        bulk(HomeVisitFollowUp, [*lines, *later])
        note = {"contact": contact, "author": user, "body": "x", "follow_up_on": today}
        bulk(ContactNote, [note for _at in range(number)])
        ends = [-10, 5, 25, 80]
        bulk(
            MentorCertification,
            [
                {
                    "user": user,
                    "kind": kind(),
                    "status": "expired" if ends[at % 4] < 0 else "expiring",
                    "number": f"N{next(fresh)}",
                    "issued_on": today - timedelta(days=700),
                    "valid_until": today + timedelta(days=ends[at % 4]),
                }
                for at in range(max(4, number))
            ],
        )
        MentorStatus.objects.update_or_create(
            user=user, defaults={"status": "paused", "returns_on": today + timedelta(days=5)}
        )
        return SimpleNamespace(activities=activities, today=today)

    def both(number):
        made = make(number)
        make(1, away, east.tree.bergen, east.contacts.bergen)
        return made

    both.coordinator, both.mentor, both.away = east.coordinator, mentor, away
    return both
