"""Home visits: writing the report, and ticking off what was to follow."""

from typing import Any, ClassVar

import django_filters
from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import BooleanField, ExpressionWrapper, Prefetch, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.widgets import AdminDateInput

from cms.admin.organizations.listing import StateColumn
from cms.admin.scoped import ScopedActionView, ScopedFilterSet, ScopedForm, ScopedViewSet
from cms.admin.scoped.views import ScopedIndexView
from domain.activities import visits
from domain.activities.choices import CourseInterest
from domain.activities.models import ActivityContact, HomeVisitFollowUp, HomeVisitReport
from domain.activities.models.activities import CHANGE, READ_SUMMARY
from domain.core.reminding import REPEATABLE
from domain.core.scope import Scope
from domain.encryption.reading import read_sealed_rows
from domain.people.models import Contact

from .words import word, word_lazy

# Empty lines offered for what is to follow; more of them when these are saved.
SPARE_LINES = 3


def follow_ups_for(scope: Scope) -> QuerySet[HomeVisitFollowUp]:
    """What is to follow after the visits whose reports the caller may read."""
    reports = HomeVisitReport.objects.visible_to(scope)
    return HomeVisitFollowUp.objects.filter(report__in=reports).select_related(
        "report__activity__type", "report__activity__mentor", "report__activity__local_association", "done_by"
    )


def open_follow_ups(contact: Contact, scope: Scope) -> list[HomeVisitFollowUp]:
    """What is still to follow after visits to a contact, due first."""
    rows = follow_ups_for(scope).filter(done_at=None, report__activity__contact_links__contact=contact)
    return list(rows.order_by("due_on", "pk")[:20])


