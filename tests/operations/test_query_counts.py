"""How many queries lists and pages of the daily work cost: as many for five mentors as for eight hundred.

query_counts.json is the baseline. After a deliberate change: `WRITE_QUERY_COUNTS=1 pytest
tests/operations/test_query_counts.py`, and say why in the commit.
"""

import json
import os
from pathlib import Path

import pytest
from django.test import Client

from cms.demo.large.activities import seed_many_activities
from cms.demo.large.assignments import seed_many_assignments
from cms.demo.large.contacts import seed_many_contacts
from cms.demo.large.mentors import seed_many_mentors
from domain.activities.deciding import flag_activity
from domain.activities.models import Activity
from domain.assignments.models import Assignment
from domain.people.models import Contact
from tenants.db import connection
from tests.support.queries import statements

pytestmark = pytest.mark.django_db
BASELINE = Path(__file__).with_name("query_counts.json")
COORDINATOR = "coordinator@nhf.example"
API = [
    "activities/",
    "activities/?status=submitted",
    "activities/?search=mestring",
    "activities/?flagged=true",
    "activities/{activity}/",
    "activity-flags/",
    "contacts/",
    "contacts/?search=nordli",
    "contacts/{contact}/",
    "assignments/",
    "assignments/?status=sent",
    "mentor-certifications/",
    "mentor-statuses/",
]
ADMIN = [
    "activities/",
    "activities/review/",
    "activities/inspect/{activity}/",
    "activity-flags/",
    "contacts/",
    "assignments/",
    "assignments/dispatch/?role_context=mentor&contact={contact}",
    "certifications/",
    "mentor-statuses/",
    "activities/?export=csv",
]
AT_MOST = 4


def test_the_daily_work_costs_what_the_baseline_says_however_many_there_are(large, api_of, browser_of):
    api, admin = api_of("nhf", COORDINATOR), browser_of("nhf", COORDINATOR)
    waiting = flag_some()
    contact = Contact.objects.filter(mentors__isnull=False, phone__gt="").order_by("phone").first()
    assert contact is not None
    keys = {"activity": waiting.pk, "contact": contact.pk}
    for client, address in addresses(api, admin):
        client.get(address.format(**keys))  # Forms and settings are remembered after the first time.
    few = costs(api, admin, keys)
    with connection.as_owner():
        seed_many_mentors(7)
        seed_many_contacts(60)
        seed_many_activities(150)
        seed_many_assignments(60)
    flag_some()
    many = costs(api, admin, keys)
    assert few == many
    assert all(number <= AT_MOST for name, number in many.items() if name.startswith("/api/"))
    if os.environ.get("WRITE_QUERY_COUNTS"):
        BASELINE.write_text(json.dumps(many, indent=2, sort_keys=True) + "\n")
    assert many == json.loads(BASELINE.read_text())


def flag_some() -> Activity:
    """Doubts about what waits, so that all that pages show of an activity is there. Gives one of them."""
    rows = list(Activity.objects.waiting().order_by("submitted_at")[:3])
    assert rows and Assignment.objects.filter(status="sent").exists()
    for row in rows:
        flag_activity(row, reason="Se på varigheten", by=None)
    return rows[0]


def costs(api: Client, admin: Client, keys: dict) -> dict[str, int]:
    found = {}
    for client, address in addresses(api, admin):
        with statements() as queries:
            answer = client.get(address.format(**keys))
        assert answer.status_code == 200, (address, answer.content[:500])
        found[address] = len(queries)
    return found


def addresses(api: Client, admin: Client) -> list[tuple[Client, str]]:
    return [*((api, f"/api/v1/{path}") for path in API), *((admin, f"/admin/{path}") for path in ADMIN)]
