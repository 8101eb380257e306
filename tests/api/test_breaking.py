"""What breaks a client that was written against an older document, and what doesn't."""

from copy import deepcopy
from typing import Any

import pytest

from api.core.breaking import breaking_changes
from api.core.openapi import plain_document

REMOVED = object()
OLD: dict[str, Any] = {
    "openapi": "3.1.0",
    "paths": {
        "/faqs/": {
            "get": {
                "operationId": "listFaqs",
                "security": [{}, {"session": []}],
                "parameters": [
                    {"in": "query", "name": "locale", "schema": {"type": "string", "enum": ["nb", "nn"]}},
                    {"in": "query", "name": "page_size", "schema": {"type": "integer", "maximum": 200}},
                    {"in": "query", "name": "search", "schema": {"type": "string"}},
                ],
                "responses": {
                    "200": {
                        "content": {
                            "application/json": {
                                "schema": {
                                    "type": "object",
                                    "required": ["results"],
                                    "properties": {
                                        "results": {
                                            "type": "array",
                                            "items": {"$ref": "#/components/schemas/Faq"},
                                        },
                                        "next": {"type": ["string", "null"], "format": "uri"},
                                    },
                                }
                            }
                        },
                        "headers": {"ETag": {"schema": {"type": "string"}}},
                    },
                    "304": {"description": "Unchanged"},
                },
            },
            "post": {
                "operationId": "askFaq",
                "requestBody": {
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Question"}}}
                },
                "responses": {"201": {"description": "Received"}},
            },
        },
        "/ping/": {"get": {"operationId": "ping", "responses": {"204": {"description": "Here"}}}},
    },
    "components": {
        "schemas": {
            "Faq": {
                "type": "object",
                "required": ["id", "status"],
                "properties": {
                    "id": {"type": "string", "format": "uuid"},
                    "status": {"$ref": "#/components/schemas/Status"},
                    "answer": {"type": "string"},
                    "parent": {"oneOf": [{"$ref": "#/components/schemas/Faq"}, {"type": "null"}]},
                    "tags": {"type": "object", "additionalProperties": {"type": "string"}},
                },
            },
            "Status": {"type": "string", "enum": ["draft", "live"]},
            "Question": {
                "type": "object",
                "required": ["text"],
                "properties": {
                    "text": {"type": "string", "maxLength": 200},
                    "topics": {"type": "array", "items": {"type": "string"}, "maxItems": 5},
                    "kind": {"type": "string", "enum": ["short", "long"]},
                    "email": {"type": "string"},
                    "age": {"type": "integer", "minimum": 16},
                },
            },
        }
    },
}
GET, POST = "paths /faqs/ get", "paths /faqs/ post"
PAGE = f"{GET} responses 200 content application/json schema"
FAQ, QUESTION = "components schemas Faq", "components schemas Question"


def changed(*changes: tuple[str, Any]) -> dict[str, Any]:
    """The document with values replaced; each place is a path of names and numbers."""
    new = deepcopy(OLD)
    for place, value in changes:
        *above, last = (int(name) if name.isdigit() and len(name) < 3 else name for name in place.split())
        inner: Any = new
        for name in above:
            inner = inner[name]
        if value is REMOVED:
            del inner[last]
        elif isinstance(inner, list) and last == len(inner):
            inner.append(value)
        else:
            inner[last] = value
    return new


