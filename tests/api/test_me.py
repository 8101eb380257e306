"""Who one is here, and what one says of oneself."""

import pytest
from django_tenants.utils import tenant_context

from domain.access.rules import assign_role
from domain.audit.models import AuditEvent
from domain.identity.models import User
from tests.access.conftest import tree

__all__ = ["tree"]
pytestmark = pytest.mark.django_db
MENTOR, BOTH = "mentor@nhf.example", "both@meander.example"
URL = "/api/v1/me/"


def test_one_reads_where_each_role_holds(tree, api_of, person):
    assign_role(person(MENTOR), "coordinator", local_association=tree.east, is_deputy=True, by=None)
    roles = {role["role"]: role for role in api_of("nhf", MENTOR).get(URL).json()["roles"]}
    assert roles["peer_mentor"]["scope"] == "organization"
    assert roles["peer_mentor"]["local_association"] is None
    deputy = roles["coordinator"]
    assert (deputy["scope"], deputy["is_deputy"]) == ("local_association", True)
    assert deputy["local_association"] == {"id": str(tree.east.pk), "name": "Øst", "path": tree.east.path}


def test_one_changes_ones_own_profile_in_every_organisation(nhf, api_of, person):
    client = api_of("nhf", BOTH)
    read = client.get(URL)
    body = {"first_name": " Bjo\u0308rn ", "last_name": "Li", "phone": "912 34 567", "language": "nn"}
    changed = client.patch(URL, body, headers={"if-match": read["ETag"], "idempotency-key": "a"})
    assert changed.status_code == 200, changed.content
    user = changed.json()["user"]
    assert (user["first_name"], user["phone"], user["language"]) == ("Björn", "+4791234567", "nn")
    assert client.get(URL, headers={"accept-language": "nn"})["ETag"] != read["ETag"]
    again = client.patch(URL, body, headers={"if-match": read["ETag"], "idempotency-key": "a"})
    assert again["Idempotency-Replayed"] == "true"
    elsewhere = api_of("blindeforbundet", BOTH).get(URL).json()["user"]
    assert elsewhere["first_name"] == "Björn"
    with tenant_context(nhf):
        event = AuditEvent.objects.get(action="person.profile-changed")
        assert (event.actor_id, event.subject_ids) == (person(BOTH).pk, [person(BOTH).pk])
        assert set(event.changes) == {"first_name", "last_name", "phone", "language"}


def test_a_profile_that_was_changed_meanwhile_is_not_overwritten(nhf, api_of):
    client = api_of("nhf", MENTOR)
    tag = client.get(URL)["ETag"]
    assert client.patch(URL, {"phone": "+46701234567"}).status_code == 200
    stale = client.patch(URL, {"phone": ""}, headers={"if-match": tag})
    assert (stale.status_code, stale.json()["type"]) == (412, "/problems/stale-version")
    assert client.patch(URL, {"phone": ""}, headers={"if-match": stale["ETag"]}).json()["user"]["phone"] == ""


def test_what_changes_nothing_leaves_no_trace(nhf, api_of, person):
    before = person(MENTOR).version
    assert api_of("nhf", MENTOR).patch(URL, {"first_name": "Solveig"}).status_code == 200
    assert person(MENTOR).version == before
    assert not AuditEvent.objects.filter(action__startswith="person.").exists()


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"first_name": ""}, "#/first_name"),
        ({"last_name": " \u00a0 "}, "#/last_name"),
        ({"last_name": "Li\u202eVik"}, "#/last_name"),
        ({"first_name": "So\u0007l"}, "#/first_name"),
        ({"first_name": "x" * 101}, "#/first_name"),
        ({"first_name": None}, "#/first_name"),
        ({"first_name": ["x"]}, "#/first_name"),
        ({"phone": "112233445566778899"}, "#/phone"),
        ({"phone": "x"}, "#/phone"),
        ({"language": "sv"}, "#/language"),
        ({"email": "ny@nhf.example"}, "#/email"),
        ({"password": "x"}, "#/password"),
        ({"is_active": False}, "#/is_active"),
        ({"platform_role": "owner"}, "#/platform_role"),
        ({"user": {"first_name": "x"}}, "#/user"),
        ([], "#"),
        ("x", "#"),
    ],
)
def test_what_can_not_be_changed_here_is_pointed_at_and_nothing_is(nhf, api_of, person, body, pointer):
    before = User.objects.filter(pk=person(MENTOR).pk).values().get()
    answer = api_of("nhf", MENTOR).patch(URL, body)
    assert answer.status_code == 400, answer.content
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert User.objects.filter(pk=person(MENTOR).pk).values().get() == before
