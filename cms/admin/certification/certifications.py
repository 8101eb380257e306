"""The lists, forms and pages of certifications, their kinds and reminders."""

from typing import Any, ClassVar

from django.http import Http404
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.ui.tables import BooleanColumn, Column, NumberColumn, TitleColumn
from wagtail.admin.widgets.button import Button

from cms.admin.organizations.listing import StateColumn
from cms.admin.scoped import ScopedRowView, ScopedViewSet
from cms.admin.scoped.views import ScopedInspectView
from domain.certification import kinds, rules
from domain.certification.choices import IN_FORCE, REPEATABLE, CertificationStatus, Requirement, RoleContext
from domain.certification.models import (
    CertificationKind,
    CertificationReminder,
    MentorCertification,
    MentorStatus,
)
from domain.certification.qr import svg
from domain.certification.queries import current_text, missing, signed_declaration, today_here
from domain.certification.standing import standing

from .actions import IssueView, RenewView, RevokeView, SendAgainView, TickView, UntickView
from .base import OUTCOME_LOOKS, STATUS_LOOKS, AboutPeopleViewSet, day, looks, word_lazy
from .forms import CertificationFilterSet, KindForm, ReminderFilterSet, StartForm


def status_icon(row: Any) -> str:
    return STATUS_LOOKS[row.status][0]


def status_tone(row: Any) -> str:
    return STATUS_LOOKS[row.status][1]


def verification_url(request: Any, row: MentorCertification) -> str:
    return request.build_absolute_uri(reverse("verify_certificate", args=[row.verification_code]))


def symbol(url: str) -> str:
    """The QR code of an address."""
    # Made of numbers and an escaped title.
    return mark_safe(svg(url, _("QR code that leads to the verification")))  # noqa: S308


class CertificationInspectView(ScopedInspectView):
    """Facts, the checklist with its buttons, code and QR, reminders."""

    template_name = "certification/certification.html"

    def get_page_title(self):
        return str(word_lazy("certification"))

    def get_context_data(self, **kwargs):
        row: MentorCertification = self.object
        may_change = self.may("change", row) and row.status != CertificationStatus.REVOKED
        url = verification_url(self.request, row)
        lacking = missing(row, today_here())
        found = standing(row.user)
        status = MentorStatus.objects.visible_to(self.scope).filter(user=row.user_id).first()
        return super().get_context_data(
            facts=self.facts(),
            state=looks(STATUS_LOOKS, row.status),
            lines=self.lines(may_change),
            lacking=[each.label for each in lacking],
            next_url=self.next_url(may_change and not lacking),
            is_issued=row.issued_on is not None,
            is_in_force=row.status in IN_FORCE,
            verify_url=url,
            qr=symbol(url) if row.issued_on else "",
            print_url=reverse(self.viewset.get_url_name("print"), args=[row.pk]),
            reminders=[
                (each, looks(OUTCOME_LOOKS, each.outcome))
                for each in CertificationReminder.objects.visible_to(self.scope)
                .filter(certification=row)
                .order_by("-valid_until", "due_at")
            ],
            standing=found,
            status_url=reverse("mentor_statuses:inspect", args=[status.pk]) if status else "",
            **kwargs,
        )

    def next_url(self, is_ready: bool) -> str:
        """Where it is issued, or renewed once it expires soon; nothing while the checklist isn't complete."""
        row = self.object
        if not is_ready or row.status == CertificationStatus.VALID:
            return ""
        return reverse(self.viewset.get_url_name("renew" if row.issued_on else "issue"), args=[row.pk])

    def facts(self) -> list[tuple[str, Any]]:
        row = self.object
        facts: list[tuple[str, Any]] = [
            (_("Mentor"), row.user),
            (_("Kind"), row.kind),
            (_("Number"), row.number),
            (_("Issued"), day(row.issued_on)),
            (_("Valid until"), day(row.valid_until)),
            (_("Revoked"), day(row.revoked_on)),
            (_("Reason"), row.revocation_reason),
        ]
        return [(label, value) for label, value in facts if value not in ("", None)]

    def lines(self, may_change: bool) -> list[dict[str, Any]]:
        """The checklist, in the order of the list of requirements."""
        row = self.object
        lacking = set(missing(row, today_here()))
        held = {line.requirement: line for line in row.requirements.select_related("done_by")}
        order = [key for key in Requirement.values if key in held]
        return [self.line(held[key], key not in lacking, may_change) for key in order]

    def line(self, line: Any, is_met: bool, may_change: bool) -> dict[str, Any]:
        def url(name: str) -> str:
            address = reverse(self.viewset.get_url_name(name), args=[self.object.pk])
            return f"{address}?requirement={line.requirement}"

        signed, is_signed_text = None, False
        if line.requirement == Requirement.DECLARATION:
            # Signed by the mentor, where the organisation has published a text for it.
            is_signed_text = current_text(RoleContext.MENTOR) is not None
            signed = signed_declaration(self.object.user, RoleContext.MENTOR, today_here())
        must_sign = is_signed_text and signed is None and may_change
        return {
            "label": line.get_requirement_display(),
            "done_on": day(line.done_on),
            "done_by": line.done_by,
            "signed": signed,
            "is_met": is_met,
            "is_old": line.done_on is not None and not is_met,
            "tick_url": url("tick") if may_change and not is_signed_text else "",
            "sign_url": reverse("declarations:add") if must_sign else "",
            "untick_url": url("untick") if may_change and line.done_on else "",
        }


