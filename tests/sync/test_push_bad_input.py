"""What is wrong with one change is refused alone; what is wrong with all of them says what to do."""

import json
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.utils import translation
from django.utils.translation import gettext

from domain.config.rules import set_area
from domain.people.models import Note
from domain.sync.models import SyncMutation
from tests.sync.pushing import PUSH, Outbox, change

pytestmark = pytest.mark.django_db
GOOD = {"title": "t", "body": "b"}
DEEP: dict = {}
for _level in range(60):
    DEEP = {"a": DEEP}


@pytest.fixture
def outbox(east, api_of) -> Outbox:
    return Outbox(api_of("nhf", "coordinator@nhf.example"))


def note(**given):
    return change("notes", "create", data=GOOD, **given)


def without(name):
    made = note()
    del made[name]
    return made


# A change that won't do → the code of the problem, where it points.
BAD = {
    "no object": ("text", "invalid-input", "#"),
    "no mutation id": (without("mutation_id"), "invalid-input", "#/mutation_id"),
    "a mutation id that is none": (note(mutation_id="7"), "invalid-input", "#/mutation_id"),
    "no resource": (without("resource"), "invalid-input", "#/resource"),
    "an unknown resource": (note() | {"resource": "horses"}, "invalid-input", "#/resource"),
    "a resource that phones don't know": (note() | {"resource": "roles"}, "invalid-input", "#/resource"),
    "an unknown op": (note() | {"op": "upsert"}, "invalid-input", "#/op"),
    "an op that is an object": (note() | {"op": {}}, "invalid-input", "#/op"),
    "an unknown action": (change("activities", "explode", id=str(uuid4())), "invalid-input", "#/action"),
    "an action for online alone": (
        change("activities", "approve", id=str(uuid4())),
        "invalid-input",
        "#/action",
    ),
    "a verb for online alone": (
        change("local-associations", "update", id=str(uuid4())),
        "invalid-input",
        "#/op",
    ),
    "an unknown member": (note(colour="red"), "invalid-input", "#/colour"),
    "an unknown field": (note() | {"data": {**GOOD, "colour": 1}}, "invalid-input", "#/data/colour"),
    "a field that is the server's": (
        note() | {"data": {**GOOD, "version": 3}},
        "invalid-input",
        "#/data/version",
    ),
    "a value of another type": (
        note() | {"data": {"title": 1, "body": "b"}},
        "invalid-input",
        "#/data/title",
    ),
    "a text that can't be stored": (
        note() | {"data": {"title": "a\0b", "body": "b"}},
        "invalid-input",
        "#/data/title",
    ),
    "data that is a list": (note() | {"data": [1]}, "invalid-input", "#/data"),
    "an id with a new row": (note(id=str(uuid4())), "invalid-input", "#/id"),
    "no id": (change("notes", "update", data=GOOD), "invalid-input", "#/id"),
    "an id that is none": (change("notes", "update", id="ø" * 5, data=GOOD), "invalid-input", "#/id"),
    "a row that there isn't": (change("notes", "update", id=str(uuid4()), data=GOOD), "not-found", None),
    "a client id that is a list": (note(client_id=[]), "invalid-input", "#/client_id"),
    "a client id that is too long": (note(client_id="x" * 65), "invalid-input", "#/client_id"),
    "a version that is none": (note(base_version="3"), "invalid-input", "#/base_version"),
    "a version below all": (note(base_version=0), "invalid-input", "#/base_version"),
    "a time without an offset": (
        note(occurred_at="2026-11-20T10:00:00") | {},
        "invalid-input",
        "#/occurred_at",
    ),
    "a time that there isn't": (note(occurred_at="2026-02-30T10:00:00Z"), "invalid-input", "#/occurred_at"),
    "half a character": (note() | {"data": {"title": "\ud800", "body": "b"}}, "invalid-input", "#"),
    "deep nesting": (note() | {"data": {"title": DEEP}}, "invalid-input", "#"),
    "too much": (note() | {"data": {"title": "x" * 300_000, "body": "b"}}, "request-too-large", None),
    "a reference to nothing": (
        note() | {"data": {**GOOD, "contact": str(uuid4())}},
        "invalid-input",
        "#/data/contact",
    ),
    "data with a deletion": (
        change("notes", "delete", id=str(uuid4()), data=GOOD),
        "invalid-input",
        "#/data",
    ),
}


