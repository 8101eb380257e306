"""What members' phones sent and could not be taken: both values beside each other, and the decision."""

from typing import Any, ClassVar

import django_filters
from django import forms
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from wagtail.admin.ui.tables import Column, TitleColumn

from api.core.entities import entities
from api.core.errors import as_problem
from api.sync.resolving import Opened, open_entry, take
from cms.admin.organizations.listing import StateColumn
from cms.admin.scoped import ScopedActionView, ScopedFilterSet, ScopedForm, ScopedViewSet
from cms.admin.scoped.views import ScopedInspectView
from domain.core.errors import DomainError
from domain.sync.choices import Operation, Outcome
from domain.sync.inbox import discard, resolvable
from domain.sync.models import SyncMutation

from .devices import moment
from .entries import form_field, help_of, initial_of, label_of, lines_of, members_of, name_in, noun_of, typed


def state_of(entry: SyncMutation) -> tuple[str, str, str]:
    """In words, with icon and tone."""
    if entry.resolution:
        return entry.get_resolution_display(), "circle-check", "quiet"
    return entry.get_outcome_display(), "warning", "bad"


def what_of(entry: SyncMutation) -> str:
    return f"{noun_of(entry.resource)}: {entry.action or entry.get_op_display()}"


class InboxFilterSet(ScopedFilterSet):
    open = django_filters.ChoiceFilter(
        label=gettext_lazy("Decision"),
        method="filter_open",
        choices=[("yes", gettext_lazy("Waiting")), ("no", gettext_lazy("Decided"))],
        empty_label=gettext_lazy("All"),
        widget=forms.RadioSelect,
    )
    outcome = django_filters.ChoiceFilter(
        label=gettext_lazy("Outcome"),
        choices=[(each.value, each.label) for each in (Outcome.CONFLICT, Outcome.REJECTED)],
        empty_label=gettext_lazy("All"),
        widget=forms.RadioSelect,
    )

    class Meta:
        model = SyncMutation
        fields = ["open", "outcome"]

    def filter_open(self, queryset, name, value):
        return queryset.filter(resolution="") if value == "yes" else queryset.exclude(resolution="")


@method_decorator(never_cache, name="dispatch")
class EntryView(ScopedInspectView):
    """One entry; that it was opened is recorded."""

    template_name = "sync/entry.html"

    def get_page_title(self):
        return _("Sent by a phone")

    def get_page_subtitle(self):
        return str(self.object.user)

    def get_context_data(self, **kwargs):
        entry: SyncMutation = self.object
        opened = open_entry(entry, request=self.request, scope=self.scope)
        members = members_of(entry, self.request, self.scope)
        words, icon, tone = state_of(entry)
        name = self.viewset.get_url_name
        is_waiting = SyncMutation.objects.filter(resolvable(self.scope), pk=entry.pk).exists()
        version = opened.server.get("version") if opened.server else None
        return super().get_context_data(
            facts=self.facts(),
            opened=opened,
            lines=lines_of(entry, opened, request=self.request, scope=self.scope, members=members),
            words=words,
            state={"icon": icon, "tone": tone},
            may_decide=is_waiting and not opened.is_hidden,
            may_edit=any(form_field(each, "") for each in members.values()),
            has_server=opened.server is not None and entry.op != Operation.CREATE,
            row_version="" if version is None else version,
            take_url=reverse(name("take"), args=[entry.pk]),
            keep_url=reverse(name("keep"), args=[entry.pk]),
            change_url=reverse(name("change"), args=[entry.pk]),
            **kwargs,
        )

    def facts(self) -> list[tuple[str, str]]:
        entry = self.object
        done = entry.occurred_there
        facts = [
            (_("Person"), str(entry.user)),
            (_("Device"), str(entry.device)),
            (_("What"), what_of(entry)),
            (_("Done on the phone"), done.strftime("%d.%m.%Y %H:%M") if done else ""),
            (_("Received"), moment(entry.created_at)),
            (_("Decided by"), str(entry.resolved_by or "") if entry.resolution else ""),
            (_("Decided"), moment(entry.resolved_at)),
        ]
        return [(label, value) for label, value in facts if value]


class DecideView(ScopedActionView):
    """A decision that the page of the entry asks for with one button."""

    def form_valid(self, form):
        try:
            return super().form_valid(form)
        except Exception as error:
            problem = as_problem(error)
            if problem is None or isinstance(error, DomainError):
                raise
            for each in problem.errors or [{"pointer": "", "detail": str(problem.detail)}]:
                name = name_in(f"#/data/{each['pointer'].removeprefix('#/').removeprefix('data/')}")
                said = str(each["detail"])
                if name in form.fields:
                    form.add_error(name, said)
                else:
                    form.add_error(None, f"{self.named(name)}: {said}" if name else said)
            return self.form_invalid(form)

    def named(self, name: str) -> str:
        return name

    def get_page_subtitle(self):
        return str(self.object.user)

    @cached_property
    def row_version(self) -> int | None:
        raw = self.request.POST.get("row_version", "")
        return int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 10 else None

    def get_success_url(self):
        return reverse(self.viewset.get_url_name("index")) + "?open=yes"


