"""The panels of files on the page of an activity."""

from django.urls import reverse
from django.utils.translation import gettext_lazy

from cms.admin.scoped.access import scope_of
from cms.admin.stored_files import FileSection
from domain.activities import evidence
from domain.activities.choices import ActivityStatus
from domain.activities.models import Activity, ActivityAttachment, ActivityDocument
from domain.activities.standing import may_keep

from .documents import about


def _may_change(request, activity: Activity) -> bool:
    return activity.status != ActivityStatus.APPROVED and may_keep(scope_of(request), activity)


def _page(activity: Activity) -> str:
    return reverse("activities:inspect", args=[activity.pk])


attachments = FileSection(
    "activity-files",
    owner=ActivityAttachment,
    parent_field="activity",
    attach=evidence.attach,
    detach=evidence.remove_attachment,
    may_change=_may_change,
    page_url=_page,
)
documents = FileSection(
    "activity-documents",
    owner=ActivityDocument,
    parent_field="activity",
    attach=evidence.add_document,
    detach=evidence.remove_document,
    may_change=_may_change,
    page_url=_page,
    title=gettext_lazy("Documents for the grant"),
    about=about,
    related=("activity__local_association", "verified_by", "refused_by"),
)
