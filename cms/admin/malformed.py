"""Addresses of Wagtail's admin failing on an argument that can't be one: a 404 or the form again instead."""

import re

from django.http import Http404
from django.urls import path
from wagtail.admin.auth import require_admin_access
from wagtail.admin.forms.choosers import ExternalLinkChooserForm, URLOrAbsolutePathField
from wagtail.admin.views.chooser import EmailLinkView, ExternalLinkView
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


class _AddressField(URLOrAbsolutePathField):
    """An address that was not sent is an empty one, which the form asks for."""

    def to_python(self, value):
        return super().to_python(value or "")


class LinkForm(ExternalLinkChooserForm):
    url = _AddressField(label=ExternalLinkChooserForm.base_fields["url"].label)


class LinkView(ExternalLinkView):
    form_class = LinkForm


class MailLinkView(EmailLinkView):
    """Begins empty where the link to be changed is no address at all."""

    def parse_email_link(self, mailto):
        try:
            return super().parse_email_link(mailto)
        except ValueError:
            return {"email": "", "subject": "", "body": ""}


# Ahead of Wagtail's own in cms.urls.
urlpatterns = [
    path("choose-external-link/", require_admin_access(LinkView.as_view())),
    path("choose-email-link/", require_admin_access(MailLinkView.as_view())),
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
