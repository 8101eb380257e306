"""How endpoints appear in the OpenAPI document."""

from functools import cache
from inspect import cleandoc
from typing import Any

from drf_spectacular.extensions import (
    OpenApiAuthenticationExtension,
    OpenApiSerializerExtension,
    OpenApiSerializerFieldExtension,
)
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiResponse, inline_serializer
from rest_framework import serializers

from .actions import state_tables
from .bulk import MOST_ROWS, bulk_answer, bulk_operation, bulk_request
from .query import Query

PROBLEM = {
    "type": "object",
    "description": "An error (RFC 9457). `type` is `/problems/<slug>`; the slugs are stable.",
    "required": ["type", "title", "status", "detail", "instance"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "A sentence in the caller's language."},
        "instance": {"type": "string", "format": "uri-reference"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "code", "detail"],
                "properties": {
                    "pointer": {
                        "type": "string",
                        "description": "JSON pointer into the body (`#/email`), or `?name` of a parameter.",
                    },
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                },
            },
        },
    },
}
IDEMPOTENCY = {
    "in": "header",
    "name": "Idempotency-Key",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    "description": "Makes it safe to send the request again: within 24 hours the first answer is repeated. "
    "409 while the first is under way, 422 for another request with the same key.",
}
IF_MATCH = {
    "in": "header",
    "name": "If-Match",
    "schema": {"type": "string"},
    "description": "Entity tag of the state that the change is meant for: 412, with the current tag, if it "
    "has changed since. Without it the change is made to whatever is there.",
}
_TAGS = {"auth": "Sign-in", "me": "Sign-in", "content": "Content"}
_TAGS |= {"client-config": "Clients", "organizations": "Clients"}
_CONDITIONAL = {
    "in": "header",
    "name": "If-None-Match",
    "schema": {"type": "string"},
    "description": "Entity tag of the answer the caller has: 304 if it is still right.",
}
_LANGUAGE = {
    "in": "header",
    "name": "Accept-Language",
    "schema": {"type": "string"},
    "description": "Languages the caller prefers; nb, nn and en are spoken.",
}


@cache
def page_of(item: type[serializers.Serializer]) -> serializers.Serializer:
    """One page of a list."""
    name = item.__name__.removesuffix("Serializer")
    return inline_serializer(
        f"{name}Page",
        {
            "results": item(many=True),
            "next": serializers.URLField(allow_null=True, help_text="The next page; null on the last."),
            "previous": serializers.URLField(
                allow_null=True, help_text="The page before; null on the first."
            ),
            "count": serializers.IntegerField(required=False, help_text="Only with `count=exact`."),
        },
    )


class SessionTokenScheme(OpenApiAuthenticationExtension):
    target_class = "api.core.authentication.SessionTokenAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema):
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "The access token of `POST /api/v1/auth/password/`.",
        }


