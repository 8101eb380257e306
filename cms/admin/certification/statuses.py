"""The list and pages of mentors' statuses: who takes assignments, who is paused, and until when."""

from typing import Any, ClassVar

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.widgets.button import Button

from cms.admin.organizations.listing import StateColumn
from cms.admin.scoped.views import ScopedInspectView
from domain.certification.choices import MentorState
from domain.certification.models import MentorCertification, MentorStatus
from domain.certification.standing import standing

from .actions import PauseView, ResumeView
from .base import STATE_LOOKS, STATUS_LOOKS, AboutPeopleViewSet, day, looks
from .forms import StatusFilterSet

# So many earlier periods stand on the page.
SHOWN = 50


class StatusInspectView(ScopedInspectView):
    template_name = "certification/status.html"

    def get_page_title(self):
        return _("Status of a mentor")

    def get_context_data(self, **kwargs):
        row: MentorStatus = self.object
        certifications = MentorCertification.objects.visible_to(self.scope).filter(user=row.user_id)
        return super().get_context_data(
            facts=self.facts(),
            state=looks(STATE_LOOKS, row.status),
            standing=standing(row.user),
            certifications=[
                (each, looks(STATUS_LOOKS, each.status)) for each in certifications.select_related("kind")
            ],
            periods=[
                (each, looks(STATE_LOOKS, each.status))
                for each in row.history.select_related("changed_by")[:SHOWN]
            ],
            **kwargs,
        )

    def facts(self) -> list[tuple[str, Any]]:
        row = self.object
        facts: list[tuple[str, Any]] = [
            (_("Mentor"), row.user),
            (_("Since"), day(row.since)),
            (_("Back on"), day(row.returns_on)),
            (_("Reason"), row.reason),
            (_("Changed by"), row.changed_by or (_("The system") if row.history.count() > 1 else "")),
        ]
        return [(label, value) for label, value in facts if value not in ("", None)]


class StatusViewSet(AboutPeopleViewSet):
    model = MentorStatus
    name = "mentor_statuses"
    url_prefix = "mentor-statuses"
    icon = "time"
    menu_label = gettext_lazy("Pauses")
    filterset_class = StatusFilterSet
    search_fields = ["user__name_search"]
    ordering = "user__name_key"
    export_filename = "mentor-statuses"
    inspect_view_class = StatusInspectView
    row_views: ClassVar = {"pause": PauseView, "resume": ResumeView}
    list_export: ClassVar = ["user", "status", "since", "returns_on"]
    export_headings: ClassVar = {
        "user": gettext_lazy("Mentor"),
        "returns_on": gettext_lazy("Back on"),
    }

    @property
    def list_display(self):
        return [
            TitleColumn(
                "user",
                label=_("Mentor"),
                sort_key="user__name_key",
                get_url=lambda row: reverse(self.get_url_name("inspect"), args=[row.pk]),
            ),
            StateColumn(
                "status",
                label=_("Status"),
                accessor=lambda row: row.get_status_display(),
                icon=lambda row: STATE_LOOKS[row.status][0],
                tone=lambda row: STATE_LOOKS[row.status][1],
                sort_key="status",
            ),
            Column(
                "since",
                label=_("Since"),
                sort_key="since",
                accessor=lambda row: day(row.since),
                classname="wide-only",
            ),
            Column(
                "returns_on",
                label=_("Back on"),
                sort_key="returns_on",
                accessor=lambda row: day(row.returns_on),
                classname="wide-only",
            ),
        ]

    def rows(self, scope):
        return super().rows(scope).select_related("user", "changed_by")

    def row_buttons(self, view, row):
        if not self.may(view.scope, "change", row):
            return []
        buttons = [
            ("pause", _("Pause") if row.status == MentorState.ACTIVE else _("Change the pause"), "time")
        ]
        if row.status != MentorState.ACTIVE:
            buttons.insert(0, ("resume", _("End the pause"), "circle-check"))
        return [
            Button(
                label, url=reverse(self.get_url_name(name), args=[row.pk]), icon_name=icon, priority=40 + at
            )
            for at, (name, label, icon) in enumerate(buttons)
        ]
