"""Addresses of Wagtail's admin that nobody here has use for, or that would open too much: each a 404.

There are no pages, so no page explorer, page reports and page chooser. People are edited as memberships and
roles, hosts in the console of organisations. The site history ignores who may see which row. Bulk actions
exist for our own content, images and documents.
"""

from django.http import Http404
from django.urls import path


def closed(request, **kwargs):
    raise Http404


CLOSED = [
    "pages",
    "choose-page",
    "api",
    "bulk/identity",
    "bulk/wagtailcore",
    "users",
    "groups",
    "sites",
    "locales",
    "redirects",
    "password_reset",
    "reports/locked",
    "reports/workflow",
    "reports/workflow_tasks",
    "reports/site-history",
    "reports/aging-pages",
    "reports/page-types-usage",
    "translation/submit/page",
    "images/<int:pk>/generate_url",
    "failwhale",
    "test404",
]
urlpatterns = [
    route
    for prefix in CLOSED
    for route in (path(f"{prefix}/", closed), path(f"{prefix}/<path:rest>", closed))
]
