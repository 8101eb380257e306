"""Errors as problem documents (RFC 9457): the only form an error takes below /api/.

`type` is `/problems/<slug>`; slugs are stable, listed in docs/api.md and explained in api/problems.py.
`errors` says, for input, where: a JSON pointer into the body (`#/device/name`), or `?name` for a parameter.
"""

import logging
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from django.core.exceptions import (
    NON_FIELD_ERRORS,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
    TooManyFilesSent,
    ValidationError,
)
from django.core.signals import got_request_exception
from django.db import IntegrityError
from django.http import Http404, HttpResponse
from django.utils.encoding import escape_uri_path, force_str
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from psycopg import errors as postgres
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import set_rollback

from domain.core.errors import DomainError, InvalidInput, InvalidState, NotAllowed, StaleVersion
from domain.identity.errors import AuthenticationRefused
from domain.identity.limits import TooManyAttempts

from .rendering import to_json

CONTENT_TYPE = "application/problem+json"
TITLES = {
    "authentication-required": gettext_lazy("Sign in first"),
    "device-ended": gettext_lazy("This device was ended"),
    "feature-disabled": gettext_lazy("Not in use here"),
    "already-exists": gettext_lazy("There is one already"),
    "bulk-refused": gettext_lazy("Not all rows can be changed"),
    "file-refused": gettext_lazy("The file can't be taken"),
    "idempotency-key-reused": gettext_lazy("Idempotency key used twice"),
    "internal-error": gettext_lazy("Something went wrong here"),
    "invalid-checkpoint": gettext_lazy("Not a checkpoint"),
    "invalid-cursor": gettext_lazy("The cursor is not valid"),
    "invalid-idempotency-key": gettext_lazy("The idempotency key is not valid"),
    "invalid-input": gettext_lazy("The input is not valid"),
    "invalid-state": gettext_lazy("Not possible in this state"),
    "invalid-token": gettext_lazy("The access token is not valid"),
    "invitation-over": gettext_lazy("The invitation can't be used any more"),
    "malformed-request": gettext_lazy("The request can't be read"),
    "method-not-allowed": gettext_lazy("Method not allowed"),
    "not-acceptable": gettext_lazy("Not acceptable"),
    "not-allowed": gettext_lazy("Not allowed"),
    "not-found": gettext_lazy("Not found"),
    "organization-closed": gettext_lazy("Closed"),
    "organization-provisioning": gettext_lazy("Soon ready"),
    "organization-suspended": gettext_lazy("Suspended"),
    "range-refused": gettext_lazy("There is no such part"),
    "possible-duplicate": gettext_lazy("Perhaps there already"),
    "rate-limited": gettext_lazy("Too many attempts"),
    "refused": gettext_lazy("Refused"),
    "request-in-flight": gettext_lazy("Still under way"),
    "request-too-large": gettext_lazy("The request is too large"),
    "resync-required": gettext_lazy("Fetch everything anew"),
    "membership-ended": gettext_lazy("The membership has ended"),
    "mutation-id-reused": gettext_lazy("Mutation id used twice"),
    "schema-version-refused": gettext_lazy("Another version of the app is needed"),
    "sign-in-refused": gettext_lazy("Signing in failed"),
    "stale-version": gettext_lazy("Changed in the meantime"),
    "support-access-required": gettext_lazy("Support access is needed"),
    "step-up-required": gettext_lazy("Confirm that it is you"),
    "too-many-uploads": gettext_lazy("Too many uploads under way"),
    "tus-version": gettext_lazy("Another version of the upload protocol"),
    "unavailable": gettext_lazy("Not available at the moment"),
    "unknown-host": gettext_lazy("Not found"),
    "unknown-parameter": gettext_lazy("Unknown query parameter"),
    "unsupported-media-type": gettext_lazy("Unsupported media type"),
    "upload-expired": gettext_lazy("The upload has ended"),
    "upload-offset": gettext_lazy("Not where the upload goes on"),
}
_logger = logging.getLogger("api")


class Problem(exceptions.APIException):
    """An error with a slug of its own; raise it from a view."""

    def __init__(
        self,
        slug: str,
        detail: str,
        *,
        status_code: int = 400,
        errors: list[dict[str, str]] | None = None,
        headers: dict[str, str] | None = None,
        members: dict[str, Any] | None = None,
    ):
        """`members` are what the document says besides (RFC 9457, 3.2)."""
        super().__init__(detail, code=slug)
        self.status_code, self.slug = status_code, slug
        self.errors, self.headers, self.members = errors or [], headers or {}, members or {}