class PrintView(ScopedRowView):
    """The certificate as a sheet of paper, with its QR code."""

    template_name = "certification/print.html"
    page_title = gettext_lazy("Print the certificate")

    def get_context_data(self, **kwargs):
        row: MentorCertification = self.object
        if row.status not in IN_FORCE:
            raise Http404
        url = verification_url(self.request, row)
        return super().get_context_data(
            qr=symbol(url),
            verify_url=url,
            organization=self.request.tenant,
            back_url=self.viewset.url_after(self, row),
            **kwargs,
        )


class CertificationViewSet(AboutPeopleViewSet):
    model = MentorCertification
    name = "certifications"
    url_prefix = "certifications"
    icon = "success"
    menu_label = word_lazy("certification", "plural")
    form_class = StartForm
    filterset_class = CertificationFilterSet
    search_fields = ["user__name_search", "number"]
    ordering = "user__name_key"
    export_filename = "certifications"
    inspect_view_class = CertificationInspectView
    row_views: ClassVar = {
        "tick": TickView,
        "untick": UntickView,
        "issue": IssueView,
        "renew": RenewView,
        "revoke": RevokeView,
        "print": PrintView,
    }
    list_export: ClassVar = ["user", "kind", "status", "number", "issued_on", "valid_until", "revoked_on"]
    export_headings: ClassVar = {
        "user": gettext_lazy("Mentor"),
        "kind": gettext_lazy("Kind"),
        "issued_on": gettext_lazy("Issued"),
        "valid_until": gettext_lazy("Valid until"),
        "revoked_on": gettext_lazy("Revoked"),
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
            Column("kind", label=_("Kind"), classname="wide-only"),
            StateColumn(
                "status",
                label=_("Status"),
                accessor=lambda row: row.get_status_display(),
                icon=status_icon,
                tone=status_tone,
                sort_key="status",
            ),
            Column(
                "valid_until",
                label=_("Valid until"),
                sort_key="valid_until",
                accessor=lambda row: day(row.valid_until),
            ),
            Column("number", label=_("Number"), sort_key="number", classname="wide-only"),
        ]

    def rows(self, scope):
        return super().rows(scope).select_related("user", "kind")

    def create(self, values, *, by):
        return rules.start_certification(**values, by=by)

    def row_buttons(self, view, row):
        buttons = []
        if self.may(view.scope, "change", row) and row.status != CertificationStatus.REVOKED:
            buttons.append(
                ("renew", _("Renew"), "rotate") if row.issued_on else ("issue", _("Issue"), "check")
            )
            buttons.append(("revoke", _("Revoke"), "cross"))
        if row.status in IN_FORCE:
            buttons.append(("print", _("Print"), "doc-full-inverse"))
        return [
            Button(
                label, url=reverse(self.get_url_name(name), args=[row.pk]), icon_name=icon, priority=40 + at
            )
            for at, (name, label, icon) in enumerate(buttons)
        ]


