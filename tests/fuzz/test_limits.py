"""Every limit that the OpenAPI document states for a body is held: what goes beyond is pointed at, and
nothing is written. And every text, list and number that a body may hold has one."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.test import Client
from django_tenants.utils import schema_context

from api.core.openapi import plain_document
from domain.audit.models import AuditEvent
from domain.identity.models import RateCounter

from .calls import collection
from .world import CALLERS

# Compared with what a row has, and nothing else.
UNLIMITED = {"version"}
# Choices from a list that is short; sent twice they are one.
CHOICES = {"locales", "requirements"}


@dataclass(frozen=True)
class Excess:
    """A body that goes beyond one limit, and where it does."""

    pointer: str
    value: Any

    def body(self) -> Any:
        names = self.pointer.removeprefix("#/").split("/")
        value = self.value
        for name in reversed(names):
            value = [value] if name == "0" else {name: value}
        return value


@dataclass(frozen=True)
class Write:
    method: str
    path: str
    operation: dict[str, Any]
    schema: dict[str, Any]


DOCUMENT = plain_document()


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        schema = DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    for word in ("allOf", "oneOf", "anyOf"):
        others = [one for one in schema.get(word, []) if one.get("type") != "null"]
        if others:
            return {**{k: v for k, v in schema.items() if k != word}, **resolved(others[0])}
    return schema


def writes() -> Iterator[Write]:
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            # Forms with files have their own: tests/files.
            if "application/json" in operation.get("requestBody", {}).get("content", {}):
                schema = operation["requestBody"]["content"]["application/json"]["schema"]
                yield Write(method, path, operation, schema)


def members(schema: dict[str, Any], pointer: str = "#") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every member that a body may set, however deep, with its schema."""
    schema = resolved(schema)
    if "properties" in schema:
        for name, inner in schema["properties"].items():
            if not resolved(inner).get("readOnly"):
                yield from members(inner, f"{pointer}/{name}")
        return
    yield pointer, schema
    if "items" in schema:
        yield from members(schema["items"], f"{pointer}/0")


def kind(schema: dict[str, Any]) -> str:
    types = schema.get("type", "")
    return types if isinstance(types, str) else next(one for one in types if one != "null")


def excesses(pointer: str, schema: dict[str, Any]) -> Iterator[Excess]:
    match kind(schema):
        case "string" if "enum" in schema:
            yield Excess(pointer, "no-such-choice")
        case "string" if "maxLength" in schema:
            ending = "@x.no" if schema.get("format") == "email" else ""
            yield Excess(pointer, "x" * (schema["maxLength"] + 1 - len(ending)) + ending)
        case "string" if "format" in schema or "pattern" in schema:
            yield Excess(pointer, "9" * 40)
        case "integer" | "number":
            if "maximum" in schema:
                yield Excess(pointer, schema["maximum"] + 1)
            if "minimum" in schema:
                yield Excess(pointer, schema["minimum"] - 1)
        case "boolean":
            yield Excess(pointer, "perhaps")
        case "array" if "maxItems" in schema:
            yield Excess(pointer, [None] * (schema["maxItems"] + 1))


def is_limited(name: str, schema: dict[str, Any]) -> bool:
    match kind(schema):
        case "string":
            return bool({"enum", "maxLength", "format", "pattern"} & set(schema))
        case "integer" | "number":
            return {"minimum", "maximum"} <= set(schema) or name in UNLIMITED
        case "array":
            return "maxItems" in schema or name in CHOICES
    return True


def test_everything_that_a_body_may_hold_has_a_limit():
    unlimited = [
        (write.operation["operationId"], pointer)
        for write in writes()
        for pointer, schema in members(write.schema)
        if not is_limited(pointer.rpartition("/")[2], schema)
    ]
    assert unlimited == []


def recorded() -> list[int]:
    """How much is on each record: nothing is written that isn't."""
    counts = []
    for schema in ("nhf", "platform"):
        with schema_context(schema):
            counts.append(AuditEvent.objects.count())
    return counts


# Writes that none of those below may do, and one that never refuses as a whole.
UNASKED = {
    # Privacy officers alone may.
    ("post", "/api/v1/contacts/{id}/erase/"),
    # A note that its author let go of, by a privacy officer and by another person after them.
    ("post", "/api/v1/note-requests/{id}/seal/"),
    ("post", "/api/v1/note-requests/{id}/confirm/"),
    # What is wrong with one change is said of that one, and the others are done: tests/sync.
    ("post", "/api/v1/sync/push/"),
}
# In the order in which they are asked, until one may write it.
WRITERS = ("an administrator", "a coordinator", "a peer mentor")


def test_what_goes_beyond_a_limit_is_pointed_at_and_not_written(site):
    clients = {
        caller: Client(
            HTTP_HOST="localhost" if CALLERS[caller][0] == "platform" else "nhf.localhost",
            HTTP_AUTHORIZATION=f"Bearer {site.tokens[caller]}" if site.tokens[caller] else "",
        )
        for caller in (*WRITERS, "a visitor of the platform")
    }
    tried, missed, unasked = 0, [], set()
    for write in writes():
        if "/sync/push/" in write.path:
            unasked.add((write.method, write.path))
            continue
        writers = ("a visitor of the platform",) if "demo-bookings" in write.path else WRITERS
        for writer in writers:
            asked = ask(clients[writer], write, site)
            if asked is not None:
                tried += asked[0]
                missed += asked[1]
                break
        else:
            unasked.add((write.method, write.path))
    assert not missed, "\n".join(map(str, missed))
    assert sorted(unasked) == sorted(UNASKED)
    assert tried > 100


def ask(client: Client, write, site) -> tuple[int, list] | None:
    """How many excesses were tried, and which went through; None where the client may not write it."""
    refusals = {400, 422} if "/bulk/" in write.path else {400}
    path = write.path
    if "{id}" in path:
        # One that the caller finds: of passkeys, their own.
        known = [path.replace("{id}", id) for id in site.ids[collection(path)]]
        depth = path.split("/").index("{id}") + 1
        found = [
            one for one in known if client.get("/".join(one.split("/")[:depth]) + "/").status_code == 200
        ]
        if not found:
            return None
        path = found[0]
    tried, missed = 0, []
    for pointer, schema in members(write.schema):
        for excess in excesses(pointer, schema):
            RateCounter.objects.all().delete()
            before = recorded()
            body = excess.body()
            if "/bulk/" in path and not path.endswith("/bulk/") and isinstance(body["rows"][0], dict):
                # Of rows that exist: which one.
                body["rows"][0].setdefault("id", site.ids[collection(path.partition("bulk/")[0])][0])
            answer = client.generic(
                write.method.upper(), path, json.dumps(body), content_type="application/json"
            )
            if answer.status_code in (403, 404, 409) and recorded() == before:
                return None
            pointers = [error["pointer"] for error in answer.json().get("errors", [])]
            # Too long a list is pointed at as a whole, and so is one of its references.
            places = (pointer, pointer.removesuffix("/0"))
            pointed = any(one in places or one.startswith(f"{pointer}/") for one in pointers)
            if answer.status_code not in refusals or not pointed or recorded() != before:
                missed.append((write.method, path, pointer, answer.status_code, pointers))
            tried += 1
    return tried, missed