class NotFound(Problem):
    """There is no such thing, or none for this caller: the two are never told apart."""

    def __init__(self, detail: str = ""):
        super().__init__("not-found", detail or _("There is nothing at this address."), status_code=404)


class FeatureDisabled(Problem):
    """The organisation has switched the area off."""

    def __init__(self):
        super().__init__(
            "feature-disabled", _("The organisation doesn't use this part of Meander."), status_code=404
        )


def document(slug: str, *, status: int, detail: str = "", instance: str = "", errors=()) -> dict[str, Any]:
    """The members of a problem document, its title in the active language."""
    title = TITLES.get(slug)
    body: dict[str, Any] = {
        "type": f"/problems/{slug}",
        "title": str(title) if title else HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        # A reference, as a URL has it: a path may hold any character.
        "instance": escape_uri_path(instance),
    }
    if errors:
        body["errors"] = list(errors)
    return body


def problem_response(slug: str, *, status: int, detail: str, instance: str) -> HttpResponse:
    """For where no view is at work: middleware."""
    body = to_json(document(slug, status=status, detail=detail, instance=instance))
    return HttpResponse(body, status=status, content_type=CONTENT_TYPE, headers={"Cache-Control": "no-store"})


def exception_handler(error: Exception, context: dict[str, Any]) -> Response:
    """Whatever was raised in a view, as a problem document. Never a stack trace."""
    request = context["request"]
    set_rollback()
    problem = as_problem(error)
    if problem is None:
        problem = Problem("internal-error", internal_error_text(), status_code=500)
        _logger.error("Unhandled error in %s", request.path, exc_info=error)
        # Whoever listens for unhandled errors (Sentry, Django's test client) hears of this one too.
        got_request_exception.send(sender=context["view"].__class__, request=request._request)
    body = document(
        problem.slug,
        status=problem.status_code,
        detail=force_str(problem.detail),
        instance=request.path,
        errors=problem.errors,
    )
    body.update(problem.members)
    headers = {"Cache-Control": "no-store", **problem.headers}
    return Response(body, status=problem.status_code, headers=headers, content_type=CONTENT_TYPE)


def internal_error_text() -> str:
    return _("The fault is ours and has been noted. Try again in a while.")


