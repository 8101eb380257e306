"""Addresses of Wagtail's admin that nobody here has use for, or that would open too much: each a 404.

There are no pages, so no page explorer, page reports and page chooser. People are edited as memberships and
roles, hosts in the console of organisations. The site history ignores who may see which row. Bulk actions
exist for our own content, images and documents.

Choosing a task for a review is for those who may change reviews: Wagtail lets in whoever enters the admin.
"""

from functools import update_wrapper

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.urls import path
from wagtail.admin.auth import require_admin_access
from wagtail.admin.views import workflows


def closed(request, **kwargs):
    raise Http404


def _of_reviews(view):
    def inner(request, **kwargs):
        if not any(request.user.has_perm(f"wagtailcore.{verb}_workflow") for verb in ("add", "change")):
            raise PermissionDenied
        return view(request, **kwargs)

    return update_wrapper(require_admin_access(inner), view)


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
TASKS = "workflows/task_chooser/"
urlpatterns = [
    path(TASKS, _of_reviews(workflows.TaskChooserView.as_view())),
    path(f"{TASKS}results/", _of_reviews(workflows.TaskChooserResultsView.as_view())),
    path(f"{TASKS}create/", _of_reviews(workflows.TaskChooserCreateView.as_view())),
    path(f"{TASKS}<int:task_id>/", _of_reviews(workflows.task_chosen)),
]
urlpatterns += [
    route
    for prefix in CLOSED
    for route in (path(f"{prefix}/", closed), path(f"{prefix}/<path:rest>", closed))
]
