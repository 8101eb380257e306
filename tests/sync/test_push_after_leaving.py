"""Who has left hands in what they did before, for three days, and nothing of it is done by itself."""

from datetime import date, timedelta

import pytest

from domain.access.memberships import end_membership, suspend_member
from domain.access.models import RoleAssignment
from domain.activities.models import Activity
from domain.associations.models import LocalAssociationMembership
from domain.identity.models import Membership
from domain.people.models import Contact, Note
from domain.sync.models import SyncMutation
from tests.sync.pushing import PUSH, change

from .test_inbox import INBOX, activity, office, phone, solveig

pytestmark = pytest.mark.django_db
__all__ = ["office", "phone", "solveig"]
NOTE = {"title": "t", "body": "b"}


@pytest.fixture
def left(phone, solveig):
    """Solveig's phone, which had called before she left."""
    phone.send(change("notes", "create", data=NOTE))
    membership = Membership.objects.here().get(user=solveig)
    end_membership(membership, by=None)
    return phone


def left_ago(person, **ago):
    for row in Membership.objects.here().filter(user=person):
        Membership.objects.filter(pk=row.pk).update(left_at=row.left_at - timedelta(**ago))


def test_what_waited_goes_to_the_inbox_and_nothing_is_done(left, east, office, solveig):
    row = Contact.objects.get(pk=east.contacts.grorud.pk)
    sent = [
        activity(east),
        change("contacts", "update", id=str(row.pk), base_version=row.version, data={"city": "Oslo"}),
        change("notes", "create", data=NOTE),
    ]
    answer = left.post(sent)
    assert answer.status_code == 200, answer.content
    assert answer.json()["wipe"] is True
    assert {(each["outcome"], each["code"]) for each in answer.json()["results"]} == {
        ("rejected", "membership-ended")
    }
    assert Activity.objects.count() == 0
    assert Note.objects.count() == 1
    assert Contact.objects.get(pk=row.pk).city == row.city
    # Notes of one's own are nobody else's: nothing is kept of them.
    assert {each.resource for each in SyncMutation.objects.open()} == {"activities", "contacts"}
    # Also when they have long been of no place any more.
    past = {"valid_from": date(2020, 1, 1), "valid_to": date(2020, 2, 1)}
    for rows in (LocalAssociationMembership.objects, RoleAssignment.objects):
        rows.filter(user=solveig).update(**past)
    waiting = office.get(INBOX, {"open": "true"}).json()["results"]
    assert {each["resource"] for each in waiting} == {"activities", "contacts"}
    again = left.post(sent).json()["results"]
    assert [each["outcome"] for each in again] == ["duplicate"] * 3
    entry = next(each["id"] for each in waiting if each["resource"] == "contacts")
    assert office.post(f"{INBOX}{entry}/apply/", {}, format="json").status_code == 200
    assert Contact.objects.get(pk=row.pk).city == "Oslo"


def test_nothing_else_is_open_to_them(left):
    refused = left.api.get("/api/v1/sync/pull/")
    assert (refused.status_code, refused.json()["type"]) == (401, "/problems/membership-ended")
    assert refused.json()["wipe"] is False
    for path in ("/api/v1/contacts/", INBOX, "/api/v1/sync/client-ids/"):
        assert left.api.get(path).status_code == 401


def test_after_three_days_the_phone_is_told_to_wipe(left, solveig, east):
    left_ago(solveig, hours=73)
    answer = left.api.post(PUSH, left.body([activity(east)]), format="json")
    assert (answer.status_code, answer.json()["type"]) == (401, "/problems/membership-ended")
    assert answer.json()["wipe"] is True
    assert left.api.get("/api/v1/sync/pull/").json()["wipe"] is True


def test_a_device_that_never_called_before_hands_in_nothing(left, east):
    left.device_id = "another"
    answer = left.api.post(PUSH, left.body([activity(east)]), format="json")
    assert (answer.status_code, answer.json()["wipe"]) == (403, True)


def test_who_is_suspended_sends_nothing_meanwhile(phone, solveig):
    phone.send(change("notes", "create", data=NOTE))
    suspend_member(Membership.objects.here().get(user=solveig), by=None)
    assert phone.api.post(PUSH, phone.body([]), format="json").json()["type"] == "/problems/invalid-token"