class ProblemSchema(AutoSchema):
    """Adds what every operation has: problem documents, entity tags, the language header."""

    def get_operation(self, *args, **kwargs):
        operation: dict[str, Any] | None = super().get_operation(*args, **kwargs)
        if operation is None:
            return None
        operation["responses"]["default"] = {
            "description": "An error.",
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        parameters = operation.setdefault("parameters", [])
        parameters.append(_LANGUAGE)
        if self.method in ("POST", "PATCH", "DELETE") and getattr(self.view, "stores_answers", True):
            parameters.append(IDEMPOTENCY)
        if self.method == "GET":
            parameters.append(_CONDITIONAL)
            operation["responses"]["304"] = {"description": "Unchanged: what the caller has is still right."}
            for code, response in operation["responses"].items():
                if code in ("200", "304"):
                    response["headers"] = {"ETag": {"schema": {"type": "string"}}}
        operation["responses"] = dict(sorted(operation["responses"].items()))
        return operation

    def get_tags(self):
        part = self.path.split("/")[3]
        return [_TAGS.get(part, part)]


class EntitySchema(ProblemSchema):
    """What `EntityViewSet` declares, as operations: listThings, getThing, createThing, closeThing, …"""

    view: Any

    def _is_list_view(self, serializer=None) -> bool:
        return False  # A page is an object.

    def get_filter_backends(self):
        return self.view.filter_backends if self.view.action == "list" else []

    @property
    def _bulk(self):
        return self.view.bulk_verb(self.view.action)

    @property
    def _view_class(self) -> Any:
        return type(self.view)

    def get_operation_id(self):
        if self._bulk:
            return bulk_operation(self.view, self._bulk)
        verb = {"retrieve": "get", "delete_one": "delete"}.get(self.view.action, self.view.action)
        if verb == "list":
            return f"list{self.view.nouns}"
        if self._action is not None:
            first, *rest = self._action.name.split("-")
            verb = "".join([first, *(word.capitalize() for word in rest)])
        return f"{verb}{self.view.noun}"

    @property
    def _action(self):
        return next((a for a in self.view.actions if a.method_name == self.view.action), None)

    def get_tags(self):
        return [self.view.tag or self.view.path]

    def get_summary(self):
        if self._bulk:
            return f"{self._bulk.capitalize()} up to {MOST_ROWS} at once: all or, unless `partial`, none."
        return self._action.summary if self._action else None

    def get_description(self, path="", method=""):
        return cleandoc(self.view.__doc__ or "")

    def get_override_parameters(self):
        return [self.view.query_classes.get(self.view.action, Query)]

    def get_request_serializer(self):
        if self._bulk:
            return bulk_request(self._view_class, self._bulk)
        if self._action is not None:
            return self._action.body
        return self.view.serializer_class if self.view.action in ("create", "update") else None

    def get_response_serializers(self):
        serializer = self.view.serializer_class
        if self._bulk:
            return bulk_answer(self._view_class)
        match self.view.action:
            case "list":
                return page_of(serializer)
            case "create":
                return {201: serializer}
            case "delete_one":
                return {204: OpenApiResponse(description="Gone.")}
            case "retrieve":
                return serializer
        return {
            200: serializer,
            204: OpenApiResponse(description="Done: the caller doesn't see it any more."),
        }

    def get_operation(self, *args, **kwargs):
        operation = super().get_operation(*args, **kwargs)
        if operation is not None and self.method != "GET" and self.view.action != "create" and not self._bulk:
            operation["parameters"].append(IF_MATCH)
        return operation


class LocalTimeFieldSchema(OpenApiSerializerFieldExtension):
    """`format: time` would promise an offset (RFC 3339)."""

    target_class = "api.core.fields.LocalTimeField"

    def map_serializer_field(self, auto_schema, direction):
        return {"type": "string", "pattern": self.target.PATTERN}


class EntitySerializerSchema(OpenApiSerializerExtension):
    """Adds `expanded`: there only if asked for, so not required."""

    target_class = "api.core.serializers.EntitySerializer"
    match_subclasses = True

    def map_serializer(self, auto_schema, direction):
        schema = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)
        if not vars(type(self.target)).get("__doc__"):
            schema.pop("description", None)  # That of the base, which is for us.
        members: dict[str, Any] = {}
        for name, inner in self.target.expanded_fields().items():
            many = isinstance(inner, serializers.ListSerializer)
            child = inner.child if many else inner
            if isinstance(child, serializers.Serializer):
                reference = auto_schema.resolve_serializer(child, direction).ref
                members[name] = {"type": "array", "items": reference} if many else {"oneOf": [reference]}
            else:
                members[name] = auto_schema._map_serializer_field(inner, direction)
        members["allowed_actions"] = {"type": "array", "items": {"type": "string"}}
        if direction == "response" or self.target.expansions():
            schema["properties"]["expanded"] = {
                "type": "object",
                "readOnly": True,
                "description": "What `expand` asked for; missing without it.",
                "properties": members,
            }
        return schema


def only_the_api(endpoints, **_kwargs):
    """Preprocessing hook: what is below /api/v1/."""
    return [endpoint for endpoint in endpoints if endpoint[0].startswith("/api/v1/")]


def add_problem(result, **_kwargs):
    """Postprocessing hook: the problem document's schema, once, and the state tables of all entities."""
    result.setdefault("components", {}).setdefault("schemas", {})["Problem"] = PROBLEM
    schemas = result["components"]["schemas"]
    result["components"]["schemas"] = dict(sorted(schemas.items()))
    tables = state_tables()
    if tables:
        result["x-states"] = tables
    return result
