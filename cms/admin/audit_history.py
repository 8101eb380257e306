"""The history page of an entity that is not content: what the audit says of it."""

from typing import ClassVar

from django.utils.translation import gettext as _
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.admin.views.generic.history import HistoryView

from domain.audit.models import AuditEvent


class ChangesColumn(Column):
    cell_template_name = "audit/changes_cell.html"


class AuditHistoryView(HistoryView):
    """Replaces Wagtail's own log, which operational entities don't write."""

    filterset_class = None
    default_ordering: ClassVar[str] = "-at"
    is_searchable = False
    template_name = "wagtailadmin/generic/listing.html"
    results_template_name = "wagtailadmin/generic/listing_results.html"

    def get_base_queryset(self):
        return AuditEvent.objects.filter(
            object_type=self.object._meta.label_lower, object_id=str(self.object.pk)
        )

    @property
    def columns(self):
        return [
            DateColumn("at", label=_("When")),
            Column("actor_label", label=_("By")),
            Column("action", label=_("Action")),
            ChangesColumn("changes", label=_("Changes")),
            Column("reason", label=_("Reason")),
        ]