BREAKING = {
    "an address is removed": (("paths /ping/", REMOVED), "/ping/: removed"),
    "a method is removed": ((POST, REMOVED), "POST /faqs/: removed"),
    "an operation is renamed": (
        (f"{GET} operationId", "faqs"),
        "GET /faqs/: operation id changed from listFaqs to faqs",
    ),
    "a token is needed now": ((f"{GET} security", [{"session": []}]), "GET /faqs/: now needs a token"),
    "a parameter is removed": (
        (f"{GET} parameters 2", REMOVED),
        "GET /faqs/: query parameter search removed",
    ),
    "a parameter becomes required": (
        (f"{GET} parameters 2 required", True),
        "GET /faqs/: query parameter search became required",
    ),
    "a new parameter is required": (
        (f"{GET} parameters 3", {"in": "query", "name": "area", "required": True, "schema": {}}),
        "GET /faqs/: new required query parameter area",
    ),
    "a parameter loses a value": (
        (f"{GET} parameters 0 schema enum", ["nb"]),
        "GET /faqs/: query parameter locale: value 'nn' removed",
    ),
    "a parameter takes certain values only": (
        (f"{GET} parameters 2 schema enum", ["a"]),
        "GET /faqs/: query parameter search: only certain values now",
    ),
    "a parameter's type changes": (
        (f"{GET} parameters 2 schema type", "integer"),
        "GET /faqs/: query parameter search: type changed from string to integer",
    ),
    "a parameter's bound is tighter": (
        (f"{GET} parameters 1 schema maximum", 100),
        "GET /faqs/: query parameter page_size: maximum is 100 now",
    ),
    "a parameter's lower bound is new": (
        (f"{GET} parameters 1 schema minimum", 10),
        "GET /faqs/: query parameter page_size: minimum is 10 now",
    ),
    "an answer is removed": ((f"{GET} responses 304", REMOVED), "GET /faqs/: answer 304 removed"),
    "an answer's media type is removed": (
        (f"{GET} responses 200 content", {"application/xml": {}}),
        "GET /faqs/: answer 200 as application/json removed",
    ),
    "an answer's header is removed": (
        (f"{GET} responses 200 headers ETag", REMOVED),
        "GET /faqs/: answer 200: header ETag removed",
    ),
    "a field of an answer is removed": (
        (f"{FAQ} properties answer", REMOVED),
        "GET /faqs/: answer 200.results[].answer removed",
    ),
    "a field of an answer may be missing": (
        (f"{FAQ} required", ["id"]),
        "GET /faqs/: answer 200.results[].status may be missing now",
    ),
    "a field of an answer may be null": (
        (f"{FAQ} properties answer type", ["string", "null"]),
        "GET /faqs/: answer 200.results[].answer: type changed from string to null or string",
    ),
    "a field of an answer has another type": (
        (f"{FAQ} properties answer type", "integer"),
        "GET /faqs/: answer 200.results[].answer: type changed from string to integer",
    ),
    "a field of an answer loses its format": (
        (f"{FAQ} properties id format", REMOVED),
        "GET /faqs/: answer 200.results[].id: format changed from uuid to None",
    ),
    "the values of a map have another type": (
        (f"{FAQ} properties tags additionalProperties", {"type": "integer"}),
        "GET /faqs/: answer 200.results[].tags[]: type changed from string to integer",
    ),
    "a body becomes required": (
        (f"{POST} requestBody required", True),
        "POST /faqs/: body became required",
    ),
    "a body is needed where none was": (
        ("paths /ping/ get requestBody", {"required": True, "content": {}}),
        "GET /ping/: now needs a body",
    ),
    "a body is no longer taken": (
        (f"{POST} requestBody", REMOVED),
        "POST /faqs/: takes no body any more",
    ),
    "a body's media type is removed": (
        (f"{POST} requestBody content", {"text/plain": {}}),
        "POST /faqs/: body as application/json removed",
    ),
    "a field of a body is removed": (
        (f"{QUESTION} properties email", REMOVED),
        "POST /faqs/: body.email removed",
    ),
    "a field of a body becomes required": (
        (f"{QUESTION} required", ["text", "email"]),
        "POST /faqs/: body.email became required",
    ),
    "a new field of a body is required": (
        (QUESTION, {**OLD["components"]["schemas"]["Question"], "required": ["text", "consent"]}),
        "POST /faqs/: body.consent is new and required",
    ),
    "a field of a body may no longer be as long": (
        (f"{QUESTION} properties text maxLength", 100),
        "POST /faqs/: body.text: maxLength is 100 now",
    ),
    "a field of a body must be longer": (
        (f"{QUESTION} properties text minLength", 3),
        "POST /faqs/: body.text: minLength is 3 now",
    ),
    "a list in a body must be shorter": (
        (f"{QUESTION} properties topics maxItems", 3),
        "POST /faqs/: body.topics: maxItems is 3 now",
    ),
    "a list in a body must have more": (
        (f"{QUESTION} properties topics minItems", 1),
        "POST /faqs/: body.topics: minItems is 1 now",
    ),
    "the items of a list in a body have another type": (
        (f"{QUESTION} properties topics items", {"type": "integer"}),
        "POST /faqs/: body.topics[]: type changed from string to integer",
    ),
    "a number in a body must be larger": (
        (f"{QUESTION} properties age minimum", 18),
        "POST /faqs/: body.age: minimum is 18 now",
    ),
    "a field of a body needs a format": (
        (f"{QUESTION} properties email format", "email"),
        "POST /faqs/: body.email: format changed from None to email",
    ),
    "a field of a body needs a pattern": (
        (f"{QUESTION} properties email pattern", "@"),
        "POST /faqs/: body.email: pattern changed from None to @",
    ),
    "the values of a map may be anything": (
        (f"{FAQ} properties tags additionalProperties", REMOVED),
        "GET /faqs/: answer 200.results[].tags[]: type changed from string to anything",
    ),
    "a field of a body loses a value": (
        (f"{QUESTION} properties kind enum", ["short"]),
        "POST /faqs/: body.kind: value 'long' removed",
    ),
}
HARMLESS = {
    "nothing changes": (f"{GET} summary", "Questions"),
    "an address is new": ("paths /pong/", {"get": {"operationId": "pong", "responses": {}}}),
    "a method is new": ("paths /ping/ post", {"operationId": "pingIt", "responses": {}}),
    "a token is no longer needed": (f"{GET} security", []),
    "a parameter is new": (f"{GET} parameters 3", {"in": "query", "name": "area", "schema": {}}),
    "a parameter takes more values": (f"{GET} parameters 0 schema enum", ["nb", "nn", "en"]),
    "a parameter takes any value": (f"{GET} parameters 0 schema enum", REMOVED),
    "a parameter's bound is wider": (f"{GET} parameters 1 schema maximum", 500),
    "a parameter's bound is gone": (f"{GET} parameters 1 schema maximum", REMOVED),
    "an answer is new": (f"{GET} responses 404", {"description": "Not found"}),
    "a field of an answer is new": (f"{FAQ} properties views", {"type": "integer"}),
    "a field of an answer is always there": (f"{FAQ} required", ["id", "status", "answer"]),
    "a field of an answer is never null": (f"{PAGE} properties next type", "string"),
    "a field of an answer has a format": (f"{FAQ} properties answer format", "html"),
    "an enumeration in an answer grows": ("components schemas Status enum", ["draft", "live", "archived"]),
    "an enumeration in an answer shrinks": ("components schemas Status enum", ["live"]),
    "an enumeration in an answer becomes text": ("components schemas Status enum", REMOVED),
    "a text in an answer becomes an enumeration": (f"{FAQ} properties answer enum", ["yes", "no"]),
    "a field of a body is new": (f"{QUESTION} properties phone", {"type": "string"}),
    "an answer's field is new where a body is of the same schema": (
        QUESTION,
        {
            **OLD["components"]["schemas"]["Question"],
            "properties": {
                **OLD["components"]["schemas"]["Question"]["properties"],
                "id": {"type": "string", "readOnly": True},
            },
            "required": [*OLD["components"]["schemas"]["Question"].get("required", []), "id"],
        },
    ),
    "a field of a body is no longer required": (f"{QUESTION} required", []),
    "a field of a body may be null": (f"{QUESTION} properties email type", ["string", "null"]),
    "a field of a body may be longer": (f"{QUESTION} properties text maxLength", 400),
    "a field of a body takes more values": (f"{QUESTION} properties kind enum", ["short", "long", "odd"]),
    "a number in a body may be smaller": (f"{QUESTION} properties age minimum", 13),
    "a body may be left out": (f"{POST} requestBody required", False),
}