def as_problem(error: Exception) -> Problem | None:
    """The problem that an exception stands for; None for what nobody foresaw."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, DomainError):
        return _from_domain(error)
    if isinstance(error, ValidationError):
        error = exceptions.ValidationError(_validation_detail(error))
    if isinstance(error, exceptions.APIException):
        return _from_rest_framework(error)
    if isinstance(error, Http404):
        return NotFound()
    if isinstance(error, PermissionDenied):
        return Problem("not-allowed", _("You may not do this."), status_code=403)
    if isinstance(error, RequestDataTooBig | TooManyFieldsSent | TooManyFilesSent):
        return Problem("request-too-large", _("The request is larger than allowed."), status_code=413)
    if isinstance(error, IntegrityError):
        return _from_database(error)
    if isinstance(error, SuspiciousOperation):
        return Problem("malformed-request", _("The request can't be read."))
    return None


def _from_database(error: IntegrityError) -> Problem | None:
    """What a constraint refused although every check before it passed: someone else was quicker."""
    state = getattr(error.__cause__, "sqlstate", "")
    if state in (postgres.UniqueViolation.sqlstate, postgres.ExclusionViolation.sqlstate):
        return Problem("already-exists", _("Something with these values exists already."), status_code=409)
    if state in (postgres.CheckViolation.sqlstate, postgres.ForeignKeyViolation.sqlstate):
        return Problem("invalid-input", _("Some of the values don't fit together."))
    return None


_DOMAIN_STATUS: tuple[tuple[type[DomainError], int], ...] = (
    (AuthenticationRefused, 401),
    (TooManyAttempts, 429),
    (NotAllowed, 403),
    (InvalidState, 409),
    (StaleVersion, 412),
)


def _from_domain(error: DomainError) -> Problem:
    if isinstance(error, TooManyAttempts):
        headers = {"Retry-After": str(error.retry_after)}
        return Problem(error.code, str(error.message), status_code=429, headers=headers)
    if isinstance(error, InvalidInput):
        pointer = f"#/{error.field}" if error.field else "#"
        errors = [{"pointer": pointer, "code": error.code, "detail": str(error.message)}]
        return Problem("invalid-input", str(error.message), errors=errors)
    status_code = next((code for kind, code in _DOMAIN_STATUS if isinstance(error, kind)), 422)
    # A rule's own code says more than the kind of refusal; slugs are kinds, or no page could explain them.
    slug = type(error).code
    errors = [{"pointer": "#", "code": error.code, "detail": str(error.message)}]
    # A refusal says only that signing in failed: no header asks for a token, since none would help.
    return Problem(
        slug, str(error.message), status_code=status_code, errors=errors if error.code != slug else None
    )


_REST_SLUGS: dict[int, str] = {
    status.HTTP_400_BAD_REQUEST: "malformed-request",
    status.HTTP_401_UNAUTHORIZED: "authentication-required",
    status.HTTP_403_FORBIDDEN: "not-allowed",
    status.HTTP_404_NOT_FOUND: "not-found",
    status.HTTP_405_METHOD_NOT_ALLOWED: "method-not-allowed",
    status.HTTP_406_NOT_ACCEPTABLE: "not-acceptable",
    status.HTTP_413_REQUEST_ENTITY_TOO_LARGE: "request-too-large",
    status.HTTP_415_UNSUPPORTED_MEDIA_TYPE: "unsupported-media-type",
    status.HTTP_429_TOO_MANY_REQUESTS: "rate-limited",
    status.HTTP_503_SERVICE_UNAVAILABLE: "unavailable",
}


def _from_rest_framework(error: exceptions.APIException) -> Problem:
    headers: dict[str, str] = {}
    # `Allow` is already on every answer of the view; these two are not.
    if getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = error.auth_header  # type: ignore[attr-defined]
    if getattr(error, "wait", None):
        headers["Retry-After"] = str(int(error.wait) + 1)  # type: ignore[attr-defined]
    if isinstance(error, exceptions.ValidationError):
        return Problem(
            "invalid-input",
            _("Some of the values are not valid."),
            errors=list(_pointed(error.detail, "#")),
            headers=headers,
        )
    slug = _REST_SLUGS.get(error.status_code, "malformed-request")
    if isinstance(error, exceptions.AuthenticationFailed):
        slug = "invalid-token"
    return Problem(slug, force_str(error.detail), status_code=error.status_code, headers=headers)


def _pointed(detail: Any, pointer: str) -> Iterable[dict[str, str]]:
    """Flatten DRF's nested details into one entry per message."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            yield from _pointed(
                inner, pointer if name == "non_field_errors" else f"{pointer}/{_escape(name)}"
            )
    elif isinstance(detail, list):
        for index, inner in enumerate(detail):
            nested = isinstance(inner, dict | list)
            yield from _pointed(inner, f"{pointer}/{index}" if nested else pointer)
    else:
        code = getattr(detail, "code", "invalid").replace("_", "-")
        yield {"pointer": pointer, "code": code, "detail": force_str(detail)}


def _escape(name: object) -> str:
    """A member's name inside a JSON pointer (RFC 6901, section 3)."""
    return str(name).replace("~", "~0").replace("/", "~1")


def query_errors(detail: Any) -> list[dict[str, str]]:
    """A serializer's complaints about query parameters, each pointing at `?name`."""
    return [{**entry, "pointer": entry["pointer"].replace("#/", "?", 1)} for entry in _pointed(detail, "#")]


def _validation_detail(error: ValidationError) -> Any:
    """Django's complaints as DRF's, with their codes; those of no one field stand at the top."""
    if not hasattr(error, "error_dict"):
        return _details(error.error_list)
    return {
        "non_field_errors" if name == NON_FIELD_ERRORS else name: _details(found)
        for name, found in error.error_dict.items()
    }


def _details(found: Iterable[ValidationError]) -> list[exceptions.ErrorDetail]:
    return [
        exceptions.ErrorDetail(message, code=one.code or "invalid")
        for one in found
        for message in one.messages
    ]
