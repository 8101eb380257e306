"""Addresses of Wagtail's admin that fail on an argument that can't be one: a 404 instead."""

import re

from django.http import Http404
from django.urls import path
from wagtail.admin.auth import require_admin_access
from wagtail.admin.views.workflows import CreateTask
from wagtail.documents.views.chooser import viewset as documents
from wagtail.images.views.chooser import viewset as images

# A bigint has at most 19 digits.
_NUMBER = re.compile(r"\d{1,18}", re.ASCII)


def _chosen(viewset):
    def chosen(request, pk):
        if not _NUMBER.fullmatch(pk):
            raise Http404
        return viewset.chosen_view(request, pk=pk)

    return chosen


def _several(viewset):
    def chosen_multiple(request):
        if not all(_NUMBER.fullmatch(pk) for pk in request.GET.getlist("id")):
            raise Http404
        return viewset.chosen_multiple_view(request)

    return chosen_multiple


def add_task(request, app_label, model_name):
    """The form of a new task; the kind is asked of the database, in whose texts there can be no NUL."""
    if "\x00" in app_label + model_name:
        raise Http404
    return CreateTask.as_view()(request, app_label=app_label, model_name=model_name)


# Ahead of Wagtail's own in cms.urls.
urlpatterns = [
    path("workflows/tasks/add/<str:app_label>/<str:model_name>/", require_admin_access(add_task)),
    *(
        route
        for name, viewset in (("images", images), ("documents", documents))
        for route in (
            path(f"{name}/chooser/chosen/<str:pk>/", require_admin_access(_chosen(viewset))),
            path(f"{name}/chooser/chosen-multiple/", require_admin_access(_several(viewset))),
        )
    ),
]
