"""People over the API: whom one knows, how much of them, and who registers someone without e-mail."""

import pytest

from domain.access.memberships import suspend_member
from domain.access.models import RoleAssignment
from domain.access.rules import assign_role
from domain.audit.models import AuditEvent
from domain.identity.models import Membership, User
from tenants.db import connection
from tests.access.conftest import days, east_coordinator, join, membership_of, tree

__all__ = ["days", "east_coordinator", "join", "membership_of", "tree"]
pytestmark = pytest.mark.django_db
ASTRID, KARIM, SOLVEIG, BJORN = (
    "admin@nhf.example",
    "coordinator@nhf.example",
    "mentor@nhf.example",
    "both@meander.example",
)
URL = "/api/v1/users/"


def seen(client, **query) -> set[str]:
    answer = client.get(URL, {"page_size": 200, **query})
    assert answer.status_code == 200, answer.content
    return {row["first_name"] for row in answer.json()["results"]}


@pytest.fixture
def placed(tree, east_coordinator, join, person):
    """Solveig and a fellow mentor in Grorud; Bjørn in Bergen; Karim coordinates Øst; Astrid administers."""
    solveig, bjorn = person(SOLVEIG), person(BJORN)
    RoleAssignment.objects.filter(user__in=[solveig, bjorn]).delete()
    fellow = User.objects.create_user(
        "eli@nhf.example", first_name="Eli", last_name="Vik", phone="+4791234567"
    )
    Membership.objects.create(user=fellow, organization=Membership.objects.here().first().organization)
    for user, place in ((solveig, tree.grorud), (fellow, tree.grorud), (bjorn, tree.bergen)):
        join(user, place)
        assign_role(user, "peer_mentor", local_association=place, by=None)
    return fellow


def test_a_mentor_knows_those_they_work_with_and_nobody_else(placed, api_of):
    assert seen(api_of("nhf", SOLVEIG)) == {"Solveig", "Eli", "Karim", "Astrid"}
    assert seen(api_of("nhf", BJORN)) == {"Bjørn", "Astrid"}


def test_a_coordinator_knows_the_region_and_an_administrator_everyone(placed, api_of):
    assert seen(api_of("nhf", KARIM)) == {"Karim", "Solveig", "Eli", "Astrid"}
    assert seen(api_of("nhf", ASTRID)) == {"Karim", "Solveig", "Eli", "Astrid", "Bjørn"}


def test_one_belongs_without_a_role_and_works_with_those_who_have_one(placed, api_of, person):
    RoleAssignment.objects.filter(user=person(SOLVEIG)).delete()
    assert seen(api_of("nhf", SOLVEIG)) == {"Solveig", "Eli", "Karim", "Astrid"}
    # Eli has a role in the place, but Solveig none any more.
    assert "Solveig" not in seen(api_of("nhf", "eli@nhf.example"))


def test_roles_that_are_over_or_to_come_and_people_shut_out_bring_nobody_together(
    placed, api_of, person, days, membership_of
):
    RoleAssignment.objects.filter(user=placed).update(valid_from=days(-9), valid_to=days(-1))
    RoleAssignment.objects.filter(user=person(KARIM)).update(valid_from=days(1))
    assert seen(api_of("nhf", SOLVEIG)) == {"Solveig", "Astrid"}
    RoleAssignment.objects.filter(user=placed).update(valid_to=None)
    assert seen(api_of("nhf", SOLVEIG)) == {"Solveig", "Eli", "Astrid"}
    suspend_member(membership_of("eli@nhf.example"), by=None)
    assert seen(api_of("nhf", SOLVEIG)) == {"Solveig", "Astrid"}


def test_nobody_of_another_organisation_exists(placed, api_of, person):
    stranger = person("mentor@blindeforbundet.example")
    client = api_of("nhf", ASTRID)
    assert client.get(f"{URL}{stranger.pk}/").status_code == 404
    assert api_of("nhf", SOLVEIG).get(f"{URL}{person(BJORN).pk}/").status_code == 404
    assert api_of("nhf").get(URL).status_code == 401


