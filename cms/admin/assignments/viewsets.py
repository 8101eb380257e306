"""The lists and pages of assignments and honorarium thresholds."""

from typing import Any, ClassVar

import django_filters
from django import forms
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from wagtail.admin.ui.tables import BooleanColumn, Column, NumberColumn, TitleColumn
from wagtail.admin.widgets import AdminDateInput
from wagtail.admin.widgets.button import Button, HeaderButton

from cms.admin.associations.choosers import AssociationWidget
from cms.admin.certification.base import day, looks, word_lazy
from cms.admin.certification.forms import ReasonForm
from cms.admin.organizations.listing import StateColumn
from cms.admin.scoped import (
    ScopedActionView,
    ScopedFilterSet,
    ScopedGroup,
    ScopedModelForm,
    ScopedRowView,
    ScopedViewSet,
)
from cms.admin.scoped.views import ScopedInspectView
from domain.assignments import honorarium, opening, repeating, rules
from domain.assignments.choices import AssignmentStatus as S
from domain.assignments.choices import Response
from domain.assignments.models import (
    Assignment,
    AssignmentConsent,
    AssignmentReadReceipt,
    HonorariumThreshold,
)
from domain.assignments.queries import waiting_since
from domain.assignments.recent import answered_since, yesterday_began
from domain.assignments.states import OPEN_STATES, WITH_SENDER
from domain.associations.models import LocalAssociation
from domain.config.queries import current_settings
from domain.core.errors import DomainError
from domain.core.reminding import REPEATABLE, Delivery
from domain.people.models import Contact

from .dispatch import DispatchView
from .honoraria import HonorariumPage

# Icon and tone of each state: the words say it, colour only helps.
LOOKS = {
    S.DRAFT: ("edit", "quiet"),
    S.SENT: ("mail", ""),
    S.OPENED: ("view", ""),
    S.ACCEPTED: ("circle-check", "good"),
    S.DECLINED: ("cross", "bad"),
    S.WITHDRAWN: ("lock", "quiet"),
    S.EXPIRED: ("time", "bad"),
    S.COMPLETED: ("circle-check", "good"),
}


def late_days(row: Assignment) -> int:
    """For how many days it has waited unopened, once it is longer than the organisation's limit; else 0."""
    if row.status != S.SENT or row.sent_at is None or row.sent_at > waiting_since():
        return 0
    return (timezone.now() - row.sent_at).days


def state_words(row: Assignment) -> str:
    days = late_days(row)
    if days:
        return ngettext("Unopened for %(days)d day", "Unopened for %(days)d days", days) % {"days": days}
    return row.get_status_display()


def state_look(row: Assignment) -> dict[str, str]:
    return {"icon": "warning", "tone": "bad"} if late_days(row) else looks(LOOKS, S(row.status))


def when(moment: Any) -> str:
    return date_format(timezone.localtime(moment), "SHORT_DATETIME_FORMAT") if moment else ""


class AssignmentFilterSet(ScopedFilterSet):
    status = django_filters.MultipleChoiceFilter(
        label=gettext_lazy("Status"), choices=S.choices, widget=forms.CheckboxSelectMultiple
    )
    waiting = django_filters.ChoiceFilter(
        label=gettext_lazy("To follow up"),
        method="filter_waiting",
        choices=[
            ("yes", gettext_lazy("Unopened for too long")),
            ("answered", gettext_lazy("Answered since yesterday")),
        ],
        empty_label=gettext_lazy("All"),
        widget=forms.RadioSelect,
    )
    association = django_filters.ModelChoiceFilter(
        label=gettext_lazy("Belongs at or below"),
        queryset=LocalAssociation.objects.all(),
        widget=AssociationWidget,
        method="filter_association",
    )

    class Meta:
        model = Assignment
        fields = ["status", "waiting", "association"]

    def filter_waiting(self, queryset, name, value):
        if value == "answered":
            return answered_since(queryset, yesterday_began())
        return queryset.filter(status=S.SENT, sent_at__lte=waiting_since())

    def filter_association(self, queryset, name, value):
        return queryset.filter(local_association__path__startswith=value.path)


