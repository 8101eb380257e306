"""Writing: conditions, idempotency keys, permissions, actions; each request whole or not at all."""

from uuid import uuid4

import pytest
from django.utils import timezone

from api.core.idempotency import KEPT_FOR, forget_answers
from api.models import StoredAnswer
from domain.associations.models import LocalAssociation
from domain.audit.models import AuditEvent
from domain.config.models import FeatureArea

pytestmark = pytest.mark.django_db
ADMIN, MENTOR = "admin@nhf.example", "mentor@nhf.example"
URL = "/api/v1/local-associations/"


@pytest.fixture
def top(nhf):
    return LocalAssociation.objects.create(name="Norge", number="top")


def key() -> dict[str, str]:
    return {"idempotency-key": str(uuid4())}


def test_what_is_made_says_where_it_is(api_of, top):
    client = api_of("nhf", ADMIN)
    answer = client.post(URL, {"name": "Bø", "number": "17", "parent": str(top.pk), "phone": "912 34 567"})
    assert answer.status_code == 201, answer.content
    assert answer.json()["phone"] == "+4791234567"
    read = client.get(answer["Location"])
    assert (read.json(), read["ETag"]) == (answer.json(), answer["ETag"])
    assert AuditEvent.objects.filter(action="local-association.created", object_id=read.json()["id"]).exists()


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"number": "1"}, "#/name"),
        ({"name": "x" * 201, "number": "1"}, "#/name"),
        ({"name": "Bø", "number": "1", "parent": str(uuid4())}, "#/parent"),
        ({"name": "Bø", "number": "1", "parent": "x"}, "#/parent"),
        ({"name": "Bø", "number": "1", "phone": "x"}, "#/phone"),
        ({"name": "Bø", "number": "1", "organization_number": "123456789"}, "#/organization_number"),
        ({"name": "Bø", "number": "TOP"}, "#/number"),
        ({"name": "Bø", "number": "1", "colour": "red"}, "#/colour"),
        ([], "#"),
        ("x", "#"),
    ],
)
def test_a_value_that_will_not_do_is_pointed_at(api_of, top, body, pointer):
    answer = api_of("nhf", ADMIN).post(URL, body)
    assert answer.status_code == 400, answer.content
    assert answer.json()["errors"][0]["pointer"] == pointer


@pytest.mark.parametrize(
    ("address", "body", "found"),
    [
        ("local-associations/{top}/", {"colour": "red"}, [("#/colour", "unknown-field")]),
        (
            "local-associations/{top}/",
            {"version": 1, "is_active": False, "name": "Noreg"},
            [("#/is_active", "read-only"), ("#/version", "read-only")],
        ),
        ("organization/", {"slug": "x"}, [("#/slug", "read-only")]),
        ("organization-settings/", {"id": "x"}, [("#/id", "read-only")]),
        ("feature-areas/{area}/", {"area": "x", "enabled": True}, [("#/area", "read-only")]),
    ],
)
def test_what_nobody_can_set_is_refused_by_name(api_of, top, address, body, found):
    area = FeatureArea.objects.get(area="faqs").pk
    answer = api_of("nhf", ADMIN).patch(f"/api/v1/{address.format(top=top.pk, area=area)}", body)
    assert answer.status_code == 400, answer.content
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == found
    top.refresh_from_db()
    assert top.name == "Norge"


def test_what_nobody_can_set_is_refused_where_it_is_made_and_in_actions(api_of, top):
    client = api_of("nhf", ADMIN)
    made = client.post(URL, {"name": "Bø", "number": "17", "path": "/1/"})
    assert [error["pointer"] for error in made.json()["errors"]] == ["#/path"]
    assert not LocalAssociation.objects.filter(number="17").exists()
    closed = client.post(f"{URL}{top.pk}/close/", {"reason": "x", "because": "y"})
    assert [error["pointer"] for error in closed.json()["errors"]] == ["#/because"]
    top.refresh_from_db()
    assert top.is_active


def test_who_may_see_but_not_change_is_refused(api_of, top):
    client = api_of("nhf", MENTOR)
    for method, url in (("post", URL), ("patch", f"{URL}{top.pk}/"), ("post", f"{URL}{top.pk}/close/")):
        answer = getattr(client, method)(url, {"name": "Bø", "number": "1"})
        assert (answer.status_code, answer.json()["type"]) == (403, "/problems/not-allowed")
    assert client.delete(f"{URL}{top.pk}/").status_code == 405
    assert client.patch(f"{URL}{uuid4()}/", {"name": "Bø"}).status_code == 404