def test_how_to_reach_a_person_is_for_those_who_see_their_membership(placed, api_of):
    url, query = f"{URL}{placed.pk}/", {"expand": "contact,membership,roles,local_associations"}
    reach = {"email": "eli@nhf.example", "phone": "+4791234567"}
    for email, contact, places in [
        (SOLVEIG, None, 0),
        (KARIM, reach, 1),
        (ASTRID, reach, 1),
        ("eli@nhf.example", reach, 1),
    ]:
        expanded = api_of("nhf", email).get(url, query).json()["expanded"]
        assert expanded["contact"] == contact
        assert (len(expanded["roles"]), len(expanded["local_associations"])) == (places, places)
        assert expanded["membership"]["status"] == "active"
    assert expanded["roles"][0]["role"] == "peer_mentor"
    assert expanded["local_associations"][0]["name"] == "Grorud"
    tags = {api_of("nhf", email).get(url)["ETag"] for email in (SOLVEIG, KARIM, ASTRID)}
    assert len(tags) == 1


def test_people_are_found_by_status_role_place_name_and_change(placed, api_of, tree, membership_of):
    client = api_of("nhf", ASTRID)
    assert seen(client, role="peer_mentor") == {"Solveig", "Eli", "Bjørn"}
    assert seen(client, local_association=str(tree.east.pk)) == {"Solveig", "Eli", "Karim"}
    assert seen(client, local_association=str(tree.bergen.pk), role="peer_mentor") == {"Bjørn"}
    assert seen(client, search="el vik") == {"Eli"}
    assert seen(client, updated_since="2100-01-01T00:00:00Z") == set()
    suspend_member(membership_of("eli@nhf.example"), by=None)
    assert seen(client, status="suspended") == {"Eli"}
    # What a mentor may not see of others, a filter doesn't tell either.
    assert seen(api_of("nhf", SOLVEIG), role="org_admin") == set()
    assert seen(api_of("nhf", SOLVEIG), search="@nhf.example") == set()


def test_pages_of_people_show_everybody_once_in_norwegian_order(placed, api_of):
    with connection.as_owner():
        for last_name, address in (("Ås", "mentor"), ("Øye", "coordinator"), ("Zakariassen", "admin")):
            person = User.objects.get(email=f"{address}@nhf.example")
            person.last_name = last_name
            person.save()
    url, names = f"{URL}?page_size=2&ordering=name&fields=first_name", []
    while url:
        page = api_of("nhf", ASTRID).get(url).json()
        names += [row["first_name"] for row in page["results"]]
        url = page["next"]
    renamed = ["Astrid", "Karim", "Solveig"]
    assert [name for name in names if name in renamed] == renamed
    assert sorted(names) == ["Astrid", "Bjørn", "Eli", "Karim", "Solveig"]
    assert seen(api_of("nhf", ASTRID), search="as") == {"Astrid", "Bjørn", "Solveig"}
    assert seen(api_of("nhf", ASTRID), search="oye") == {"Karim"}


def test_someone_without_e_mail_is_registered_by_an_administrator_alone(placed, api_of, tree):
    body = {
        "first_name": " Anne ",
        "last_name": "Moe",
        "role": "peer_mentor",
        "local_association": str(tree.sinsen.pk),
        "external_reference": "17",
    }
    assert api_of("nhf", KARIM).post(URL, body).status_code == 403
    client = api_of("nhf", ASTRID)
    headers = {"idempotency-key": "anne"}
    made = client.post(URL, body, headers=headers)
    assert made.status_code == 201, made.content
    again = client.post(URL, body, headers=headers)
    assert (again.json()["id"], again["Idempotency-Replayed"]) == (made.json()["id"], "true")
    anne = User.objects.get(pk=made.json()["id"])
    assert (anne.first_name, anne.email, anne.has_usable_password()) == ("Anne", None, False)
    assert "Anne" in seen(api_of("nhf", KARIM))
    assert AuditEvent.objects.filter(action="membership.created", subject_ids=[anne.pk]).exists()
    taken = client.post(URL, body)
    assert taken.json()["errors"][0]["pointer"] == "#/external_reference"
    for name in ("email", "phone", "is_active", "password", "platform_role"):
        refused = client.post(URL, {**body, name: "x"})
        assert refused.json()["errors"][0]["pointer"] == f"#/{name}", refused.content