class RowVersionForm(ScopedForm):
    row_version = forms.IntegerField(required=False, widget=forms.HiddenInput)


class TakeView(DecideView):
    page_title = gettext_lazy("Take the phone's")
    button = gettext_lazy("Take the phone's")
    form_class = RowVersionForm
    explanation = gettext_lazy("What the phone sent is written, in the name of whoever wrote it.")
    success_message = gettext_lazy("What the phone sent was taken.")

    def apply(self, form):
        take(
            self.object,
            request=self.request,
            scope=self.scope,
            version=self.version,
            row_version=self.row_version,
        )


class KeepView(DecideView):
    page_title = gettext_lazy("Keep what is here")
    button = gettext_lazy("Keep what is here")
    is_serious = True
    explanation = gettext_lazy("What the phone sent is gone for good. Nothing else is changed.")
    success_message = gettext_lazy("What is here was kept.")

    def apply(self, form):
        discard(self.object, by=self.request.user, version=self.version)


@method_decorator(never_cache, name="dispatch")
class ChangeView(DecideView):
    """The members that can be typed; the others stay as they were sent."""

    page_title = gettext_lazy("Edit and take")
    button = gettext_lazy("Take what is written here")
    explanation = gettext_lazy("Correct what the phone sent. It is written in the name of whoever wrote it.")
    success_message = gettext_lazy("What you wrote was taken.")

    @cached_property
    def opened(self) -> Opened:
        return open_entry(self.object, request=self.request, scope=self.scope)

    @cached_property
    def members(self) -> dict[str, Any]:
        """Those that were sent, and those that were found wrong."""
        known = members_of(self.object, self.request, self.scope)
        wrong = [name_in(error.get("pointer", "")) for error in self.opened.errors]
        names = dict.fromkeys([*(self.opened.data or {}), *wrong])
        return {name: known[name] for name in names if name in known}

    @cached_property
    def faults(self) -> dict[str, str]:
        """What was found wrong when it came, by member."""
        if self.object.outcome == Outcome.CONFLICT:
            return {}
        return {name_in(each.get("pointer", "")): each.get("detail", "") for each in self.opened.errors}

    def named(self, name: str) -> str:
        return label_of(name, self.members.get(name), None)

    def get_form_class(self):
        view = entities.get(self.object.resource)
        model = view.model() if view is not None else None
        fields: dict[str, Any] = {}
        for name, member in self.members.items():
            field = form_field(member, label_of(name, member, model))
            if field is not None:
                field.help_text = self.faults.get(name) or help_of(name, model)
                fields[name] = field
        return type("EntryForm", (RowVersionForm,), fields)

    def get_initial(self):
        data, server = self.opened.data or {}, self.opened.server or {}
        initial = {name: initial_of(data.get(name), member) for name, member in self.members.items()}
        return {**initial, "row_version": server.get("version")}

    def apply(self, form):
        data = dict(self.opened.data or {})
        for name, member in self.members.items():
            # What was left out and is still empty, stays left out.
            if name in form.fields and (name in data or form.cleaned_data[name] not in ("", None)):
                data[name] = typed(form.cleaned_data[name], member)
        take(
            self.object,
            request=self.request,
            scope=self.scope,
            version=self.version,
            data=data,
            row_version=self.row_version,
        )


class InboxViewSet(ScopedViewSet):
    model = SyncMutation
    name = "sync_inbox"
    url_prefix = "inbox"
    icon = "warning"
    menu_label = gettext_lazy("Inbox from phones")
    filterset_class = InboxFilterSet
    search_fields = ["user__name_search"]
    ordering = "-created_at"
    export_filename = "inbox"
    inspect_view_class = EntryView
    history_enabled = True
    row_views: ClassVar = {"take": TakeView, "keep": KeepView, "change": ChangeView}
    list_export: ClassVar = [
        "user",
        "device",
        "resource",
        "op",
        "outcome",
        "code",
        "created_at",
        "resolution",
    ]

    @property
    def list_display(self):
        return [
            TitleColumn(
                "user",
                label=_("Person"),
                sort_key="user__name_key",
                get_url=lambda row: reverse(self.get_url_name("inspect"), args=[row.pk]),
            ),
            Column("what", label=_("What"), accessor=what_of),
            StateColumn(
                "state",
                label=_("Status"),
                accessor=lambda row: state_of(row)[0],
                icon=lambda row: state_of(row)[1],
                tone=lambda row: state_of(row)[2],
            ),
            Column("device", label=_("Device"), accessor="device", classname="wide-only"),
            Column(
                "created_at",
                label=_("Received"),
                sort_key="created_at",
                accessor=lambda row: moment(row.created_at),
            ),
        ]

    def rows(self, scope):
        rows: Any = super().rows(scope)
        return rows.in_inbox().select_related("user", "device", "resolved_by")