class AssignmentInspectView(ScopedInspectView):
    """Facts, what became of it, who read it when, and the answer. Never the content."""

    template_name = "assignments/assignment.html"

    def get_page_title(self):
        return str(word_lazy("assignment"))

    def get_context_data(self, **kwargs):
        row: Assignment = self.object
        receipts = AssignmentReadReceipt.objects.visible_to(self.scope).filter(assignment=row)
        answer = AssignmentConsent.objects.visible_to(self.scope).filter(assignment=row)
        return super().get_context_data(
            facts=self.facts(),
            words=state_words(row),
            state=state_look(row),
            times=self.times(),
            receipts=receipts.select_related("user"),
            answer=answer.select_related("user").first(),
            declined=Response.DECLINED,
            **kwargs,
        )

    def facts(self) -> list[tuple[str, Any]]:
        row = self.object
        contact = Contact.objects.visible_to(self.scope).filter(pk=row.contact_id).first()
        facts: list[tuple[str, Any]] = [
            (_("Recipient"), row.recipient or _("nobody any more")),
            (_("Asked as"), row.get_role_context_display()),
            (_("About"), contact or ""),
            (_("Sender"), row.sender or ""),
            (_("Belongs to"), row.local_association),
            (_("Expires"), when(row.expires_at) if row.status in OPEN_STATES else ""),
            (_("Reminder to the coordinator"), self.escalation()),
        ]
        return [(label, value) for label, value in facts if value not in ("", None)]

    def escalation(self) -> str:
        row = self.object
        if row.escalated_at is None:
            return ""
        return f"{Delivery(row.escalation).label}, {when(row.escalated_at)}"

    def times(self) -> list[tuple[str, str]]:
        """What happened, in its order."""
        row = self.object
        columns = ("sent_at", "opened_at", "accepted_at", "declined_at", "completed_at", "withdrawn_at")
        found = [
            (getattr(row, name), str(row._meta.get_field(name).verbose_name))
            for name in (*columns, "expired_at", "content_destroyed_at")
        ]
        return [(label.capitalize(), when(at)) for at, label in sorted(f for f in found if f[0] is not None)]


@method_decorator(never_cache, name="dispatch")
class ContentView(ScopedRowView):
    """What the sender wrote, until the recipient has opened it; that it was read is recorded."""

    template_name = "assignments/content.html"
    page_title = gettext_lazy("What you wrote")

    def get_context_data(self, **kwargs):
        row: Assignment = self.object
        if row.sender_id != self.request.user.pk or row.status not in WITH_SENDER:
            raise Http404
        try:
            content = opening.read_own(row, by=self.request.user)
        except DomainError:
            raise Http404 from None
        labels = {
            "name": _("Name"),
            "address": _("Address"),
            "phone": _("Phone"),
            "medical_summary": _("Medical summary"),
            "message": _("Message"),
        }
        parts = [(label, content.get(name, "")) for name, label in labels.items()]
        return super().get_context_data(parts=[part for part in parts if part[1]], **kwargs)


class SendView(ScopedActionView):
    page_title = gettext_lazy("Send")
    button = gettext_lazy("Send")
    success_message = gettext_lazy("The assignment is sent.")
    explanation = gettext_lazy("The recipient sees that there is one; opening it leaves a receipt.")

    def apply(self, form):
        rules.send_assignment(self.object, by=self.request.user, version=self.version)


class WithdrawView(ScopedActionView):
    page_title = gettext_lazy("Withdraw")
    button = gettext_lazy("Withdraw and destroy the content")
    is_serious = True
    form_class = ReasonForm
    success_message = gettext_lazy("It is withdrawn, and its content destroyed.")
    explanation = gettext_lazy(
        "Name, address, phone, medical summary and message are destroyed at once: nobody can read them any "
        "more, not the recipient, not you, and not from a backup. What stays is that it was sent, to whom, "
        "and who has read it. This can't be undone."
    )

    def apply(self, form):
        rules.withdraw_assignment(
            self.object, reason=form.cleaned_data["reason"], by=self.request.user, version=self.version
        )


class TellAgainView(ScopedActionView):
    page_title = gettext_lazy("Send the reminder again")
    button = gettext_lazy("Send again")
    success_message = gettext_lazy("The reminder is sent again.")
    explanation = gettext_lazy(
        "Nobody knows whether the first one arrived. If it did, mail programs can tell that it is the same."
    )

    def apply(self, form):
        repeating.tell_again(self.object, by=self.request.user, version=self.version)


class CompleteView(ScopedActionView):
    page_title = gettext_lazy("Complete")
    button = gettext_lazy("Complete")
    success_message = gettext_lazy("The assignment is completed.")

    @property
    def explanation(self):
        days = current_settings().retention_assignments_days
        return ngettext(
            "It counts for the honorarium. The content can be read for %(days)s day more.",
            "It counts for the honorarium. The content can be read for %(days)s days more.",
            days,
        ) % {"days": days}

    def apply(self, form):
        rules.complete_assignment(self.object, by=self.request.user, version=self.version)