class KindViewSet(ScopedViewSet):
    model = CertificationKind
    name = "certification_kinds"
    url_prefix = "certification-kinds"
    icon = "list-ul"
    menu_label = gettext_lazy("Kinds")
    form_class = KindForm
    search_fields = ["key", "name_nb", "name_nn", "name_en"]
    ordering = "key"
    inspect_view_fields: ClassVar = [
        *("name_nb", "name_nn", "name_en", "key", "validity_months"),
        *("requirements", "is_required", "is_active"),
    ]

    @property
    def list_display(self):
        return [
            TitleColumn(
                "name",
                label=_("Name"),
                get_url=lambda row: reverse(self.get_url_name("inspect"), args=[row.pk]),
            ),
            NumberColumn("validity_months", label=_("Months"), sort_key="validity_months"),
            BooleanColumn("is_required", label=_("Required of every mentor")),
            BooleanColumn("is_active", label=_("In use"), classname="wide-only"),
        ]

    def create(self, values, *, by):
        return kinds.create_kind(**values, by=by)

    def change(self, row, values, *, by, version):
        return kinds.change_kind(row, changes=values, by=by, version=version)


class ReminderViewSet(AboutPeopleViewSet):
    model = CertificationReminder
    name = "certification_reminders"
    url_prefix = "certification-reminders"
    icon = "mail"
    menu_label = gettext_lazy("Reminders")
    filterset_class = ReminderFilterSet
    row_views: ClassVar = {"again": SendAgainView}
    search_fields = ["certification__user__name_search"]
    ordering = "due_at"
    inspect_view_enabled = False
    history_enabled = False
    list_export: ClassVar = [
        *("certification.user", "certification.kind", "valid_until"),
        *("offset_days", "due_at", "outcome", "sent_at"),
    ]
    export_filename = "certification-reminders"
    export_headings: ClassVar = {
        "certification.user": gettext_lazy("Mentor"),
        "certification.kind": gettext_lazy("Kind"),
    }

    def person_of(self, row):
        return row.certification.user

    @property
    def list_display(self):
        return [
            TitleColumn(
                "certification__user",
                label=_("Mentor"),
                accessor=lambda row: row.certification.user,
                sort_key="certification__user__name_key",
                get_url=lambda row: reverse("certifications:inspect", args=[row.certification_id]),
            ),
            Column(
                "certification__kind",
                label=_("Kind"),
                accessor=lambda row: row.certification.kind,
                classname="wide-only",
            ),
            Column(
                "valid_until",
                label=_("Valid until"),
                accessor=lambda row: day(row.valid_until),
                classname="wide-only",
            ),
            NumberColumn(
                "offset_days", label=_("Days before"), sort_key="offset_days", classname="wide-only"
            ),
            Column(
                "due_at",
                label=_("Due"),
                sort_key="due_at",
                accessor=lambda row: day(row.due_at),
                classname="wide-only",
            ),
            StateColumn(
                "outcome",
                label=_("Outcome"),
                accessor=lambda row: row.get_outcome_display(),
                icon=lambda row: OUTCOME_LOOKS[row.outcome][0],
                tone=lambda row: OUTCOME_LOOKS[row.outcome][1],
                sort_key="outcome",
            ),
            TitleColumn(
                "again",
                label=_("If it is uncertain"),
                accessor=lambda row: _("Send again") if row.outcome in REPEATABLE else "–",
                get_url=lambda row: (
                    reverse(self.get_url_name("again"), args=[row.pk]) if row.outcome in REPEATABLE else None
                ),
            ),
        ]

    def rows(self, scope):
        return super().rows(scope).select_related("certification__user", "certification__kind")
