"""The OpenAPI document and the page that shows it. Nothing here asks the database."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from api.core.conditional import etag_of, matches, not_modified
from api.core.openapi import document
from api.core.rendering import to_json

# Swagger UI styles elements inline; scripts come from our own files only.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@require_safe
def openapi_document(request, version: str):
    body = to_json(document(version))
    headers = {"ETag": etag_of(body), "Cache-Control": "public, max-age=0, must-revalidate"}
    # A description without secrets: any website may read it (generators and editors in browsers do).
    headers["Access-Control-Allow-Origin"] = "*"
    if matches(request.META.get("HTTP_IF_NONE_MATCH", ""), headers["ETag"]):
        return not_modified(headers)
    return HttpResponse(body, content_type="application/json", headers=headers)


@require_safe
def documentation(request):
    response = render(request, "api/docs.html")
    response["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    return response
