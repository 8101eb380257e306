"""Input that is wrong in form: tokens, bodies, ids, cursors, parameters and headers. Every one is refused by
name, or means what it always means; none is a fault of ours."""

import base64
import json
import re

import pytest
from django_tenants.utils import schema_context

from domain.associations.models import LocalAssociation
from domain.associations.rules import create_association
from domain.identity.sessions import access_token, open_session
from tenants.models import Organization

pytestmark = pytest.mark.django_db
PLACES = "/api/v1/local-associations/"
ADMIN = "admin@nhf.example"


@pytest.fixture
def admin(api_of, nhf):
    return api_of("nhf", ADMIN)


@pytest.fixture
def places(nhf):
    return [create_association(name=name, number=name, by=None) for name in ("Bodø", "Mo", "Ås")]


def post(client, body: bytes, content_type="application/json", path=PLACES, **headers):
    return client.generic("POST", path, body, content_type=content_type, headers=headers)


def said(response) -> list[tuple[str, str]]:
    return [(error["pointer"], error["code"]) for error in response.json().get("errors", [])]


def refused(response, status: int, slug: str) -> None:
    assert (response.status_code, response.json()["type"]) == (status, f"/problems/{slug}"), response.content
    assert response["Content-Type"] == "application/problem+json"
    assert re.fullmatch("[!-~]+", response.json()["instance"]), "a reference as URLs are written"


# --- Tokens

NO_TOKENS = ["x", ".", "..", "a.b.c", "a" * 10_000, "\x00", "é", "a b", "Bearer", "null"]


