"""The report of links that no longer work, with a button that looks at them again."""

from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from wagtail.admin import messages
from wagtail.admin.ui.tables import Column, DateColumn, LocaleColumn, StatusTagColumn, TitleColumn
from wagtail.admin.views.reports import ReportView
from wagtail.admin.viewsets.base import ViewSet
from wagtail.admin.widgets.button import HeaderButton

from cms.link_check import check_links, describe, failed_links
from cms.models import ResourceLink
from cms.models.resource_links import LinkStatus
from tenants.jobs import enqueue

from .content_listing import SafeExport


def problem(link: ResourceLink) -> str:
    return describe(link.link_error)


class BrokenLinksView(SafeExport, ReportView):
    """Published links that failed: those that are broken, and those that will be looked at once more."""

    model = ResourceLink
    page_title = gettext_lazy("Links that don't work")
    header_icon = "warning"
    index_url_name = "broken_links:index"
    index_results_url_name = "broken_links:results"
    any_permission_required = ["add", "change", "delete", "view"]
    is_searchable = False
    default_ordering = "-link_check__checked_at"
    export_filename = "broken-links"
    list_export = ["title", "url", "category.name", "locale.language_code", "link_checked_at", "problem"]
    export_headings = {
        "category.name": gettext_lazy("Category"),
        "locale.language_code": gettext_lazy("Language"),
        "problem": gettext_lazy("Problem"),
    }
    verbose_name_plural = gettext_lazy("links")

    @cached_property
    def columns(self):
        return [
            TitleColumn(
                "title",
                label=_("Title"),
                get_url=lambda link: reverse(
                    ResourceLink.snippet_viewset.get_url_name("edit"), args=[link.pk]
                ),
                sort_key="title",
            ),
            Column("url", label=_("Address"), sort_key="url"),
            Column("problem", label=_("Problem"), accessor=problem),
            StatusTagColumn(
                "link_status",
                label=_("Status"),
                accessor=lambda link: (
                    _("Broken") if link.link_status == LinkStatus.BROKEN else _("Is looked at again")
                ),
                primary=lambda link: link.link_status == LinkStatus.BROKEN,
                sort_key="link_check__status",
            ),
            LocaleColumn(label=_("Language")),
            DateColumn("link_checked_at", label=_("Checked"), sort_key="link_check__checked_at"),
        ]

    def get_base_queryset(self):
        return failed_links().select_related("category", "locale", "link_check")

    def to_row_dict(self, item):
        item.problem = problem(item)
        return super().to_row_dict(item)

    @cached_property
    def no_results_message(self):
        return _("Every link that has been looked at works.")

    @cached_property
    def header_buttons(self):
        if not self.user_has_permission("change"):
            return []
        attrs = {
            "data-controller": "w-action",
            "data-action": "w-action#post:prevent",
            "data-w-action-url-value": reverse("broken_links:check"),
        }
        return [HeaderButton(_("Look again now"), url="#", icon_name="rotate", attrs=attrs)]


@require_POST
def look_again(request):
    """Ask for the links that failed to be looked at now."""
    if not request.user.has_perm("cms.change_resourcelink"):
        raise PermissionDenied
    enqueue(check_links.job_name, request.tenant, key="failed", failed=True)  # type: ignore[attr-defined]
    messages.success(request, _("The links are being looked at. Come back in a moment."))
    return redirect("broken_links:index")


class BrokenLinksViewSet(ViewSet):
    name = "broken_links"
    model = ResourceLink
    url_prefix = "content/broken-links"
    icon = "warning"
    menu_label = gettext_lazy("Broken links")

    def get_urlpatterns(self):
        return [
            path("", BrokenLinksView.as_view(), name="index"),
            path("results/", BrokenLinksView.as_view(results_only=True), name="results"),
            path("check/", look_again, name="check"),
        ]
