"""The site's addresses, and those of a section of files as an area would register it."""

from django.urls import include, path, reverse
from wagtail.admin.auth import require_admin_access
from wagtail.utils.urlpatterns import decorate_urlpatterns

from cms.admin.stored_files import FileSection
from cms.urls import urlpatterns as site
from domain.audit.rules import record
from domain.core.errors import InvalidState
from domain.files.rules import require_attachable

from .conftest import Evidence


def attach(parent, file, *, by):
    if "nei" in file.name:
        raise InvalidState("No more files here.")
    require_attachable(file, by=by)
    row = Evidence.objects.create(association=parent, file=file)
    record("local-association.changed", parent, by=by, changes={"file": (None, file.name)})
    return row


def detach(row, *, by):
    record("local-association.changed", row.association, by=by, changes={"file": (row.file.name, None)})
    row.delete()


section = FileSection(
    "evidence-files",
    owner=Evidence,
    parent_field="association",
    attach=attach,
    detach=detach,
    may_change=lambda request, parent: request.user.has_perm("associations.change_localassociation"),
    page_url=lambda parent: reverse("local_associations:inspect", args=[parent.pk]),
)
urlpatterns = [
    path("admin/", include(decorate_urlpatterns(section.urls(), require_admin_access))),
    *site,
]