@pytest.mark.parametrize("token", NO_TOKENS, ids=lambda token: ascii(token[:10]))
def test_what_is_no_token_is_refused_everywhere(api_of, nhf, token):
    for path in ("/api/v1/me/", PLACES, "/api/v1/content/faqs/"):
        answer = api_of("nhf").get(path, headers={"authorization": f"Bearer {token}"})
        refused(answer, 401, "invalid-token")
        assert answer["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("header", ["", "x", "Basic YTpi", "Token x"])
def test_another_kind_of_authorization_is_none(api_of, nhf, header):
    answer = api_of("nhf").get("/api/v1/me/", headers={"authorization": header})
    refused(answer, 401, "authentication-required")


def test_a_token_opens_one_organisation_for_a_while_and_only_as_what_it_is(api_of, person, settings):
    with schema_context("nhf"):
        tokens = open_session(person(ADMIN), Organization.objects.get(schema_name="nhf"))
    good = tokens.access_token

    def me(token, organization="nhf"):
        return api_of(organization).get("/api/v1/me/", headers={"authorization": f"Bearer {token}"})

    assert me(good).status_code == 200
    refused(me(good, "blindeforbundet"), 401, "invalid-token")
    refused(me(tokens.refresh_token), 401, "invalid-token")
    for wrong in (
        good[:-1],
        good + "A",
        good.upper(),
        good.swapcase(),
        good[1:],
        good.replace(":", "::"),
        good.partition(":")[0],
    ):
        refused(me(wrong), 401, "invalid-token")
    swapped = api_of("nhf").post("/api/v1/auth/refresh/", {"refresh_token": good[:200]}, format="json")
    assert swapped.status_code == 401, "an access token renews nothing"
    settings.ACCESS_TOKEN_SECONDS = -1
    refused(me(access_token(tokens.session)), 401, "invalid-token")


# --- Bodies

BODIES = {
    "no JSON": b"{",
    "nothing but spaces": b"  ",
    "not UTF-8": '{"name": "Bodø"}'.encode("latin-1"),
    "UTF-16": '{"name": "Bodø"}'.encode("utf-16"),
    "a member twice": b'{"name": "a", "name": "b"}',
    "a member twice further in": b'{"name": {"a": 1, "a": 2}}',
    "NaN": b'{"name": NaN}',
    "infinity": b'{"name": -Infinity}',
    "a number without end": b'{"name": 1e400}',
    "a number of 5,000 digits": b'{"name": ' + b"9" * 5000 + b"}",
    "33 levels": b'{"name": ' + b"[" * 32 + b"]" * 32 + b"}",
    "1,000 levels": b'{"name": ' + b"[" * 1000 + b"]" * 1000 + b"}",
    "100,000 levels": b'{"name": ' + b'{"a":' * 100_000,
    "half a character": b'{"name": "\\ud83d"}',
    "half a character for a name": b'{"\\ude00": 1}',
    "two documents": b'{"name": "a"} {"name": "b"}',
    "a comment": b'{"name": "a"} // b',
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_a_body_that_two_could_read_differently_or_nobody_is_refused(admin, body):
    refused(post(admin, body), 400, "malformed-request")
    assert not LocalAssociation.objects.exists()


@pytest.mark.parametrize("body", [b"[]", b"[{}]", b'"text"', b"null", b"17", b"true", b""])
def test_a_body_that_is_no_object_is_invalid(admin, body):
    refused(post(admin, body), 400, "invalid-input")


def test_a_charset_that_is_claimed_changes_nothing_and_a_byte_order_mark_neither(admin):
    body = '{"name": "Bodø", "number": "%s"}'
    for number, start, kind in (
        ("1", b"", "application/json; charset=latin-1"),
        ("2", b"\xef\xbb\xbf", "application/json;charset=utf-8"),
        ("3", b"", "APPLICATION/JSON"),
        ("4", b"", "application/json; charset=bz2_codec"),
    ):
        answer = post(admin, start + (body % number).encode(), kind)
        assert (answer.status_code, answer.json()["name"]) == (201, "Bodø"), kind


@pytest.mark.parametrize(
    "kind", ["", "text/plain", "text/json", "application/x-www-form-urlencoded", "multipart/form-data", "x"]
)
def test_only_json_is_read(admin, kind):
    refused(post(admin, b'{"name": "a", "number": "1"}', kind), 415, "unsupported-media-type")


def test_a_body_of_ten_megabytes_is_refused_unread(admin):
    refused(post(admin, b'{"name": "' + b"a" * 10_000_000 + b'"}'), 413, "request-too-large")


@pytest.mark.parametrize("value", ["\x00", "a\x00b", [], {}, True, None, "", " "])
def test_a_text_that_is_none_is_pointed_at(admin, value):
    answer = post(admin, json.dumps({"name": value, "number": "1"}).encode())
    refused(answer, 400, "invalid-input")
    assert [pointer for pointer, _code in said(answer)] == ["#/name"]


@pytest.mark.parametrize(
    "value", ["x", "", 5, 10**40, True, [], {}, "018f3f2a-0000-7000-8000-00000000000", "\x00", "∞"]
)
def test_a_reference_that_is_none_is_pointed_at(admin, value):
    answer = post(admin, json.dumps({"name": "a", "number": "1", "parent": value}).encode())
    refused(answer, 400, "invalid-input")
    assert [pointer for pointer, _code in said(answer)] == ["#/parent"]


@pytest.mark.parametrize(
    "day",
    [
        "0000-01-01",
        "10000-01-01",
        "2020-02-30",
        "inf",
        "-infinity",
        "now",
        "2020-01-01T00:00",
        5,
        True,
        [],
        "",
    ],
)
def test_a_day_that_is_none_is_pointed_at(admin, person, day):
    body = {"user": str(person("mentor@nhf.example").pk), "role": "coordinator", "valid_from": day}
    answer = post(admin, json.dumps(body).encode(), path="/api/v1/role-assignments/")
    refused(answer, 400, "invalid-input")
    assert [pointer for pointer, _code in said(answer)] == ["#/valid_from"]


# --- Ids


def test_an_id_is_written_in_one_way(admin, places):
    id = str(places[0].pk)
    assert admin.get(f"{PLACES}{id}/").status_code == 200
    for other in (
        id.upper(),
        f"{{{id}}}",
        f"urn:uuid:{id}",
        id.replace("-", ""),
        f"{id}0",
        id[:-1],
        f"{id}%00",
        f"{id}%0a",
        f"%20{id}",
        f"{id[:-1]}١",
        "%ff%fe",
        "..%2f..",
        "x" * 5000,
    ):
        refused(admin.get(f"{PLACES}{other}/"), 404, "not-found")
        refused(admin.patch(f"{PLACES}{other}/", {"name": "x"}, format="json"), 404, "not-found")


# --- Cursors


def pages(client, path=PLACES) -> str:
    return client.get(f"{path}?page_size=1").json()["next"].partition("cursor=")[2].partition("&")[0]


def opened(cursor: str) -> list:
    return json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))