class AssignmentViewSet(ScopedViewSet):
    model = Assignment
    name = "assignments"
    url_prefix = "assignments"
    icon = "mail"
    menu_label = word_lazy("assignment", "plural")
    path_field = "local_association__path"
    filterset_class = AssignmentFilterSet
    search_fields = ["recipient__name_search"]
    ordering = "-created_at"
    export_filename = "assignments"
    inspect_view_class = AssignmentInspectView
    row_views: ClassVar = {
        "content": ContentView,
        "send": SendView,
        "withdraw": WithdrawView,
        "complete": CompleteView,
        "tell_again": TellAgainView,
    }
    list_views: ClassVar = {"dispatch": DispatchView}
    list_export: ClassVar = [
        *("recipient", "role_context", "local_association", "status", "sent_at", "opened_at"),
        *("accepted_at", "declined_at", "withdrawn_at", "completed_at", "expired_at", "expires_at"),
    ]
    export_headings: ClassVar = {
        "recipient": gettext_lazy("Recipient"),
        "local_association": gettext_lazy("Belongs to"),
    }

    @property
    def list_display(self):
        return [
            TitleColumn(
                "recipient",
                label=_("Recipient"),
                accessor=lambda row: row.recipient or _("nobody any more"),
                sort_key="recipient__name_key",
                get_url=lambda row: reverse(self.get_url_name("inspect"), args=[row.pk]),
            ),
            StateColumn(
                "status",
                label=_("Status"),
                accessor=state_words,
                icon=lambda row: state_look(row)["icon"],
                tone=lambda row: state_look(row)["tone"],
                sort_key="status",
            ),
            Column("sent_at", label=_("Sent"), sort_key="sent_at", accessor=lambda row: day(row.sent_at)),
            Column(
                "expires_at",
                label=_("Expires"),
                sort_key="expires_at",
                accessor=lambda row: day(row.expires_at) if row.status in OPEN_STATES else "",
                classname="wide-only",
            ),
            Column("local_association", label=_("Belongs to"), classname="wide-only"),
        ]

    def rows(self, scope):
        return super().rows(scope).select_related("recipient", "sender", "local_association", "record_key")

    def list_buttons(self, view):
        if not self.may(view.scope, "add"):
            return []
        url = reverse(self.get_url_name("dispatch"))
        return [HeaderButton(_("Send an assignment"), url=url, icon_name="plus", priority=5)]

    def row_buttons(self, view, row):
        buttons = []
        if self.may(view.scope, "change", row):
            if row.status == S.DRAFT:
                buttons.append(("send", _("Send"), "mail"))
            if row.status == S.ACCEPTED:
                buttons.append(("complete", _("Complete"), "check"))
            if late_days(row) and row.escalation in REPEATABLE:
                buttons.append(("tell_again", _("Send the reminder again"), "mail"))
            if row.status in OPEN_STATES:
                buttons.append(("withdraw", _("Withdraw"), "cross"))
        if row.sender_id == view.request.user.pk and row.status in WITH_SENDER and row.has_content:
            buttons.append(("content", _("What you wrote"), "view"))
        return [
            Button(
                label, url=reverse(self.get_url_name(name), args=[row.pk]), icon_name=icon, priority=40 + at
            )
            for at, (name, label, icon) in enumerate(buttons)
        ]


class ThresholdForm(ScopedModelForm):
    class Meta:
        model = HonorariumThreshold
        fields = [
            *("assignments_from", "rate", "currency", "period"),
            *("notify_coordinator", "valid_from", "valid_to"),
        ]
        widgets = {"valid_from": AdminDateInput, "valid_to": AdminDateInput}

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            for name in ("assignments_from", "currency", "period", "valid_from"):
                del self.fields[name]


class ThresholdViewSet(ScopedViewSet):
    model = HonorariumThreshold
    name = "honorarium_thresholds"
    url_prefix = "honorarium-thresholds"
    icon = "list-ol"
    menu_label = gettext_lazy("Honorarium thresholds")
    form_class = ThresholdForm
    ordering = "assignments_from"
    inspect_view_fields: ClassVar = [
        *("assignments_from", "rate", "currency", "period"),
        *("notify_coordinator", "valid_from", "valid_to"),
    ]

    @property
    def list_display(self):
        return [
            TitleColumn(
                "assignments_from",
                label=_("From assignment number"),
                sort_key="assignments_from",
                get_url=lambda row: reverse(self.get_url_name("inspect"), args=[row.pk]),
            ),
            NumberColumn(
                "rate",
                label=_("Amount for each"),
                accessor=lambda row: f"{number_format(row.rate, 2)} {row.currency}",
            ),
            Column("period", label=_("Counted in each"), accessor=lambda row: row.get_period_display()),
            BooleanColumn("notify_coordinator", label=_("Tell the coordinators"), classname="wide-only"),
            Column("valid_from", label=_("From"), accessor=lambda row: day(row.valid_from)),
            Column("valid_to", label=_("To"), accessor=lambda row: day(row.valid_to), classname="wide-only"),
        ]

    def create(self, values, *, by):
        return honorarium.add_threshold(**values, by=by)

    def change(self, row, values, *, by, version):
        return honorarium.change_threshold(row, changes=values, by=by, version=version)


class AssignmentsGroup(ScopedGroup):
    menu_label = word_lazy("assignment", "plural")
    menu_name = "assignments"
    menu_icon = "mail"
    menu_order = 265
    items = (AssignmentViewSet, HonorariumPage, ThresholdViewSet)
