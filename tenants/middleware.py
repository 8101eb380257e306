"""Health checks and organisation resolution: the first two things that happen to a request."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseNotFound, JsonResponse
from django.template.loader import render_to_string
from django.utils.encoding import escape_uri_path
from django.utils.translation import gettext as _

from tenants.db import connection

from . import health, routing
from .choices import OrganizationKind, OrganizationStatus

# Gives the question of a request; None where it has none.
Companion = Callable[[HttpRequest], routing.Question | None]


def split_host(value: str) -> str:
    """The host name of a Host header: lower case, without port and trailing dot."""
    value = value.strip().lower()
    if value.startswith("[") or "\x00" in value:  # An IPv6 address never names an organisation.
        return ""
    return value.split(":")[0].rstrip(".")


class HealthMiddleware:
    """Answers `/health/…` on any host name or address, before anything is looked up."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.path_info == "/health/live":
            return JsonResponse({"status": "ok"})
        if request.path_info == "/health/ready":
            connection.set_schema_to_public()
            checks = health.readiness()
            ok = all(check["ok"] for check in checks.values())
            response = JsonResponse(
                {"status": "ok" if ok else "unavailable", "checks": checks}, status=200 if ok else 503
            )
            response["Cache-Control"] = "no-store"
            return response
        return self.get_response(request)


_companion: Companion | None = None


def ask_along(companion: Companion) -> None:
    """Have a question, made of the request, sent with each statement that selects an organisation.

    The first row of the answer is then `request.companion_row`; None where nothing was asked. There is one
    question: of several nobody could tell whose the row is.
    """
    global _companion
    if _companion not in (None, companion):
        raise RuntimeError("something is asked along already")
    _companion = companion


class TenantMiddleware:
    """Selects the organisation by host name; whoever is unknown, suspended or closed ends here."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        connection.set_schema_to_public()
        # Stays selected after this returns: a streamed answer (an export) reads its rows only then. The next
        # request of this thread begins with the line above.
        question = _companion(request) if _companion is not None else None
        organization, row = routing.enter(split_host(request.META.get("HTTP_HOST", "")), question)
        if organization is None or organization.kind == OrganizationKind.TEMPLATE:
            return refuse(
                request, 404, "unknown-host", _("No organisation answers on this address."), _("Not found")
            )
        if organization.status != OrganizationStatus.ACTIVE:
            return refuse(request, 403, f"organization-{organization.status}", *closed_text(organization))
        if "\x00" in request.path_info:
            # No text of PostgreSQL holds a NUL: whoever looks it up would get an error, not an empty answer.
            return refuse(request, 404, "not-found", _("There is nothing at this address."), _("Not found"))
        request.tenant = organization
        request.companion_row = row
        return self.get_response(request)


def closed_text(organization) -> tuple[str, str]:
    if organization.status == OrganizationStatus.SUSPENDED:
        return (
            _("%(name)s is suspended for now. Your data is kept. Ask your organisation for more.")
            % {"name": organization.name},
            _("Suspended"),
        )
    if organization.status == OrganizationStatus.CLOSED:
        return _("%(name)s no longer uses Meander.") % {"name": organization.name}, _("Closed")
    return _("%(name)s is being set up. Try again in a moment.") % {"name": organization.name}, _(
        "Soon ready"
    )


def refuse(request, status: int, slug: str, detail: str, title: str) -> HttpResponse:
    """A problem document below `/api/`, a plain page elsewhere."""
    if request.path_info.startswith("/api/"):
        return JsonResponse(
            {
                "type": f"/problems/{slug}",
                "title": title,
                "status": status,
                "detail": detail,
                "instance": escape_uri_path(request.path),
            },
            status=status,
            content_type="application/problem+json",
        )
    page = render_to_string("refused.html", {"title": title, "detail": detail, "status": status})
    response_class = HttpResponseNotFound if status == 404 else HttpResponse
    return response_class(page, status=status)