class VisitForm(ScopedForm):
    """The form after a home visit. Lines of what is to follow are plain pairs of fields: no script needed."""

    health_status = forms.CharField(
        label=gettext_lazy("Health"),
        max_length=5000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("Kept encrypted. Write only what the next one needs to know."),
    )
    assistive_devices = forms.CharField(
        label=gettext_lazy("Assistive devices"),
        max_length=5000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Kept encrypted."),
    )
    course_interest = forms.ChoiceField(
        label=gettext_lazy("Interest in courses"),
        choices=CourseInterest.choices,
        initial=CourseInterest.UNKNOWN,
        widget=forms.RadioSelect,
    )
    is_urgent = forms.BooleanField(
        label=gettext_lazy("Urgent"),
        required=False,
        help_text=gettext_lazy("The coordinators are told at once, by e-mail."),
    )

    def __init__(self, *args: Any, held: list[tuple[str, Any]], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.held = held
        count = min(len(held) + SPARE_LINES, visits.MOST_FOLLOW_UPS)
        self.numbers = range(count)
        for number in self.numbers:
            what, due = held[number] if number < len(held) else ("", None)
            self.fields[f"what_{number}"] = forms.CharField(
                label=_("What"), max_length=200, required=False, initial=what
            )
            self.fields[f"due_{number}"] = forms.DateField(
                label=_("Due"), required=False, initial=due, widget=AdminDateInput
            )

    def plain_fields(self) -> list[Any]:
        return [self[name] for name in type(self).base_fields]

    def lines(self) -> list[tuple[int, Any, Any]]:
        return [(number + 1, self[f"what_{number}"], self[f"due_{number}"]) for number in self.numbers]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        for number in self.numbers:
            if given.get(f"what_{number}") and not given.get(f"due_{number}"):
                if f"due_{number}" not in self.errors:
                    self.add_error(f"due_{number}", _("Say by which day."))
            elif given.get(f"due_{number}") and not given.get(f"what_{number}"):
                self.add_error(f"what_{number}", _("Say what is to be done."))
        return given

    def values(self) -> dict[str, Any]:
        """What was typed; what is to follow only where it is another than before."""
        given = {name: self.cleaned_data[name] for name in type(self).base_fields}
        pairs = [(self.cleaned_data[f"what_{n}"], self.cleaned_data[f"due_{n}"]) for n in self.numbers]
        wanted = [pair for pair in pairs if pair[0]]
        if wanted != self.held:
            given["follow_ups"] = [{"what": what, "due_on": due} for what, due in wanted]
        return given


class WriteVisitView(ScopedActionView):
    """Write the report of a visit, or change it; what is sealed is opened for that on the record."""

    template_name = "activities/visit_form.html"
    permission_required = CHANGE
    form_class = VisitForm
    success_message = gettext_lazy("The report is saved.")

    def get_page_title(self):
        return word("home_visit")

    @cached_property
    def report(self) -> HomeVisitReport | None:
        if not self.may(READ_SUMMARY, self.object):
            raise PermissionDenied
        return HomeVisitReport.objects.visible_to(self.scope).filter(activity=self.object).first()

    def get_form_kwargs(self):
        held = self.report.follow_ups.filter(done_at=None) if self.report else ()
        return {**super().get_form_kwargs(), "held": [(each.what, each.due_on) for each in held]}

    def get_initial(self):
        report = self.report
        if report is None or self.request.method != "GET":
            return super().get_initial()
        who = {"by": self.request.user, "scope": self.scope}
        opened = read_sealed_rows(HomeVisitReport, [report.pk], list(visits.SEALED), **who).get(report.pk, {})
        plain = {"course_interest": report.course_interest, "is_urgent": report.is_urgent}
        return {**plain, **{name: opened.get(name) or "" for name in visits.SEALED}}

    def apply(self, form):
        given, by = form.values(), self.request.user
        if self.report is None:
            visits.write_report(self.object, by=by, **given)
        else:
            visits.change_report(self.report, changes=given, by=by, version=self.version)

    def get_context_data(self, **kwargs):
        done = (
            list(self.report.follow_ups.exclude(done_at=None).select_related("done_by"))
            if self.report
            else []
        )
        return super().get_context_data(
            report_version=self.report.version if self.report else 0,
            done=done,
            **kwargs,
        )


class _AboutVisits:
    """Reading what is to follow is reading about the mentor of the visit, and about who was visited."""

    def note_list(self, page, **said):
        rows = list(page)
        links = [link for row in rows for link in row.report.activity.contact_links.all()]
        super().note_list({link.contact_id: link.contact for link in links}.values())  # type: ignore[misc]
        return super().note_list([row.report for row in rows], **said)  # type: ignore[misc]

    def note_read(self, obj, **said):
        return super().note_read(obj.report, **said)  # type: ignore[misc]


class FollowUpFilterSet(ScopedFilterSet):
    state = django_filters.ChoiceFilter(
        label=gettext_lazy("State"),
        method="filter_state",
        choices=[
            ("open", gettext_lazy("Open")),
            ("late", gettext_lazy("Late")),
            ("done", gettext_lazy("Done")),
        ],
        empty_label=gettext_lazy("All"),
        widget=forms.RadioSelect,
    )

    class Meta:
        model = HomeVisitFollowUp
        fields = ["state"]

    def filter_state(self, queryset, name, value):
        if value == "done":
            return queryset.exclude(done_at=None)
        rows = queryset.filter(done_at=None)
        return rows.filter(due_on__lt=timezone.localdate()) if value == "late" else rows


class FollowUpIndexView(_AboutVisits, ScopedIndexView):
    page_title = gettext_lazy("Follow-ups")

    def order_queryset(self, queryset):
        if not self.request.GET.get("ordering"):
            # What is still to be done first, and of that what is due first.
            return queryset.order_by("is_done", "due_on", "pk")
        return super().order_queryset(queryset)


class DoneView(_AboutVisits, ScopedActionView):
    page_title = gettext_lazy("It is done")
    button = gettext_lazy("It is done")
    permission_required = CHANGE
    form_class = ScopedForm
    success_message = gettext_lazy("It is ticked off.")

    @property
    def explanation(self):
        row = self.object
        return _("“%(what)s”, after %(visit)s. It is noted who ticked it off, and when.") % {
            "what": row.what,
            "visit": row.report.activity,
        }

    def apply(self, form):
        visits.finish_follow_up(self.object.report, follow_up=self.object.pk, by=self.request.user)


class RemindAgainView(_AboutVisits, ScopedActionView):
    page_title = gettext_lazy("Send the reminder again")
    button = gettext_lazy("Send again")
    permission_required = CHANGE
    form_class = ScopedForm
    success_message = gettext_lazy("The reminder is sent again.")
    explanation = gettext_lazy(
        "Nobody knows whether the first one arrived. If it did, mail programs can tell that it is the same."
    )

    def apply(self, form):
        visits.remind_again(self.object.report, follow_up=self.object.pk, by=self.request.user)


def reminder_words(row: HomeVisitFollowUp) -> str:
    """What became of the mail, or that it can be sent again."""
    if row.done_at is None and row.reminder in REPEATABLE:
        return _("%(outcome)s: send again") % {"outcome": row.get_reminder_display()}
    return str(row.get_reminder_display()) if row.reminder else ""


LOOKS = {"open": ("time", ""), "late": ("warning", "bad"), "done": ("circle-check", "good")}


def state_of(row: HomeVisitFollowUp) -> str:
    if row.done_at is not None:
        return "done"
    return "late" if row.due_on < timezone.localdate() else "open"


def due_words(row: HomeVisitFollowUp) -> str:
    """By which day, and that it has passed."""
    day = date_format(row.due_on, "SHORT_DATE_FORMAT")
    return _("Late: %(day)s") % {"day": day} if state_of(row) == "late" else day


def contacts_of(row: HomeVisitFollowUp) -> str:
    return ", ".join(str(link.contact) for link in row.report.activity.contact_links.all())


class DoneColumn(Column):
    """Who ticked it off and when, or the way to do so."""

    cell_template_name = "activities/done_cell.html"


class FollowUpViewSet(ScopedViewSet):
    model = HomeVisitFollowUp
    name = "home_visit_follow_ups"
    url_prefix = "follow-ups"
    icon = "tasks"
    menu_label = gettext_lazy("Follow-ups")
    path_field = "report__activity__local_association__path"
    filterset_class = FollowUpFilterSet
    search_fields = ["what", "report__activity__mentor__name_search"]
    ordering = "due_on"
    history_enabled = False
    inspect_view_enabled = False
    index_view_class = FollowUpIndexView
    row_views: ClassVar = {"done": DoneView, "remind_again": RemindAgainView}

    @property
    def list_display(self):
        return [
            TitleColumn(
                "what",
                label=_("What"),
                get_url=lambda row: reverse("activities:inspect", args=[row.report.activity_id]),
            ),
            StateColumn(
                "due_on",
                label=_("Due"),
                sort_key="due_on",
                accessor=due_words,
                icon=lambda row: LOOKS[state_of(row)][0],
                tone=lambda row: LOOKS[state_of(row)][1],
            ),
            Column("contacts", label=str(word_lazy("contact")), accessor=contacts_of, classname="wide-only"),
            Column(
                "mentor",
                label=str(word_lazy("peer_mentor")),
                accessor=lambda row: row.report.activity.mentor or "",
                classname="wide-only",
            ),
            TitleColumn(
                "reminder",
                label=_("Reminder"),
                accessor=reminder_words,
                get_url=lambda row: (
                    reverse(self.get_url_name("remind_again"), args=[row.pk])
                    if row.done_at is None and row.reminder in REPEATABLE
                    else None
                ),
            ),
            DoneColumn("done", label=_("Done")),
        ]

    def rows(self, scope):
        named = ActivityContact.objects.filter(contact__in=Contact.objects.visible_to(scope)).select_related(
            "contact"
        )
        return (
            follow_ups_for(scope)
            .prefetch_related(Prefetch("report__activity__contact_links", queryset=named))
            .annotate(is_done=ExpressionWrapper(Q(done_at__isnull=False), output_field=BooleanField()))
        )

    def may(self, scope, verb, row=None):
        # Who reads what is written of visits sees what is to follow.
        return super().may(scope, READ_SUMMARY if verb == "view" else verb, row)

    def url_after(self, view, row):
        """Back to where it was ticked off: the page of the contact or of the activity, else the list."""
        back = view.request.GET.get("back", "")
        if back == "activity":
            return reverse("activities:inspect", args=[row.report.activity_id])
        for link in row.report.activity.contact_links.all():
            if back == str(link.contact_id):
                return reverse("contacts:inspect", args=[link.contact_id])
        return reverse(self.get_url_name("index"))
