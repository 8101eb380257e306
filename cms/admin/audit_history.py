"""The history page of an entity that is not content: what the audit says of it."""

from typing import ClassVar

from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail.admin.ui.tables import Column, DateColumn, TitleColumn
from wagtail.admin.views.generic.history import HistoryView
from wagtail.admin.widgets.button import HeaderButton

from cms.admin.audit import words
from domain.audit.queries import history_of
from domain.audit.words import said


class ChangesColumn(Column):
    cell_template_name = "audit/changes_cell.html"

    def get_value(self, instance):
        return words.changes_of(instance)


class AuditHistoryView(HistoryView):
    """Replaces Wagtail's own log, which operational entities don't write."""

    filterset_class = None
    default_ordering: ClassVar[str] = "-at"
    is_searchable = False
    template_name = "wagtailadmin/generic/listing.html"
    results_template_name = "wagtailadmin/generic/listing_results.html"

    def get_base_queryset(self):
        return history_of(self.object._meta.label_lower, str(self.object.pk))

    @property
    def header_buttons(self):
        if not self.request.user.has_perm("audit.view_auditevent"):
            return []
        url = reverse("audit:object", args=[self.object._meta.label_lower, str(self.object.pk)])
        return [HeaderButton(_("In the audit record"), url=url, icon_name="history")]

    @property
    def columns(self):
        may_open = self.request.user.has_perm("audit.view_auditevent")
        return [
            DateColumn("at", label=_("When")),
            TitleColumn(
                "said",
                label=_("What happened"),
                accessor=said,
                get_url=lambda event: reverse("audit:event", args=[event.pk]) if may_open else None,
            ),
            ChangesColumn("changes", label=_("Changes")),
            Column("reason", label=_("Reason")),
        ]
