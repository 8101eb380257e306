"""The list of organisations."""

import django_filters
from django.db.models import Exists, F, OuterRef, Q
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, DateColumn, TitleColumn
from wagtail.admin.views import generic
from wagtail.admin.widgets.button import HeaderButton

from cms.admin.content_listing import SafeExport
from tenants.choices import OrganizationStatus
from tenants.models import Domain, Organization

from .access import ADD, PlatformOnly
from .figures import STATUS_ICONS, decorate, hosts_of, organizations


class OrganizationFilterSet(WagtailFilterSet):
    status = django_filters.MultipleChoiceFilter(choices=OrganizationStatus, label=_("Status"))

    class Meta:
        model = Organization
        fields = ["status"]


class NameColumn(TitleColumn):
    """Name, with the schema's below."""

    cell_template_name = "organizations/name_cell.html"


class HostsColumn(Column):
    """Host names, one a line."""

    cell_template_name = "organizations/hosts_cell.html"

    def get_value(self, instance):
        return hosts_of(instance)


class StateColumn(Column):
    """A word with an icon. `icon` takes the row, `classname_of` says how it is coloured."""

    cell_template_name = "organizations/state_cell.html"

    def __init__(self, name, *, icon, tone=lambda row: "", **kwargs):
        super().__init__(name, **kwargs)
        self.icon, self.tone = icon, tone

    def get_cell_context_data(self, instance, parent_context):
        context = super().get_cell_context_data(instance, parent_context)
        return {**context, "icon_name": self.icon(instance), "tone": self.tone(instance)}


class MaybeDateColumn(DateColumn):
    """A date that may not have come yet, and says so."""

    cell_template_name = "organizations/date_cell.html"


class SizeColumn(Column):
    """Bytes as people read them."""

    def get_value(self, instance):
        size = super().get_value(instance)
        return None if size is None else filesizeformat(size)


class WholeExport(SafeExport):
    """Writes a CSV while the view answers: later the reader's language is no longer selected."""

    def stream_csv(self, queryset):
        return list(super().stream_csv(queryset))


def status_tone(row: Organization) -> str:
    return {
        OrganizationStatus.ACTIVE: "good",
        OrganizationStatus.SUSPENDED: "bad",
        OrganizationStatus.CLOSED: "quiet",
    }.get(OrganizationStatus(row.status), "")


class OrganizationsView(PlatformOnly, WholeExport, generic.IndexView):
    """Every organisation, with status, schema version, size and last activity."""

    model = Organization
    page_title = _("Organisations")
    header_icon = "site"
    verbose_name_plural = _("organisations")
    template_name = "organizations/index.html"
    index_url_name = "organizations:index"
    index_results_url_name = "organizations:results"
    any_permission_required = ["view"]
    filterset_class = OrganizationFilterSet
    search_fields = ["name", "short_name", "schema_name", "organization_number"]
    default_ordering = "name"
    paginate_by = 50
    columns = [
        NameColumn(
            "name",
            label=_("Name"),
            sort_key="name",
            get_url=lambda row: reverse("organizations:detail", args=[row.pk]),
        ),
        HostsColumn("hosts", label=_("Hosts")),
        StateColumn(
            "get_status_display",
            label=_("Status"),
            sort_key="status",
            icon=lambda row: STATUS_ICONS[OrganizationStatus(row.status)],
            tone=status_tone,
        ),
        StateColumn(
            "schema_version",
            label=_("Schema"),
            icon=lambda row: "warning" if row.is_behind else "circle-check",
            tone=lambda row: "bad" if row.is_behind else "",
        ),
        SizeColumn(
            "database_bytes", label=_("Size"), sort_key="database_bytes", classname="w-whitespace-nowrap"
        ),
        MaybeDateColumn("last_activity", label=_("Last activity"), sort_key="last_activity"),
        DateColumn("created_at", label=_("Created"), sort_key="created_at"),
    ]
    list_export = [
        "name",
        "short_name",
        "schema_name",
        "organization_number",
        "hosts",
        "get_status_display",
        "schema_version",
        "database_bytes",
        "last_activity",
        "created_at",
    ]
    export_headings = {
        "name": _("Name"),
        "short_name": _("Short name"),
        "schema_name": _("Schema name"),
        "organization_number": _("Organisation number"),
        "hosts": _("Hosts"),
        "get_status_display": _("Status"),
        "schema_version": _("Schema"),
        "database_bytes": _("Size in bytes"),
        "last_activity": _("Last activity"),
        "created_at": _("Created"),
    }
    export_filename = "organizations"

    def get_base_queryset(self):
        return organizations()

    def search_queryset(self, queryset):
        if not self.is_searching:
            return queryset
        words = Q(Exists(Domain.objects.filter(tenant=OuterRef("pk"), domain__icontains=self.search_query)))
        for field in self.search_fields:
            words |= Q(**{f"{field}__icontains": self.search_query})
        return queryset.filter(words)

    def order_queryset(self, queryset):
        name = self.ordering.lstrip("-")
        # Whoever was never active comes last, whichever way.
        order = F(name).desc(nulls_last=True) if self.ordering[0] == "-" else F(name).asc(nulls_last=True)
        return queryset.order_by(order, "pk")

    def paginate_queryset(self, queryset, page_size):
        paginator, page, rows, more = super().paginate_queryset(queryset, page_size)
        page.object_list = decorate(list(rows))
        return paginator, page, page.object_list, more

    def as_spreadsheet(self, queryset, spreadsheet_format):
        rows = decorate(list(queryset))
        for row in rows:
            row.hosts = hosts_of(row)
        return super().as_spreadsheet(rows, spreadsheet_format)

    @cached_property
    def header_buttons(self):
        if not self.request.user.has_perm(ADD):
            return []
        return [HeaderButton(_("New organisation"), url=reverse("organizations:new"), icon_name="plus")]
