"""Many rows in one request: all or nothing, or each for itself; every row by its own rule, on the record."""

import pytest

from api.core.bulk import BULK_PER_USER, MOST_ROWS
from api.core.entities import entities
from domain.access.models import RoleAssignment
from domain.access.rules import assign_role
from domain.associations.models import LocalAssociationMembership
from domain.audit.models import AuditEvent
from domain.identity.models import RateCounter, User
from tests.access.conftest import days, east_coordinator, join, tree
from tests.support.queries import statements

__all__ = ["days", "east_coordinator", "join", "tree"]
pytestmark = pytest.mark.django_db
ASTRID, KARIM, SOLVEIG, BJORN = (
    "admin@nhf.example",
    "coordinator@nhf.example",
    "mentor@nhf.example",
    "both@meander.example",
)
ROLES = "/api/v1/role-assignments/bulk/"
PLACES = "/api/v1/local-association-memberships/bulk/"


@pytest.fixture
def admin(api_of):
    return api_of("nhf", ASTRID)


def outcomes(answer) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [result["outcome"] for result in answer.json()["results"]]


def test_many_are_made_in_their_order_each_on_the_record(tree, admin, person):
    rows = [
        {"user": str(person(email).pk), "role": "auditor", "valid_to": "2100-01-01"}
        for email in (SOLVEIG, KARIM, BJORN)
    ]
    answer = admin.post(ROLES, {"rows": rows})
    assert outcomes(answer) == ["applied"] * 3
    body = answer.json()
    assert (body["applied"], body["refused"]) == (3, 0)
    assert [one["data"]["user"] for one in body["results"]] == [row["user"] for row in rows]
    for index, one in enumerate(body["results"]):
        assert (one["index"], one["problem"]) == (index, None)
        single = admin.get(f"/api/v1/role-assignments/{one['id']}/")
        assert (single.json(), single.json()["version"]) == (one["data"], one["version"])
    assert AuditEvent.objects.filter(action="role.assigned", changes__role=[None, "auditor"]).count() in (
        0,
        3,
    )
    assert RoleAssignment.objects.filter(role="auditor").count() == 3


def test_one_row_that_will_not_do_undoes_all_and_each_such_row_is_pointed_at(tree, admin, person):
    solveig = str(person(SOLVEIG).pk)
    before, events = RoleAssignment.objects.count(), AuditEvent.objects.count()
    rows = [
        {"user": solveig, "role": "finance"},
        {"user": str(person("admin@blindeforbundet.example").pk), "role": "finance"},
        {"user": solveig, "role": "finance", "local_association": str(tree.grorud.pk)},
        {"user": solveig, "role": "finance", "colour": "red"},
        {"user": solveig, "role": "platform_staff"},
        "x",
    ]
    answer = admin.post(ROLES, {"rows": rows})
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/bulk-refused")
    assert answer["Content-Type"] == "application/problem+json"
    assert [error["pointer"] for error in answer.json()["errors"]] == [
        "#/rows/1/user",
        "#/rows/2",
        "#/rows/3/colour",
        "#/rows/4",
        "#/rows/5",
    ]
    assert (RoleAssignment.objects.count(), AuditEvent.objects.count()) == (before, events)


def test_with_partial_what_can_be_is_done_and_the_rest_says_why_not(tree, admin, person):
    rows = [
        {"user": str(person(SOLVEIG).pk), "role": "finance"},
        {"user": str(person("admin@blindeforbundet.example").pk), "role": "finance"},
        {"user": str(person(SOLVEIG).pk), "role": "platform_staff"},
    ]
    answer = admin.post(f"{ROLES}?partial=true", {"rows": rows})
    assert outcomes(answer) == ["applied", "refused", "refused"]
    _made, unknown, forbidden = answer.json()["results"]
    assert unknown["problem"]["type"] == "/problems/invalid-input"
    assert unknown["problem"]["errors"][0]["pointer"] == "#/rows/1/user"
    assert (forbidden["problem"]["status"], forbidden["data"], forbidden["id"]) == (403, None, None)
    assert RoleAssignment.objects.filter(role="finance").count() == 1


def test_many_are_changed_by_id_and_version(tree, admin, person, days):
    made = [assign_role(person(email), "auditor", valid_to=days(9), by=None) for email in (SOLVEIG, KARIM)]
    rows = [{"id": str(one.pk), "version": one.version, "valid_to": str(days(30))} for one in made]
    answer = admin.post(f"{ROLES}update/", {"rows": rows})
    assert [one["data"]["valid_to"] for one in answer.json()["results"]] == [str(days(30))] * 2
    # The versions that were read are over now.
    again = admin.post(f"{ROLES}update/?partial=true", {"rows": [*rows, {"id": rows[0]["id"], "role": "x"}]})
    problems = [one["problem"]["type"].rsplit("/", 1)[1] for one in again.json()["results"]]
    assert problems == ["stale-version", "stale-version", "invalid-input"]