def closed(payload: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(payload).encode()).decode().rstrip("=")


def test_a_cursor_that_was_tampered_with_is_refused(admin, places):
    good = pages(admin)
    assert admin.get(f"{PLACES}?cursor={good}").status_code == 200
    back, mark, values = opened(good)
    for wrong in (
        "x",
        "%00",
        "%F0%9F%98%80",
        "A" * 3000,
        good[:-2],
        closed([]),
        closed({}),
        closed(None),
        closed([back, mark]),
        closed([2, mark, values]),
        closed([back, "", values]),
        closed([back, mark, values[:-1]]),
        closed([back, mark, [*values, 1]]),
        closed([back, mark, [None, values[-1]]]),
        closed([back, mark, [[], values[-1]]]),
        closed([back, mark, ["a\x00", values[-1]]]),
        closed([back, mark, ["\ud83d", values[-1]]]),
        closed([back, mark, [values[0], "x"]]),
        closed([back, mark, [values[0], float("inf")]]),
        closed([back, mark, [values[0], 10**400]]),
        base64.urlsafe_b64encode(b"[" * 5000).decode(),
    ):
        answer = admin.get(f"{PLACES}?cursor={wrong}")
        assert answer.status_code == 400, wrong
        assert said(answer)[0][0] == "?cursor"


def test_a_cursor_of_another_list_order_or_organisation_is_refused(admin, api_of, places):
    good = pages(admin)
    for path in (f"{PLACES}?ordering=path&cursor=", "/api/v1/memberships/?cursor="):
        refused(admin.get(path + good), 400, "invalid-cursor")
    with schema_context("blindeforbundet"):
        create_association(name="Bodø", number="1", by=None)
    other = api_of("blindeforbundet", "admin@blindeforbundet.example")
    refused(other.get(f"{PLACES}?cursor={good}"), 400, "invalid-cursor")
    by_id = admin.get("/api/v1/memberships/?page_size=1").json()["next"].partition("cursor=")[2]
    refused(admin.get(f"/api/v1/role-assignments/?cursor={by_id.partition('&')[0]}"), 400, "invalid-cursor")


def test_a_cursor_with_another_position_opens_nothing_else(admin, api_of, places):
    """A position is no right: whoever makes one up sees what they saw anyway."""
    back, mark, values = opened(pages(admin))
    made_up = closed([back, mark, ["", str(values[1])]])
    everything = {row["id"] for row in admin.get(PLACES).json()["results"]}
    found = {row["id"] for row in admin.get(f"{PLACES}?cursor={made_up}").json()["results"]}
    assert found <= everything


# --- Parameters

QUERIES = {
    "nope=1": ("unknown-parameter", "?nope"),
    "=1": ("unknown-parameter", "?"),
    "PAGE_SIZE=1": ("unknown-parameter", "?PAGE_SIZE"),
    "page_size=1&page_size=2": ("invalid-input", "?page_size"),
    "is_active=true&is_active=false": ("invalid-input", "?is_active"),
    "page_size=": ("invalid-input", "?page_size"),
    "page_size=0": ("invalid-input", "?page_size"),
    "page_size=201": ("invalid-input", "?page_size"),
    "page_size=-1": ("invalid-input", "?page_size"),
    "page_size=1.5": ("invalid-input", "?page_size"),
    "page_size=1e2": ("invalid-input", "?page_size"),
    "page_size=inf": ("invalid-input", "?page_size"),
    f"page_size={'9' * 2000}": ("invalid-input", "?page_size"),
    "count=1": ("invalid-input", "?count"),
    "ordering=": ("invalid-input", "?ordering"),
    "ordering=--name_key": ("invalid-input", "?ordering"),
    "ordering=name_key,path": ("invalid-input", "?ordering"),
    "ordering=parent__name": ("invalid-input", "?ordering"),
    "fields=": ("invalid-input", "?fields"),
    "fields=,": ("invalid-input", "?fields"),
    "fields=*": ("invalid-input", "?fields"),
    "fields=ID": ("invalid-input", "?fields"),
    "fields=__class__": ("invalid-input", "?fields"),
    "fields=id%00": ("invalid-input", "?fields"),
    "expand=,": ("invalid-input", "?expand"),
    "expand=parent.parent": ("invalid-input", "?expand"),
    "expand=paths": ("invalid-input", "?expand"),
    "search=": ("invalid-input", "?search"),
    "search=a%00": ("invalid-input", "?search"),
    f"search={'a' * 201}": ("invalid-input", "?search"),
    "updated_since=0000-01-01T00:00:00Z": ("invalid-input", "?updated_since"),
    "updated_since=0001-01-01T00:00:00%2B14:00": ("invalid-input", "?updated_since"),
    "updated_since=9999-12-31T23:59:59-14:00": ("invalid-input", "?updated_since"),
    "updated_since=10000-01-01T00:00:00Z": ("invalid-input", "?updated_since"),
    "updated_since=inf": ("invalid-input", "?updated_since"),
    "updated_since=1700000000": ("invalid-input", "?updated_since"),
    "is_active=maybe": ("invalid-input", "?is_active"),
    "is_active=": ("invalid-input", "?is_active"),
    "kind=x": ("invalid-input", "?kind"),
    "number=%00": ("invalid-input", "?number"),
    "below=1": ("invalid-input", "?below"),
    "below=/%00/": ("invalid-input", "?below"),
    "locale=": ("invalid-input", "?locale"),
    "locale=xx": ("invalid-input", "?locale"),
}


