"""Lists of entities: pages, order, filters, search, sparse fields, expansions, entity tags, few queries."""

import json
import os
from pathlib import Path

import pytest
from django_filters import CharFilter, NumberFilter, UUIDFilter

from api import urls as api_urls  # noqa: F401 - registers every entity
from api.core.entities import entities
from domain.associations.models import LocalAssociation
from tests.support.queries import statements

pytestmark = pytest.mark.django_db
ADMIN, MENTOR = "admin@nhf.example", "mentor@nhf.example"
URL = "/api/v1/local-associations/"
BASELINE = Path(__file__).with_name("query_counts.json")


@pytest.fixture
def tree(nhf):
    LocalAssociation.objects.all().delete()
    top = LocalAssociation.objects.create(name="Norge", number="0")
    names = ["Ål", "Bø", "Åre", "Oslo", "Aa", "Ærlig", "Bodø"]
    return [top, *(LocalAssociation.objects.create(name=n, number=f"n{n}", parent=top) for n in names)]


def names(answer) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [row["name"] for row in answer.json()["results"]]


@pytest.mark.parametrize("ordering", ["name_key", "-name_key", "number", "path", "-updated_at"])
@pytest.mark.parametrize("size", [1, 3, 7, 200])
def test_pages_forward_and_back_show_everything_once(api_of, tree, ordering, size):
    client = api_of("nhf", MENTOR)
    url, forward = f"{URL}?ordering={ordering}&page_size={size}&fields=name", []
    while url:
        answer = client.get(url)
        forward.append(names(answer))
        url, last = answer.json()["next"], answer
    backward = [names(last)]
    while last.json()["previous"]:
        last = client.get(last.json()["previous"])
        backward.insert(0, names(last))
    assert forward == backward
    flat = [name for page in forward for name in page]
    assert sorted(flat) == sorted(a.name for a in tree)


def test_filters_search_and_count(api_of, tree):
    client = api_of("nhf", MENTOR)
    assert names(client.get(URL, {"root": "true"})) == ["Norge"]
    assert set(names(client.get(URL, {"search": "bø"}))) == {"Bø"}
    assert set(names(client.get(URL, {"search": "ål"}))) == {"Ål"}
    assert names(client.get(URL, {"number": "nOslo"})) == ["Oslo"]
    assert len(names(client.get(URL, {"below": tree[0].path}))) == 8
    assert client.get(URL, {"count": "exact", "page_size": 2}).json()["count"] == 8
    tree[1].save()
    since = LocalAssociation.objects.get(pk=tree[1].pk).updated_at
    assert names(client.get(URL, {"updated_since": since.isoformat()})) != []
    assert names(client.get(URL, {"updated_since": "2100-01-01T00:00:00Z"})) == []


@pytest.mark.parametrize(
    ("query", "slug", "pointer"),
    [
        ("colour=red", "unknown-parameter", "?colour"),
        ("kind=x", "invalid-input", "?kind"),
        ("ordering=phone", "invalid-input", "?ordering"),
        ("expand=members", "invalid-input", "?expand"),
        ("fields=secret", "invalid-input", "?fields"),
        ("page_size=201", "invalid-input", "?page_size"),
        ("cursor=eyJ", "invalid-cursor", "?cursor"),
        ("cursor=WzAsIm5hbWVfa2V5LGlkIixbIlx1MDAwMCIsIjAiXV0", "invalid-cursor", "?cursor"),
        ("updated_since=yesterday", "invalid-input", "?updated_since"),
        ("below=north", "invalid-input", "?below"),
        ("kind=", "invalid-input", "?kind"),
        ("is_active=%20", "invalid-input", "?is_active"),
    ],
)
def test_a_parameter_that_makes_no_sense_is_pointed_at(api_of, tree, query, slug, pointer):
    answer = api_of("nhf", MENTOR).get(f"{URL}?{query}")
    body = answer.json()
    assert (answer.status_code, body["type"], body["errors"][0]["pointer"]) == (
        400,
        f"/problems/{slug}",
        pointer,
    )


def filters_of_all_entities() -> list[tuple[str, str, str]]:
    """Address, filter and a value that is none of its kind, for each declared filter that isn't free text."""
    found = []
    for path, view in entities.items():
        for name, declared in (view.filterset_class.base_filters if view.filterset_class else {}).items():
            if not isinstance(declared, CharFilter) or isinstance(declared, UUIDFilter):
                # A number is one of a number's kind.
                wrong = ("maybe", "") if isinstance(declared, NumberFilter) else ("none-such", "2", "")
                found += [(path, name, bad) for bad in wrong]
            else:
                found.append((path, name, ""))
    return found