def test_each_bad_change_is_refused_alone_and_the_others_are_done(outbox):
    sent = [note(), *(each for each, _code, _where in BAD.values()), note()]
    answer = outbox.api.post(PUSH, json.dumps(outbox.body(sent)), content_type="application/json")
    assert answer.status_code == 200, answer.content
    first, *bad, last = answer.json()["results"]
    assert first["outcome"] == last["outcome"] == "applied"
    assert Note.objects.count() == 2
    for (name, (_sent, code, where)), result in zip(BAD.items(), bad, strict=True):
        assert (result["outcome"], result["code"]) == ("rejected", code), (name, result)
        assert where is None or where in [error["pointer"] for error in result["errors"]], (name, result)
        assert result["detail"], name
    # What has an id is kept for whoever is to decide, once.
    assert SyncMutation.objects.open().count() == len(BAD) - 3
    again = outbox.api.post(PUSH, json.dumps(outbox.body(sent)), content_type="application/json")
    assert again.json()["results"][0]["outcome"] == "duplicate"
    assert SyncMutation.objects.open().count() == len(BAD) - 3


def test_a_refusal_speaks_the_callers_language(outbox):
    outbox.api.credentials(**outbox.api._credentials, HTTP_ACCEPT_LANGUAGE="nb")
    with translation.override("nb"):
        expected = gettext("A text (in quotation marks) is expected here.")
    [result] = outbox.send(note() | {"data": {"title": 1, "body": "b"}})
    assert result["errors"][0]["detail"] == expected != "A text (in quotation marks) is expected here."


def test_a_version_that_the_row_never_had_is_refused(outbox):
    [made] = outbox.send(note())
    ahead = {"id": made["id"], "base_version": made["version"] + 5}
    for sent in (change("notes", "update", data=GOOD, **ahead), change("notes", "delete", **ahead)):
        [result] = outbox.send(sent)
        assert (result["outcome"], result["errors"][0]["code"]) == ("rejected", "unknown-version")


def test_anothers_rows_and_another_organisations_do_not_exist(outbox, api_of):
    [others] = Outbox(api_of("nhf", "admin@nhf.example")).send(note())
    elsewhere = Outbox(api_of("blindeforbundet", "coordinator@blindeforbundet.example"))
    [foreign] = elsewhere.send(note())
    for row in (others, foreign):
        for sent in (
            change("notes", "update", id=row["id"], data=GOOD),
            change("notes", "delete", id=row["id"]),
        ):
            [result] = outbox.send(sent)
            assert (result["outcome"], result["code"]) == ("rejected", "not-found")


def test_an_area_that_is_off_takes_nothing(outbox):
    set_area(area="notes", enabled=False, by=None)
    [result] = outbox.send(note())
    assert (result["outcome"], result["code"]) == ("rejected", "feature-disabled")


def test_what_nobody_foresaw_is_kept_by_the_phone_and_keeps_nothing_else_back(outbox, monkeypatch):
    from api.people.notes import NoteViewSet

    rule = NoteViewSet.create_rule

    def fails(*, values, by):
        if values["title"] == "x":
            raise RuntimeError("boom")
        return rule(values=values, by=by)

    monkeypatch.setattr(NoteViewSet, "create_rule", staticmethod(fails))
    outbox.api.raise_request_exception = False
    results = outbox.send(note() | {"data": {"title": "x", "body": "b"}}, note())
    assert [each["outcome"] for each in results] == ["deferred", "applied"]
    assert results[0]["code"] == "internal-error"
    assert SyncMutation.objects.count() == 1


ENVELOPES = [
    SimpleNamespace(change={"schema_version": 99}, status=409, slug="schema-version-refused"),
    SimpleNamespace(change={"schema_version": 0}, status=409, slug="schema-version-refused"),
    SimpleNamespace(change={"schema_version": None}, status=400, slug="invalid-input"),
    SimpleNamespace(change={"device_id": ""}, status=400, slug="invalid-input"),
    SimpleNamespace(change={"device_id": "x" * 65}, status=400, slug="invalid-input"),
    SimpleNamespace(change={"device_id": "a\0b"}, status=400, slug="invalid-input"),
    SimpleNamespace(change={"mutations": {}}, status=400, slug="invalid-input"),
    SimpleNamespace(change={"mutations": [1] * 501}, status=413, slug="request-too-large"),
]


@pytest.mark.parametrize("case", ENVELOPES, ids=lambda case: str(case.change)[:30])
def test_what_keeps_all_from_being_read_is_a_problem(outbox, case):
    answer = outbox.api.post(PUSH, outbox.body([note()]) | case.change, format="json")
    assert (answer.status_code, answer.json()["type"]) == (case.status, f"/problems/{case.slug}")
    assert Note.objects.count() == 0
    if case.slug == "schema-version-refused":
        assert answer.json()["schema_version"] == {"current": 1, "oldest_supported": 1}


def test_a_wrong_clock_or_count_is_no_reason_to_refuse(outbox):
    told = {"sent_at": "0001-01-01T00:00:00Z", "queued": -7, "oldest_queued_at": "soon"}
    [result] = outbox.send(note(), **told)
    assert result["outcome"] == "applied"