def test_a_parameter_that_says_nothing_we_know_is_named(admin, places):
    for query, (slug, pointer) in QUERIES.items():
        answer = admin.get(f"{PLACES}?{query}")
        refused(answer, 400, slug)
        assert {where for where, _code in said(answer)} == {pointer}, query


def test_times_of_the_record_may_be_any_that_there_are(admin):
    for query, status in {
        "at_from=0000-01-01T00:00:00Z": 400,
        "at_from=10000-01-01T00:00:00Z": 400,
        "at_from=inf": 400,
        "at_from=%00": 400,
        "actor=1": 400,
        "object_id=%00": 400,
        "at_from=0001-01-01T00:00:00%2B14:00": 200,
        "at_to=9999-12-31T23:59:59-14:00": 200,
    }.items():
        assert admin.get(f"/api/v1/audit-events/?{query}").status_code == status, query


# --- Headers


def test_an_if_match_that_is_no_tag_of_the_row_changes_nothing(admin, places):
    path = f"{PLACES}{places[0].pk}/"
    for header in (
        '""',
        '"',
        "x",
        "1",
        '"1',
        'W/"1"',
        ",",
        '"01"',
        '"1.0"',
        '"' + "9" * 5000 + '"',
        "é",
        "\x00",
    ):
        answer = admin.patch(path, {"name": "Rana"}, format="json", headers={"if-match": header})
        refused(answer, 412, "stale-version")
        assert answer["ETag"]
    assert LocalAssociation.objects.get(pk=places[0].pk).name == "Bodø"
    assert admin.patch(path, {"name": "Rana"}, format="json", headers={"if-match": "*"}).status_code == 200


@pytest.mark.parametrize("key", ["", " ", "a b", "a\tb", "é", "\x00", "x" * 256, "a\u2028"])
def test_an_idempotency_key_that_is_none_is_refused_before_anything_is_done(admin, key):
    answer = post(admin, b'{"name": "a", "number": "1"}', **{"idempotency-key": key})
    refused(answer, 400, "invalid-idempotency-key")
    assert not LocalAssociation.objects.exists()


@pytest.mark.parametrize(
    "header",
    ["", "*", "xx", "nb;q=9", "nb;q=NaN", "nb;q=1e999", "x" * 5000, "\x00", ",,;;==", "nb-NO-x-" * 90],
)
def test_a_language_that_nobody_speaks_is_ours(admin, header):
    answer = admin.get(PLACES, headers={"accept-language": header})
    assert (answer.status_code, answer["Content-Language"]) == (200, "nb")


@pytest.mark.parametrize(
    "host", ["", "\x00", "nhf.localhost\x00", "[::1]", "a b", "nhf..localhost", "x" * 300]
)
def test_a_host_that_is_none_is_unknown(client, db, host):
    answer = client.get("/api/v1/client-config/", headers={"host": host})
    refused(answer, 404, "unknown-host")
    assert answer.json()["instance"] == "/api/v1/client-config/"
