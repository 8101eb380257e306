"""Members and their roles over the API."""

import pytest

from domain.access.models import RoleAssignment
from domain.identity.models import Membership

pytestmark = pytest.mark.django_db
ADMIN, MENTOR = "admin@nhf.example", "mentor@nhf.example"
MEMBERS, ROLES = "/api/v1/memberships/", "/api/v1/role-assignments/"


def test_a_mentor_sees_their_own_membership_alone(api_of, nhf, person):
    rows = api_of("nhf", MENTOR).get(MEMBERS).json()["results"]
    assert [row["user"] for row in rows] == [str(person(MENTOR).pk)]
    assert api_of("nhf", MENTOR).get(ROLES).json()["results"][0]["role"] == "peer_mentor"


def test_members_of_another_organisation_do_not_exist(api_of, nhf, blindeforbundet):
    foreign = Membership.objects.exclude(organization=nhf).first()
    client = api_of("nhf", ADMIN)
    shown = client.get(MEMBERS, {"page_size": 200, "count": "exact"}).json()
    assert shown["count"] == Membership.objects.filter(organization=nhf).count()
    assert client.get(f"{MEMBERS}{foreign.pk}/").status_code == 404
    stranger = client.post(ROLES, {"user": str(foreign.user_id), "role": "coordinator"})
    nobody = client.post(ROLES, {"user": str(foreign.pk), "role": "coordinator"})
    assert [answer.json()["errors"][0]["code"] for answer in (stranger, nobody)] == ["does-not-exist"] * 2


def test_an_admin_suspends_a_member_and_lets_them_in_again(api_of, nhf, person):
    row = Membership.objects.get(user=person(MENTOR), organization=nhf)
    client, mentor = api_of("nhf", ADMIN), api_of("nhf", MENTOR)
    url = f"{MEMBERS}{row.pk}/"
    assert mentor.post(f"{url}suspend/").status_code == 403
    assert client.get(url, {"expand": "allowed_actions"}).json()["expanded"]["allowed_actions"] == [
        "update",
        "suspend",
        "end",
        "erase",
    ]
    assert client.post(f"{url}suspend/", {"reason": "x"}).json()["status"] == "suspended"
    assert mentor.get(MEMBERS).status_code == 401
    assert client.post(f"{url}suspend/").status_code in (200, 409)
    assert client.post(f"{url}resume/").json()["status"] == "active"


def test_an_admin_gives_a_role_and_ends_it(api_of, nhf, person):
    client = api_of("nhf", ADMIN)
    made = client.post(ROLES, {"user": str(person(MENTOR).pk), "role": "coordinator"})
    assert made.status_code == 201, made.content
    assert client.delete(made["Location"]).status_code == 204
    assert not RoleAssignment.objects.holding().filter(user=person(MENTOR), role="coordinator").exists()
    assert api_of("nhf", MENTOR).delete(made["Location"]).status_code in (403, 404)
