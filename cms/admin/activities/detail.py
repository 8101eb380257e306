"""The page of an activity: what it was, whether it counts and why, flags, who took part, evidence."""

from typing import Any, ClassVar

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from cms.admin.scoped import ScopedRowView
from cms.admin.scoped.views import ScopedHistoryView, ScopedInspectView
from domain.activities.choices import ActivityStatus, FlagStatus, Mode
from domain.activities.deciding import lacking_documents
from domain.activities.judging import explain
from domain.activities.models import ActivityFlag, HomeVisitReport
from domain.activities.models.activities import CHANGE, READ_SUMMARY, shown_contacts
from domain.activities.models.flags import CHANGE_FLAG
from domain.encryption.errors import ContentErased
from domain.encryption.reading import read_sealed, read_sealed_rows
from domain.grants.choices import GrantCategory
from domain.grants.models import RuleSet

from .evidence import attachments, documents
from .words import FLAG_LOOKS, counts_icon, counts_tone, state_icon, state_tone, word


def when(row: Any) -> str:
    """Day and time by the clocks of the place."""
    return f"{date_format(row.day, 'DATE_FORMAT')}, {row.local_start:%H:%M}"


def facts_of(row: Any) -> list[tuple[str, Any]]:
    facts: list[tuple[str, Any]] = [
        (_("Began"), when(row)),
        (_("Duration"), _("%(minutes)d minutes") % {"minutes": row.duration_minutes or 0}),
        (_("How"), row.get_mode_display()),
        (_("Place"), row.place),
        (_("Country"), row.country if row.country != "NO" else ""),
        (_("Theme"), row.theme),
        (_("Participants"), row.participants),
        (word("local_association"), row.local_association),
        (_("Registered by"), row.registered_by if row.is_proxy else ""),
        (_("Decided by"), row.decided_by or ""),
        (_("Why rejected"), row.decision_reason),
    ]
    if row.duration_minutes is None:
        del facts[1]
    return [(label, value) for label, value in facts if value not in ("", None)]


def rules_url(row: Any) -> str:
    """Where the rules stand that it was judged by."""
    key = RuleSet.objects.published().filter(name=row.rule_set).values_list("pk", flat=True).first()
    return reverse("counting_rules:inspect", args=[key]) if key else ""


class ActivityInspectView(ScopedInspectView):
    template_name = "activities/activity.html"

    def get_page_title(self):
        return word("activity")

    def get_context_data(self, **kwargs):
        row = self.object
        contacts = shown_contacts(row, self.scope)
        self.note_list(contacts)
        reads = self.may(READ_SUMMARY, row)
        flags = list(ActivityFlag.objects.visible_to(self.scope).filter(activity=row).select_related("other"))
        report = HomeVisitReport.objects.visible_to(self.scope).filter(activity=row).first()
        context = super().get_context_data(
            facts=facts_of(row),
            state_icon=state_icon(row),
            state_tone=state_tone(row),
            counts_icon=counts_icon(row),
            counts_tone=counts_tone(row),
            verdict=explain(row),
            leaders=list(row.leaders.select_related("user")),
            contacts=contacts,
            hidden=row.participants - row.further_participants - len(contacts),
            flags=[(flag, FLAG_LOOKS[FlagStatus(flag.status)], self.flag_links(flag)) for flag in flags],
            lacking=lacking_documents(row),
            report=report,
            summary_url=self.url("summary") if reads and row.summary is not None else "",
            visit_url=self.url("visit") if reads and report is not None else "",
            report_url=self.url("report") if self.may_report(reads, report) else "",
            follow_ups=list(report.follow_ups.select_related("done_by"))
            if reads and report is not None
            else [],
            ticks=self.may(CHANGE, row),
            today=timezone.localdate(),
            rules_url=rules_url(row),
            edit_url=self.get_edit_url() or "",
            **kwargs,
        )
        if reads:
            context["files"] = attachments.panel(self.request, row)
            context["documents"] = documents.panel(self.request, row)
        return context

    def get_edit_url(self):
        return None if self.object.status == ActivityStatus.APPROVED else super().get_edit_url()

    def may_report(self, reads: bool, report: HomeVisitReport | None) -> bool:
        """Whether it is a visit of which the caller may write the report that there isn't yet."""
        row = self.object
        is_visit = row.type.category == GrantCategory.OUTREACH and row.mode == Mode.PHYSICAL
        return reads and report is None and is_visit and self.may(CHANGE, row)

    def url(self, name: str) -> str:
        return reverse(self.viewset.get_url_name(name), args=[self.object.pk])

    def flag_links(self, flag: ActivityFlag) -> list[tuple[str, str]]:
        if flag.status != FlagStatus.OPEN or not self.may(CHANGE_FLAG, self.object):
            return []
        offered = [("dismiss", _("Dismiss")), ("confirm", _("Confirm"))]
        if flag.other_id is not None:
            offered.append(("join", _("They led it together")))
        return [(reverse(f"activity_flags:{name}", args=[flag.pk]), str(label)) for name, label in offered]


class HistoryView(ScopedHistoryView):
    """For whoever sees the activity: what was done with it, and nobody's words."""

    any_permission_required: ClassVar[list[str]] = ["view"]


class SummaryView(ScopedRowView):
    """What is written of an activity, opened on the record."""

    template_name = "activities/opened.html"
    permission_required = READ_SUMMARY

    def get_page_title(self):
        return _("Summary")

    def get_context_data(self, **kwargs):
        try:
            text = read_sealed(self.object, "summary", by=self.request.user, scope=self.scope)
        except ContentErased:
            text = _("It was erased.")
        back = self.viewset.url_after(self, self.object)
        return super().get_context_data(parts=[("", text or "–")], back_url=back, **kwargs)


class VisitView(ScopedRowView):
    """The report of a home visit, opened on the record."""

    template_name = "activities/opened.html"
    permission_required = READ_SUMMARY

    def get_page_title(self):
        return word("home_visit")

    def get_context_data(self, **kwargs):
        row = HomeVisitReport.objects.visible_to(self.scope).filter(activity=self.object).first()
        parts: list[tuple[str, Any]] = []
        follow_ups: list[Any] = []
        if row is not None:
            names = ["health_status", "assistive_devices"]
            found = read_sealed_rows(
                HomeVisitReport, [row.pk], names, by=self.request.user, scope=self.scope
            ).get(row.pk, {})
            parts = [
                (_("Health"), found.get("health_status") or "–"),
                (_("Assistive devices"), found.get("assistive_devices") or "–"),
                (_("Interest in courses"), row.get_course_interest_display()),
                (_("Urgent"), _("Yes") if row.is_urgent else _("No")),
            ]
            follow_ups = list(row.follow_ups.select_related("done_by"))
        back = self.viewset.url_after(self, self.object)
        return super().get_context_data(
            parts=parts,
            follow_ups=follow_ups,
            ticks=self.may(CHANGE, self.object),
            today=timezone.localdate(),
            change_url=reverse("activities:report", args=[self.object.pk])
            if self.may(CHANGE, self.object)
            else "",
            back_url=back,
            **kwargs,
        )