def test_a_change_meant_for_another_state_is_refused_with_the_current_tag(api_of, top):
    client, url = api_of("nhf", ADMIN), f"{URL}{top.pk}/"
    first = client.get(url)["ETag"]
    second = client.patch(url, {"name": "Noreg"}, headers={"if-match": first})
    assert second.status_code == 200
    stale = client.patch(url, {"name": "Norway"}, headers={"if-match": first})
    assert (stale.status_code, stale["ETag"]) == (412, second["ETag"])
    assert stale.json()["type"] == "/problems/stale-version"
    assert client.patch(url, {"name": "Norge"}, headers={"if-match": stale["ETag"]}).status_code == 200
    assert client.post(f"{url}close/", headers={"if-match": first}).status_code == 412
    for tag in (f'"{top.version}"', 'W/"3"', "3", '"x"', '""'):
        assert client.patch(url, {"name": "X"}, headers={"if-match": tag}).status_code == 412, tag
    assert client.patch(url, {"name": "Norge 2"}, headers={"if-match": "*"}).status_code == 200
    version = client.get(url).json()["version"]
    assert client.patch(url, {"name": "Y"}, headers={"if-match": f'"{version}"'}).status_code == 200


def test_actions_call_the_rules(api_of, top):
    client = api_of("nhf", ADMIN)
    below = LocalAssociation.objects.create(name="Bø", number="2", parent=top)
    refused = client.post(f"{URL}{top.pk}/close/", {"reason": "x"})
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/invalid-state")
    assert client.post(f"{URL}{below.pk}/close/", {"reason": "tom"}).json()["is_active"] is False
    assert client.post(f"{URL}{below.pk}/reopen/").json()["is_active"] is True
    assert client.post(f"{URL}{below.pk}/move/", {"to": None}).json()["parent"] is None
    assert client.post(f"{URL}{below.pk}/move/", {}).status_code == 400
    ring = client.post(f"{URL}{top.pk}/move/", {"to": str(top.pk)})
    assert ring.status_code == 409
    merged = client.post(f"{URL}{below.pk}/merge/", {"into": str(top.pk)})
    assert merged.json()["id"] == str(top.pk)
    assert AuditEvent.objects.filter(action="local-association.merged").count() == 1


def test_a_repeated_request_takes_effect_once(api_of, top):
    client, header = api_of("nhf", ADMIN), key()
    body = {"name": "Bø", "number": "17"}
    first = client.post(URL, body, headers=header)
    again = client.post(URL, body, headers=header)
    assert (again.status_code, again.content) == (201, first.content)
    for name in ("ETag", "Location", "Content-Type", "Content-Language"):
        assert again[name] == first[name]
    assert again["Idempotency-Replayed"] == "true"
    assert LocalAssociation.objects.filter(number="17").count() == 1


def test_a_key_means_one_request_of_one_person(api_of, top, person):
    client, header = api_of("nhf", ADMIN), key()
    assert client.post(URL, {"name": "Bø", "number": "17"}, headers=header).status_code == 201
    other = client.post(URL, {"name": "Bø", "number": "18"}, headers=header)
    assert (other.status_code, other.json()["type"]) == (422, "/problems/idempotency-key-reused")
    elsewhere = client.patch(f"{URL}{top.pk}/", {"name": "Bø", "number": "17"}, headers=header)
    assert elsewhere.status_code == 422
    assert api_of("nhf", MENTOR).post(URL, {"name": "Bø", "number": "17"}, headers=header).status_code == 403
    second_phone = api_of("nhf", ADMIN).post(URL, {"name": "Bø", "number": "17"}, headers=header)
    assert second_phone["Idempotency-Replayed"] == "true"


def test_a_refusal_is_not_kept(api_of, top):
    client, header = api_of("nhf", ADMIN), key()
    assert client.post(URL, {"name": "", "number": "17"}, headers=header).status_code == 400
    assert client.post(URL, {"name": "Bø", "number": "17"}, headers=header).status_code == 201


@pytest.mark.parametrize("bad", ["", " ", "æ", "x" * 256, "a b", "a\tb"])
def test_a_malformed_key_is_refused(api_of, top, bad):
    answer = api_of("nhf", ADMIN).post(URL, {"name": "Bø", "number": "17"}, headers={"idempotency-key": bad})
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/invalid-idempotency-key")


def test_answers_are_forgotten_after_a_day(api_of, top):
    client, header = api_of("nhf", ADMIN), key()
    assert client.post(URL, {"name": "Bø", "number": "17"}, headers=header).status_code == 201
    assert forget_answers() == 0
    StoredAnswer.objects.update(created_at=timezone.now() - KEPT_FOR * 1.01)
    assert client.post(URL, {"name": "Bø", "number": "18"}, headers=header).status_code == 201
    StoredAnswer.objects.update(created_at=timezone.now() - KEPT_FOR * 1.01)
    assert forget_answers() == 1


def test_answers_of_signing_in_are_never_kept(api_of, nhf):
    header = key()
    api_of("nhf", ADMIN).post("/api/v1/auth/logout/", headers=header)
    assert not StoredAnswer.objects.exists()