@pytest.mark.parametrize("name", BREAKING)
def test_it_breaks_clients_when(name):
    change, said = BREAKING[name]
    assert breaking_changes(OLD, changed(change)) == [said]


@pytest.mark.parametrize("name", HARMLESS)
def test_it_is_harmless_when(name):
    new = changed(HARMLESS[name])
    assert new != OLD
    assert breaking_changes(OLD, new) == []


def test_every_breaking_change_is_named_not_only_the_first():
    new = changed((f"{GET} parameters 2", REMOVED), (f"{FAQ} properties answer", REMOVED))
    assert len(breaking_changes(OLD, new)) == 2


def test_a_body_that_was_required_and_is_not_any_more_is_harmless():
    old = changed((f"{POST} requestBody required", True))
    assert breaking_changes(old, OLD) == []


def test_a_schema_that_moves_behind_a_name_is_the_same_schema():
    answer = deepcopy(OLD["components"]["schemas"]["Faq"]["properties"]["answer"])
    new = changed(
        ("components schemas Answer", answer),
        (
            f"{FAQ} properties answer",
            {"allOf": [{"$ref": "#/components/schemas/Answer"}], "description": "x"},
        ),
    )
    assert breaking_changes(OLD, new) == []


def test_a_schema_that_becomes_nullable_by_one_of_is_noticed():
    new = changed(
        (f"{FAQ} properties status", {"oneOf": [{"$ref": "#/components/schemas/Status"}, {"type": "null"}]})
    )
    assert breaking_changes(OLD, new) == [
        "GET /faqs/: answer 200.results[].status: type changed from string to null or string"
    ]