def test_an_action_is_done_with_many_and_only_where_the_caller_may(
    tree, east_coordinator, join, person, api_of, admin
):
    near, far = join(person(SOLVEIG), tree.grorud), join(person(BJORN), tree.bergen)
    rows = [{"id": str(one.pk)} for one in (near, far)]
    karim = api_of("nhf", KARIM)
    refused = karim.post(f"{PLACES}leave/", {"rows": rows})
    assert refused.json()["errors"] == [
        {"pointer": "#/rows/1", "code": "not-found", "detail": refused.json()["errors"][0]["detail"]}
    ]
    assert outcomes(karim.post(f"{PLACES}leave/?partial=true", {"rows": rows})) == ["applied", "refused"]
    assert LocalAssociationMembership.objects.get(pk=near.pk).valid_to is not None
    assert LocalAssociationMembership.objects.get(pk=far.pk).valid_to is None
    # A mentor sees their own and may do nothing with it, nor with any other.
    for query in ("", "?partial=true"):
        bjorn = api_of("nhf", BJORN).post(f"{PLACES}leave/{query}", {"rows": rows})
        assert (bjorn.status_code, bjorn.json()["type"]) == (403, "/problems/not-allowed")
    event = AuditEvent.objects.get(action="local-membership.ended")
    assert event.actor_id == east_coordinator.pk


def test_what_is_gone_afterwards_has_no_data(nhf, admin, person):
    today = assign_role(person(SOLVEIG), "finance", by=None)
    answer = admin.post(f"{ROLES}end/", {"rows": [{"id": str(today.pk), "reason": "A mistake"}]})
    assert answer.json()["results"] == [
        {
            "index": 0,
            "outcome": "applied",
            "id": str(today.pk),
            "version": None,
            "problem": None,
            "data": None,
        }
    ]


def test_the_same_request_again_gets_the_same_answer(nhf, admin):
    rows = [{"first_name": "Anne", "last_name": "Moe"}, {"first_name": "Odd", "last_name": "Vik"}]
    first, again = (
        admin.post("/api/v1/users/bulk/", {"rows": rows}, headers={"idempotency-key": "k"}) for _ in range(2)
    )
    assert outcomes(first) == ["applied"] * 2
    assert (again.content, again["Idempotency-Replayed"]) == (first.content, "true")
    assert User.objects.filter(first_name="Odd").count() == 1


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "#/rows"),
        ([], "#"),
        ({"rows": []}, "#/rows"),
        ({"rows": {}}, "#/rows"),
        ({"rows": [None]}, "#/rows/0"),
        ({"rows": [{}] * (MOST_ROWS + 1)}, "#/rows"),
        ({"rows": [{}], "partial": True}, "#/partial"),
        ({"rows": [{"id": "x"}]}, "#/rows/0/id"),
        ({"rows": [{}]}, "#/rows/0/id"),
        ({"rows": ["x"]}, "#/rows/0"),
        ({"rows": [{"id": "018f3f2a-0000-7000-8000-000000000000", "version": "new"}]}, "#/rows/0/version"),
    ],
)
def test_a_body_that_makes_no_sense_is_pointed_at(nhf, admin, body, pointer):
    answer = admin.post(f"{ROLES}end/", body)
    assert answer.status_code in (400, 422), answer.content
    assert answer.json()["errors"][0]["pointer"].startswith(pointer)


def test_requests_about_many_are_counted_on_their_own(nhf, admin):
    rows = {"rows": [{"id": "018f3f2a-0000-7000-8000-000000000000"}]}
    for _ in range(BULK_PER_USER.attempts):
        assert admin.post(f"{ROLES}end/", rows).status_code == 422
    refused = admin.post(f"{ROLES}end/", rows)
    assert (refused.status_code, refused.json()["type"]) == (429, "/problems/rate-limited")
    assert int(refused["Retry-After"]) > 0
    RateCounter.objects.all().delete()
    assert admin.post(f"{ROLES}end/", rows).status_code == 422


def test_a_row_costs_what_a_request_of_its_own_does_less_the_request(nhf, admin, person):
    """No query of a row depends on how many there are."""
    costs = []
    for number in (5, 10):
        rows = [
            {"user": str(person(SOLVEIG).pk), "role": "auditor", "valid_to": f"20{50 + number}-01-{day:02}",
             "valid_from": f"20{40 + number}-01-{day:02}"}
            for day in range(1, number + 1)
        ]  # fmt: skip
        with statements() as queries:
            assert outcomes(admin.post(ROLES, {"rows": rows})) == ["applied"] * number
        costs.append(len(queries))
    assert costs[1] - costs[0] <= 5 * 28


def test_nothing_but_what_exists_alone_exists_for_many():
    for view in entities.values():
        single = {*view.verbs, *(action.name for action in view.actions)}
        assert set(view.bulk) <= single, view
