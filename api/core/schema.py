"""How endpoints appear in the OpenAPI document."""

from functools import cache
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import inline_serializer
from rest_framework import serializers

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


def only_the_api(endpoints, **_kwargs):
    """Preprocessing hook: what is below /api/v1/."""
    return [endpoint for endpoint in endpoints if endpoint[0].startswith("/api/v1/")]


def add_problem(result, **_kwargs):
    """Postprocessing hook: the problem document's schema, once."""
    result.setdefault("components", {}).setdefault("schemas", {})["Problem"] = PROBLEM
    schemas = result["components"]["schemas"]
    result["components"]["schemas"] = dict(sorted(schemas.items()))
    return result