def test_a_change_deep_inside_all_of_is_noticed():
    old = changed((f"{FAQ} properties status", {"allOf": [{"$ref": "#/components/schemas/Faq2"}]}))
    old["components"]["schemas"]["Faq2"] = {"type": "object", "properties": {"a": {"type": "string"}}}
    new = deepcopy(old)
    new["components"]["schemas"]["Faq2"]["properties"] = {"a": {"type": "integer"}}
    assert breaking_changes(old, new) == [
        "GET /faqs/: answer 200.results[].status.a: type changed from string to integer"
    ]


def test_parts_of_all_of_are_read_together():
    """Two parts that each have properties: what either has counts."""
    parts = [{"$ref": "#/components/schemas/A"}, {"$ref": "#/components/schemas/B"}]
    old = changed((f"{FAQ} properties status", {"allOf": parts}))
    for name in ("A", "B"):
        old["components"]["schemas"][name] = {
            "type": "object",
            "required": [name.lower()],
            "properties": {name.lower(): {"type": "string"}},
        }
    for name in ("A", "B"):
        new = deepcopy(old)
        new["components"]["schemas"][name] = {"type": "object"}
        assert breaking_changes(old, new) == [
            f"GET /faqs/: answer 200.results[].status.{name.lower()} removed"
        ]


def test_the_kinds_of_one_of_are_compared():
    """An answer may have fewer kinds, a body may take more."""
    text, number, flag = {"type": "string"}, {"type": "integer"}, {"type": "boolean"}
    old = changed(
        (f"{FAQ} properties answer", {"oneOf": [text, number]}),
        (f"{QUESTION} properties email", {"oneOf": [text, number]}),
    )
    more = changed(
        (f"{FAQ} properties answer", {"oneOf": [text, number, flag]}),
        (f"{QUESTION} properties email", {"oneOf": [text, number, flag]}),
    )
    where = "GET /faqs/: answer 200.results[].answer: type changed from"
    assert breaking_changes(old, more) == [f"{where} integer or string to boolean or integer or string"]
    assert breaking_changes(more, old) == [
        "POST /faqs/: body.email: type changed from boolean or integer or string to integer or string"
    ]


def test_a_number_in_a_body_may_become_wider_but_not_narrower():
    """Every integer is a number (JSON Schema, Validation, 6.1.1)."""
    number = changed(
        (f"{QUESTION} properties age type", "number"), (f"{FAQ} properties views", {"type": "integer"})
    )
    old = changed((f"{FAQ} properties views", {"type": "number"}))
    assert breaking_changes(old, number) == []
    assert len(breaking_changes(number, old)) == 2


def test_a_parameter_of_the_whole_address_counts_for_each_of_its_methods():
    shared = {"in": "query", "name": "tenant", "required": True, "schema": {"type": "string"}}
    assert breaking_changes(OLD, changed(("paths /ping/ parameters", [shared]))) == [
        "GET /ping/: new required query parameter tenant"
    ]


def test_a_schema_that_contains_itself_comes_to_an_end():
    new = changed((f"{FAQ} properties parent", {"$ref": "#/components/schemas/Faq"}))
    assert breaking_changes(OLD, new) == []
    assert breaking_changes(new, OLD) != []


def test_our_own_document_breaks_nobody_and_loses_nothing_unnoticed():
    document = plain_document()
    assert breaking_changes(document, document) == []
    # Each path beside one that stays: what the others say was compared above.
    stays = {"/api/v1/me/": document["paths"]["/api/v1/me/"]}
    for path, item in document["paths"].items():
        if path not in stays:
            both = {**document, "paths": {**stays, path: item}}
            assert breaking_changes(both, {**document, "paths": stays}) == [f"{path}: removed"]
