"""Calls made up from the OpenAPI document, sent through the site's whole WSGI application, and judged."""

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.db import transaction
from django_tenants.utils import schema_context
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import FailureGroup
from schemathesis.core.transport import Response
from schemathesis.generation.feedback import NO_FEEDBACK
from schemathesis.specs.openapi import checks

from api.core.errors import TITLES
from api.core.openapi import plain_document
from domain.files.models import StoredFile
from tenants.db import connection

from .world import CALLERS, token

# Pieces of uploads are bytes by another name.
schemathesis.serializer.alias("application/offset+octet-stream", "application/octet-stream")

JUDGES = [
    schemathesis.checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
# Members of bodies and filters that name rows: of which collection.
REFERENCES = {
    "user": "memberships:user",
    "requested_by": "memberships:user",
    "actor": "memberships:user",
    "about": "memberships:user",
    "parent": "local-associations",
    "to": "local-associations",
    "into": "local-associations",
    "paying_entity": "local-associations",
    "association": "local-associations",
    "local_association": "local-associations",
    "organization": "organizations",
}


@dataclass
class Site:
    """The document, who calls, and which rows there are to name; failures are kept, one of each kind."""

    document: dict[str, Any] = field(default_factory=plain_document)
    tokens: dict[str, str] = field(default_factory=dict)
    ids: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    failures: dict[tuple[str, ...], str] = field(default_factory=dict)
    answers: dict[tuple[str, int], int] = field(default_factory=lambda: defaultdict(int))

    def __post_init__(self):
        self.schema = schemathesis.openapi.from_dict(self.document, config=SchemathesisConfig(seed=1))
        self.schema.app = WSGIHandler()
        self.schema.config.generation.update(modes=list(GenerationMode))
        self.schema.config.generation.with_security_parameters = False
        self.tokens = {caller: token(caller) for caller in CALLERS}
        self._learn_ids()

    # --- What is sent -----------------------------------------------------------------------------------

    def operations(self) -> Iterator[Any]:
        for found in self.schema.get_all_operations():
            yield found.ok()

    def cases(self, operation: Any, mode: GenerationMode) -> st.SearchStrategy:
        """Calls of an operation; most of those that name a row name one that exists."""
        made = operation.as_strategy(generation_mode=mode, feedback=NO_FEEDBACK)
        return st.tuples(made, st.integers(0, 2**16)).map(lambda drawn: self._naming_rows(*drawn))

    def _naming_rows(self, case: Any, number: int) -> Any:
        if number % 4 == 0:
            return case  # As made up.
        if case.path_parameters and "id" in case.path_parameters:
            case.path_parameters = {**case.path_parameters, **self._row(collection(case.path), number, "id")}
        if case.query:
            for name in set(case.query) & set(REFERENCES):
                case.query.update(self._row(REFERENCES[name], number, name))
        if isinstance(case.body, dict):
            named = {}
            for name in set(case.body) & set(REFERENCES):
                if case.body[name] is not None:
                    named |= self._row(REFERENCES[name], number, name)
            case.body = {**case.body, **named}
        return case

    def _row(self, kind: str, number: int, name: str) -> dict[str, str]:
        known = self.ids.get(kind)
        return {name: known[number // 4 % len(known)]} if known else {}

    def _learn_ids(self) -> None:
        with schema_context("nhf"):
            # There is no list of files.
            self.ids["files"] = [str(pk) for pk in StoredFile.objects.values_list("pk", flat=True)]
        for path, methods in self.document["paths"].items():
            if "get" not in methods or "{" in path:
                continue
            for caller in CALLERS:
                response = self.schema[path]["GET"].Case().call(**self.credentials(caller))
                if response.status_code != 200:
                    continue
                for row in json.loads(response.content).get("results", []):
                    self._learn(path.split("/", 3)[3].strip("/"), row)

    def _learn(self, kind: str, row: dict[str, Any]) -> None:
        nested = {
            "organizations": row.get("organization"),
            f"{kind}:user": row.get("user"),
            kind: row.get("id"),
        }
        for name, value in nested.items():
            value = value.get("id") if isinstance(value, dict) else value
            if isinstance(value, str) and value not in self.ids[name]:
                self.ids[name].append(value)

    def credentials(self, caller: str) -> dict[str, Any]:
        schema, _email = CALLERS[caller]
        host = "localhost" if schema == "platform" else f"{schema}.localhost"
        known = self.tokens.get(caller)
        authorization = {"Authorization": f"Bearer {known}"} if known else {}
        return {
            "base_url": f"http://{host}",
            "headers": {"Accept-Encoding": "identity", **authorization},
        }

    # --- What comes back --------------------------------------------------------------------------------

    def call(self, case: Any, caller: str) -> None:
        """Send it as the caller, judge the answer, undo what it did."""
        name = f"{case.method} {case.path}"
        with transaction.atomic():
            connection.set_schema_to_public()
            try:
                response = case.call(**self.credentials(caller))
            except UnicodeError:
                return  # Not a request that HTTP can carry.
            finally:
                transaction.set_rollback(True)
        self.answers[name, response.status_code] += 1
        try:
            case.validate_response(response, checks=[*JUDGES, says_what_is_wrong, only_promised_answers])
        except FailureGroup as group:
            for failure in group.exceptions:
                key = (name, str(response.status_code), type(failure).__name__, failure.title)
                if key not in self.failures:
                    self.failures[key] = f"as {caller}\n{failure.message}\n{told(case, response)}"
                    print(" · ".join(key), self.failures[key], sep="\n", flush=True)  # `-s`: before the end.


def collection(path: str) -> str:
    """The part of a path that names the kind of rows: `local-associations`, `auth/sessions`."""
    return path.split("/", 3)[3].split("/{")[0].strip("/")


def told(case: Any, response: Response) -> str:
    body = case.body if not isinstance(case.body, bytes) else case.body[:200]
    return (
        f"  path {case.path_parameters} query {dict(case.query or {})} headers {dict(case.headers or {})}\n"
        f"  body {body!r:.600}\n  → {response.status_code} {response.content[:600]!r}"
    )


def says_what_is_wrong(_context: Any, response: Response, _case: Any) -> None:
    """An error is a problem document with a known slug, its own status, and pointers that point."""
    if response.status_code < 400:
        return
    problem = json.loads(response.content)
    assert problem["status"] == response.status_code, "status of the document"
    slug = problem["type"].removeprefix("/problems/")
    assert slug in TITLES, f"unknown slug {slug}"
    assert problem["title"] and problem["detail"], "a title and a sentence"
    for error in problem.get("errors", []):
        assert error["pointer"][:1] in {"#", "?"}, error
        assert error["code"] and error["detail"], error
    if slug == "invalid-input":
        assert problem.get("errors") or response.status_code != 400, "which value?"


def only_promised_answers(_context: Any, response: Response, case: Any) -> None:
    """What isn't an error is an answer that the document names: `default` stands for errors alone."""
    if response.status_code < 400:
        promised = case.operation.definition.raw["responses"]
        assert str(response.status_code) in promised, f"{response.status_code} is not promised"
