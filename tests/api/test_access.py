"""Memberships, roles and invitations over the API: what changes, by whom, and what stays."""

import pytest
from django.utils.dateparse import parse_date

from domain.access.memberships import end_membership
from domain.access.models import Invitation, RoleAssignment
from domain.access.rules import assign_role
from domain.audit.models import AuditEvent
from domain.identity.models import Membership
from tests.access.conftest import days, east_coordinator, membership_of, tree

__all__ = ["days", "east_coordinator", "membership_of", "tree"]
pytestmark = pytest.mark.django_db
ADMIN, COORDINATOR, MENTOR = "admin@nhf.example", "coordinator@nhf.example", "mentor@nhf.example"
MEMBERS, ROLES, INVITATIONS = "/api/v1/memberships/", "/api/v1/role-assignments/", "/api/v1/invitations/"


@pytest.fixture
def role(nhf, person, days):
    return assign_role(person(MENTOR), "auditor", valid_from=days(-9), valid_to=days(30), by=None)


def allowed(client, url) -> list[str]:
    return client.get(url, {"expand": "allowed_actions"}).json()["expanded"]["allowed_actions"]


def test_an_administrator_says_who_a_member_is_to_the_organisation(nhf, api_of, membership_of):
    url, client = f"{MEMBERS}{membership_of(MENTOR).pk}/", api_of("nhf", ADMIN)
    read = client.get(url)
    body = {"display_title": " Leder  i laget ", "external_reference": "4711"}
    assert api_of("nhf", MENTOR).patch(url, body).status_code == 403
    changed = client.patch(url, body, headers={"if-match": read["ETag"]})
    assert (changed.json()["display_title"], changed.json()["external_reference"]) == (
        "Leder i laget",
        "4711",
    )
    stale = client.patch(url, {"display_title": "x"}, headers={"if-match": read["ETag"]})
    assert (stale.status_code, stale["ETag"]) == (412, changed["ETag"])
    assert AuditEvent.objects.get(action="membership.changed").object_label
    for name in ("status", "user", "joined_at", "left_at"):
        refused = client.patch(url, {name: "left"})
        errors = refused.json()["errors"]
        assert [(error["pointer"], error["code"]) for error in errors] == [(f"#/{name}", "read-only")]
    other = f"{MEMBERS}{membership_of(COORDINATOR).pk}/"
    assert client.patch(other, {"external_reference": "4711"}).json()["errors"][0]["code"] == "number-taken"


def test_the_dates_of_a_role_are_moved_and_nothing_else_of_it(api_of, role, days):
    url, client = f"{ROLES}{role.pk}/", api_of("nhf", ADMIN)
    read = client.get(url)
    changed = client.patch(url, {"valid_to": str(days(60))}, headers={"if-match": read["ETag"]})
    assert changed.status_code == 200, changed.content
    row = changed.json()
    assert (parse_date(row["valid_from"]), parse_date(row["valid_to"])) == (days(-9), days(60))
    assert client.patch(url, {"is_deputy": True}).json()["valid_to"] == str(days(60))
    assert client.patch(url, {"valid_to": None}).json()["valid_to"] is None
    assert client.patch(url, {}, headers={"if-match": read["ETag"]}).status_code == 412
    assert AuditEvent.objects.filter(action="role.changed").count() == 3
    before = client.patch(url, {"valid_to": str(days(-10))})
    assert before.status_code == 400
    for name, value in [("role", "finance"), ("user", row["user"]), ("local_association", None)]:
        assert client.patch(url, {name: value}).json()["errors"][0]["pointer"] == f"#/{name}"
    assert api_of("nhf", MENTOR).patch(url, {"is_deputy": False}).status_code == 403


def test_a_change_that_changes_nothing_leaves_no_trace(api_of, role):
    client = api_of("nhf", ADMIN)
    version = client.get(f"{ROLES}{role.pk}/").json()["version"]
    again = client.patch(f"{ROLES}{role.pk}/", {"valid_to": str(role.valid_to)}).json()
    assert again["version"] == version
    assert not AuditEvent.objects.filter(action="role.changed").exists()


