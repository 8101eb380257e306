"""Addresses below /api/."""

from django.urls import URLPattern, URLResolver, include, path, re_path

from .client_config import ClientConfigView
from .core.views import NotFoundView
from .docs import documentation, openapi_document
from .me import MeView
from .organizations import OrganizationListView

v1: list[URLPattern | URLResolver] = [
    path("auth/", include("api.auth.urls")),
    path("me/", MeView.as_view()),
    path("client-config/", ClientConfigView.as_view()),
    path("organizations/", OrganizationListView.as_view()),
    path("content/", include("api.content.urls")),
    path("", include("api.counting_rules")),
    path("", include("api.sales")),
    path("", include("api.config")),
    path("", include("api.files")),
    path("", include("api.uploads")),
    path("", include("api.associations")),
    path("", include("api.locations")),
    path("", include("api.certification")),
    path("", include("api.declarations")),
    path("", include("api.assignments")),
    path("", include("api.honorarium")),
    path("", include("api.users")),
    path("", include("api.people")),
    path("", include("api.activities")),
    path("", include("api.access")),
    path("", include("api.sessions")),
    path("", include("api.job_runs")),
    path("", include("api.audit")),
    path("", include("api.support")),
    path("", include("api.today")),
    path("sync/", include("api.sync.urls")),
    path("", include("api.sync.devices")),
    path("", include("api.sync.inbox")),
]
urlpatterns: list[URLPattern | URLResolver] = [
    path("v1/", include(v1)),
    path("openapi.json", openapi_document, {"version": "3.1.0"}, name="openapi"),
    path("openapi-3.0.json", openapi_document, {"version": "3.0.3"}, name="openapi-3.0"),
    path("docs/", documentation, name="api-docs"),
    # Also for an address that lacks its slash: a redirect would lose the body of a POST.
    re_path(r"", NotFoundView.as_view()),
]
