"""What the app and the website see of local associations and memberships."""

import pytest

from domain.associations.models import LocalAssociation

pytestmark = pytest.mark.django_db
ADMIN, KARIM, SOLVEIG = "admin@nhf.example", "coordinator@nhf.example", "mentor@nhf.example"
ASSOCIATIONS, MEMBERSHIPS = "/api/v1/local-associations/", "/api/v1/local-association-memberships/"


def names(response) -> set[str]:
    assert response.status_code == 200, response.content
    return {row["name"] for row in response.json()["results"]}


def test_every_member_reads_all_and_a_stranger_none(tree, api_of):
    mentor = api_of("nhf", SOLVEIG)
    assert names(mentor.get(f"{ASSOCIATIONS}?page_size=200")) == {
        "Norge", "Øst", "Vest", "Grorud", "Sinsen", "Bergen",
    }  # fmt: skip
    assert names(mentor.get(f"{ASSOCIATIONS}?below={tree.east.path}")) == {"Øst", "Grorud", "Sinsen"}
    assert api_of("nhf").get(ASSOCIATIONS).status_code == 401
    elsewhere = api_of("blindeforbundet", "admin@blindeforbundet.example")
    assert elsewhere.get(f"{ASSOCIATIONS}{tree.grorud.pk}/").status_code == 404


def test_an_administrator_moves_a_subtree_and_others_do_not(tree, api_of):
    body = {"to": str(tree.west.pk)}
    address = f"{ASSOCIATIONS}{tree.east.pk}/move/"
    assert api_of("nhf", SOLVEIG).post(address, body).status_code == 403
    moved = api_of("nhf", ADMIN).post(address, body)
    assert moved.status_code == 200, moved.content
    mentor = api_of("nhf", SOLVEIG)
    path = mentor.get(f"{ASSOCIATIONS}{tree.grorud.pk}/").json()["path"]
    assert path == f"{tree.west.path}{tree.east.node}/{tree.grorud.node}/"


def test_a_subtree_is_named_by_whole_numbers(tree, api_of):
    """With and without the last slash; what only begins with the same digits is elsewhere."""
    mentor, path = api_of("nhf", SOLVEIG), tree.east.path
    neighbours = [LocalAssociation.objects.create(name=f"N{n}", number=f"n{n}") for n in range(10)]
    for asked in (path, path.rstrip("/")):
        assert names(mentor.get(ASSOCIATIONS, {"below": asked})) == {"Øst", "Grorud", "Sinsen"}
    # "/12/" is not below "/1".
    for one in neighbours:
        cut = one.path.rstrip("/")[:-1]
        if cut != "/":
            assert one.name not in names(mentor.get(ASSOCIATIONS, {"below": cut, "page_size": 200}))


def test_the_place_in_the_tree_is_changed_by_moving_alone(tree, api_of):
    address = f"{ASSOCIATIONS}{tree.grorud.pk}/"
    admin = api_of("nhf", ADMIN)
    refused = admin.patch(address, {"name": "Grorud 2", "parent": str(tree.west.pk)})
    assert refused.status_code == 400
    assert [(e["pointer"], e["code"]) for e in refused.json()["errors"]] == [("#/parent", "read-only")]
    row = admin.get(address).json()
    assert (row["name"], row["parent"]) == ("Grorud", str(tree.east.pk))


def test_a_ring_is_a_problem_and_no_error(tree, api_of):
    body = {"to": str(tree.grorud.pk)}
    response = api_of("nhf", ADMIN).post(f"{ASSOCIATIONS}{tree.east.pk}/move/", body)
    assert response.status_code in (400, 409, 422)
    assert response.json()["type"].endswith("invalid-state")


def test_one_reads_ones_own_memberships_and_a_coordinator_those_of_the_region(
    tree, east_coordinator, person, join, api_of
):
    own = join(person(SOLVEIG), tree.grorud)
    sibling = join(person("both@meander.example"), tree.bergen)

    def seen(email):
        rows = api_of("nhf", email).get(MEMBERSHIPS).json()["results"]
        return {row["id"] for row in rows}

    assert seen(SOLVEIG) == {str(own.pk)}
    assert seen(KARIM) == {str(own.pk)}
    assert seen(ADMIN) == {str(own.pk), str(sibling.pk)}
    assert api_of("nhf", KARIM).get(f"{MEMBERSHIPS}{sibling.pk}/").status_code == 404