def test_the_role_of_someone_who_has_left_is_not_brought_back(api_of, role, membership_of, days):
    end_membership(membership_of(MENTOR), by=None)
    answer = api_of("nhf", ADMIN).patch(f"{ROLES}{role.pk}/", {"valid_to": str(days(9))})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "#/user"


def test_the_last_administrator_keeps_the_role_over_the_api_too(nhf, api_of, days):
    only = RoleAssignment.objects.get(role="org_admin")
    client, url = api_of("nhf", ADMIN), f"{ROLES}{only.pk}/"
    for answer in (
        client.patch(url, {"valid_to": str(days(9))}),
        client.post(f"{url}end/"),
        client.delete(url),
    ):
        assert (answer.status_code, answer.json()["type"]) == (409, "/problems/invalid-state")
        assert answer.json()["errors"][0]["code"] == "last-administrator"


def test_a_role_is_ended_with_a_reason_and_once(api_of, role, days):
    client, url = api_of("nhf", ADMIN), f"{ROLES}{role.pk}/"
    assert allowed(client, url) == ["update", "delete", "end"]
    assert allowed(api_of("nhf", MENTOR), url) == []
    assert api_of("nhf", MENTOR).post(f"{url}end/").status_code == 403
    ended = client.post(f"{url}end/", {"reason": "New work"}).json()
    assert ended["valid_to"] == str(days(-1))
    assert AuditEvent.objects.get(action="role.ended").reason == "New work"
    assert client.post(f"{url}end/").status_code == 409
    assert allowed(client, url) == ["update"]
    rows = client.get(ROLES, {"current": "true", "user": str(role.user_id)}).json()["results"]
    assert [row["role"] for row in rows] == ["peer_mentor"]
    assert client.get(ROLES, {"current": "false", "role": "auditor"}).json()["results"][0]["id"] == str(
        role.pk
    )


def test_a_role_that_began_today_is_gone_when_it_ends(nhf, api_of, person):
    today = assign_role(person(MENTOR), "finance", by=None)
    client, url = api_of("nhf", ADMIN), f"{ROLES}{today.pk}/"
    assert client.post(f"{url}end/").status_code == 204
    assert client.get(url).status_code == 404


def test_an_invitation_is_sent_again_and_withdrawn_by_who_may_invite(tree, api_of):
    body = {"email": "Ny@nhf.example", "role": "peer_mentor", "local_association": str(tree.grorud.pk)}
    for email in (COORDINATOR, MENTOR):
        assert api_of("nhf", email).post(INVITATIONS, body).status_code == 403
        assert api_of("nhf", email).get(INVITATIONS).json()["results"] == []
    client = api_of("nhf", ADMIN)
    made = client.post(INVITATIONS, body)
    assert made.status_code == 201, made.content
    url = made["Location"]
    assert allowed(client, url) == ["resend", "revoke"]
    assert client.post(INVITATIONS, body).json()["errors"][0]["code"] == "invited-already"
    member = client.post(INVITATIONS, {**body, "email": MENTOR})
    assert member.json()["errors"][0]["code"] == "member-already"
    resent = client.post(f"{url}resend/", headers={"if-match": made["ETag"]})
    assert resent.json()["version"] > made.json()["version"]
    stale = client.post(f"{url}revoke/", headers={"if-match": made["ETag"]})
    assert stale.status_code == 412
    assert client.post(f"{url}revoke/").json()["revoked_at"]
    assert client.post(f"{url}resend/").status_code == 409
    assert allowed(client, url) == []
    assert [row["email"] for row in client.get(INVITATIONS, {"state": "revoked"}).json()["results"]] == [
        "ny@nhf.example"
    ]
    assert client.get(INVITATIONS, {"state": "open"}).json()["results"] == []
    assert Invitation.objects.get().created_by.email == ADMIN
    assert not Membership.objects.filter(user__email__iexact="ny@nhf.example").exists()


@pytest.mark.parametrize("role", ["platform_staff", "emperor", ""])
def test_no_invitation_gives_what_its_sender_may_not(nhf, api_of, role):
    answer = api_of("nhf", ADMIN).post(INVITATIONS, {"email": "ny@nhf.example", "role": role})
    assert answer.status_code in (400, 403)
    assert not Invitation.objects.exists()