@pytest.mark.parametrize(("path", "name", "bad"), filters_of_all_entities())
def test_a_filter_with_a_value_that_is_none_is_never_ignored(api_of, nhf, path, name, bad):
    answer = api_of("nhf", ADMIN).get(f"/api/v1/{path}/", {name: bad})
    body = answer.json()
    assert (answer.status_code, body["type"]) == (400, "/problems/invalid-input"), body
    assert [error["pointer"] for error in body["errors"]] == [f"?{name}"]


@pytest.mark.parametrize(("value", "number"), [("true", 8), ("True", 8), ("1", 8), ("false", 0), ("0", 0)])
def test_a_boolean_is_said_in_five_ways(api_of, tree, value, number):
    assert len(names(api_of("nhf", MENTOR).get(URL, {"is_active": value}))) == number


def test_a_parameter_of_a_list_is_none_of_a_detail(api_of, tree):
    answer = api_of("nhf", MENTOR).get(f"{URL}{tree[0].pk}/?page_size=1")
    assert answer.json()["type"] == "/problems/unknown-parameter"


@pytest.mark.parametrize("value", ["\u0000", "%", "'; DROP TABLE x; --", "_", "\\", "%s %(x)s"])
def test_hostile_search_words_find_nothing(api_of, tree, value):
    answer = api_of("nhf", MENTOR).get(URL, {"search": value, "below": value})
    assert answer.status_code in (200, 400)
    if answer.status_code == 200:
        assert answer.json()["results"] == []


def test_expansions_and_sparse_fields(api_of, tree):
    url = f"{URL}{tree[1].pk}/"
    answer = api_of("nhf", MENTOR).get(url, {"fields": "name", "expand": "parent,allowed_actions"}).json()
    assert answer["name"] == "Ål"
    assert set(answer) == {"name", "expanded"}
    assert answer["expanded"]["parent"]["name"] == "Norge"
    assert answer["expanded"]["allowed_actions"] == []
    asked = api_of("nhf", ADMIN).get(url, {"expand": "allowed_actions"}).json()
    assert asked["expanded"]["allowed_actions"] == ["update", "move", "close", "merge"]


def test_a_malformed_or_foreign_id_is_not_found_alike(api_of, tree):
    client = api_of("nhf", MENTOR)
    answers = [client.get(f"{URL}{key}/") for key in ("x", "1", "018f3f2a-0000-7000-8000-000000000000")]
    assert {answer.status_code for answer in answers} == {404}
    bodies = [{k: v for k, v in answer.json().items() if k != "instance"} for answer in answers]
    assert bodies[0] == bodies[1] == bodies[2]


def test_unchanged_lists_and_details_are_not_sent_again(api_of, tree):
    client = api_of("nhf", MENTOR)
    for url in (URL, f"{URL}{tree[1].pk}/"):
        etag = client.get(url)["ETag"]
        assert client.get(url, headers={"if-none-match": etag}).status_code == 304
        tree[1].phone = tree[1].phone + "1"
        tree[1].save()
        assert client.get(url, headers={"if-none-match": etag}).status_code == 200


def test_the_tag_of_a_detail_does_not_depend_on_who_reads(api_of, tree):
    url = f"{URL}{tree[1].pk}/"
    assert api_of("nhf", MENTOR).get(url)["ETag"] == api_of("nhf", ADMIN).get(url)["ETag"]


def test_reads_cost_what_the_baseline_says(api_of, tree, person):
    client = api_of("nhf", ADMIN)
    of_people = "expand=contact,membership,roles,local_associations"
    everything = "expand=parent,paying_entity,merged_into,allowed_actions"
    reads = {
        "list": URL,
        "list, everything": f"{URL}?{everything}&count=exact&search=a&kind=local",
        "detail": f"{URL}{tree[1].pk}/",
        "detail, everything": f"{URL}{tree[1].pk}/?{everything}",
        "memberships": "/api/v1/local-association-memberships/",
        "feature areas": "/api/v1/feature-areas/",
        "settings": "/api/v1/organization-settings/",
        "organization": "/api/v1/organization/",
        "people": "/api/v1/users/",
        "people, everything": f"/api/v1/users/?{of_people}&status=active&role=coordinator&search=had",
        "person, everything": f"/api/v1/users/{person(MENTOR).pk}/?{of_people}",
        "role assignments": "/api/v1/role-assignments/?expand=user,local_association,allowed_actions",
        "invitations": "/api/v1/invitations/?state=open",
        "sessions": "/api/v1/sessions/?expand=user,allowed_actions&open=true",
    }
    found = {}
    for name, url in reads.items():
        client.get(url)
        with statements() as queries:
            assert client.get(url).status_code == 200
        found[name] = len(queries)
    assert all(number <= 4 for number in found.values()), found
    if os.environ.get("WRITE_QUERY_COUNTS"):
        BASELINE.write_text(json.dumps(found, indent=2, sort_keys=True) + "\n")
    assert found == json.loads(BASELINE.read_text())
