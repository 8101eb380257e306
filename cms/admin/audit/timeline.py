"""The timelines: of the organisation, of an object, of a person."""

from itertools import groupby
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.views.reports import ReportView
from wagtail.admin.widgets.button import HeaderButton

from cms.admin.scoped.access import scope_of
from domain.audit import queries
from domain.audit.models import AuditEvent, AuditSeal
from domain.audit.rules import write
from domain.audit.words import kind_of, said
from domain.identity.models import Membership, User
from domain.people.models import Contact

from . import words
from .filters import AuditFilterSet

VIEW = "audit.view_auditevent"


class MayReadTheRecord:
    """First base of every view here: refused without the permission."""

    def dispatch(self, request, *args, **kwargs):
        if not request.user.has_perm(VIEW):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]


class TimelineView(MayReadTheRecord, ReportView):
    """Everything that happened, newest first, by day."""

    model = AuditEvent
    page_title: Any = gettext_lazy("Audit record")
    header_icon = "history"
    index_url_name = "audit:index"
    index_results_url_name = "audit:results"
    any_permission_required: ClassVar[list[str]] = ["view"]
    template_name = "audit/timeline.html"
    results_template_name = "audit/timeline_results.html"
    filterset_class = AuditFilterSet
    is_searchable = False
    default_ordering = "-at"
    paginate_by = 50
    list_export: ClassVar[list[str]] = []
    verbose_name_plural = gettext_lazy("events")

    def get_base_queryset(self):
        return AuditEvent.objects.all()

    def decorate_paginated_queryset(self, object_list):
        sealed = set(
            AuditSeal.objects.filter(event_id__in=[event.pk for event in object_list]).values_list(
                "event_id", flat=True
            )
        )
        for event in object_list:
            event.said = said(event)
            event.icon = words.icon(event)
            event.lines = words.changes_of(event)
            event.is_sealed = event.pk in sealed
            event.day = localtime(event.at).date()
        return object_list

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        return {**context, "tabs": self.tabs()}

    def render_to_response(self, context, **kwargs):
        # Decorated by now, but not yet when the context was made.
        context["days"] = [
            (day, list(events))
            for day, events in groupby(context["object_list"], key=lambda event: event.day)
        ]
        return super().render_to_response(context, **kwargs)

    def tabs(self) -> list[dict[str, Any]]:
        """Other timelines about the same."""
        return []

    @cached_property
    def no_results_message(self):
        return _("Nothing is recorded here.")

    @cached_property
    def header_buttons(self):
        return []


class EverythingView(TimelineView):
    @cached_property
    def header_buttons(self):
        return [HeaderButton(_("Export the record"), url=reverse("audit:export"), icon_name="download")]


class ObjectView(TimelineView):
    """What happened to one object."""

    index_url_name = "audit:object"
    index_results_url_name = "audit:object_results"

    def get_base_queryset(self):
        return queries.history_of(self.kwargs["object_type"], self.kwargs["object_id"])

    @cached_property
    def label(self) -> str:
        """The name the object had last, or what kind of object it is."""
        last = self.get_base_queryset().exclude(object_label="").first()
        return last.object_label if last else kind_of(self.kwargs["object_type"])

    def get_page_title(self):
        return _("History of %(label)s") % {"label": self.label}

    def get_index_url(self):
        return reverse(self.index_url_name, kwargs=self.kwargs)

    def get_index_results_url(self):
        return reverse(self.index_results_url_name, kwargs=self.kwargs)

    def get_breadcrumbs_items(self):
        *base, here = super().get_breadcrumbs_items()
        return [*base, {"url": reverse("audit:index"), "label": _("Audit record")}, here]


class PersonView(ObjectView):
    """Of one person; looking is itself recorded, since it tells much about them."""

    what = "did"

    @cached_property
    def person(self) -> User | AuditEvent:
        """Whoever is a member here; or else, of one who did something here, the last event of theirs."""
        pk = self.kwargs["pk"]
        members = Membership.objects.filter(organization=self.request.tenant).values("user")
        person = User.objects.filter(pk__in=members).filter(pk=pk).first()
        # Platform staff under support access are no members, nor are those who left long ago.
        found = (
            person or Contact.objects.filter(pk=pk).first() or AuditEvent.objects.filter(actor_id=pk).first()
        )
        if found is None:
            raise Http404
        return found

    @cached_property
    def label(self):
        if isinstance(self.person, Contact):
            # The record names contacts by their id: whoever reads it need not be somebody who sees them.
            seen = Contact.objects.visible_to(scope_of(self.request)).filter(pk=self.person.pk)
            return str(seen.first() or self.person.pk)
        return self.person.actor_label if isinstance(self.person, AuditEvent) else str(self.person)

    def get(self, request, *args, **kwargs):
        if self.kwargs["pk"] != request.user.pk:
            subject = self.person
            label = str(subject.pk if isinstance(subject, Contact) else subject)
            kind, key = subject._meta.label_lower, str(subject.pk)
            write("audit-event.read", kind, key, label, by=request.user, subject_ids=[self.kwargs["pk"]])
        return super().get(request, *args, **kwargs)

    def tabs(self):
        return [
            {
                "url": reverse(f"audit:person_{what}", args=[self.kwargs["pk"]]),
                "label": label,
                "is_current": what == self.what,
            }
            for what, label in (
                ("did", _("What %(name)s did") % {"name": self.label}),
                ("read", _("Who has read about %(name)s") % {"name": self.label}),
                ("about", _("Everything about %(name)s") % {"name": self.label}),
            )
        ]

    def get_page_title(self):
        return next(tab["label"] for tab in self.tabs() if tab["is_current"])


class PersonDidView(PersonView):
    index_url_name = "audit:person_did"
    index_results_url_name = "audit:person_did_results"

    def get_base_queryset(self):
        return queries.done_by(self.kwargs["pk"])


class PersonReadView(PersonView):
    what = "read"
    index_url_name = "audit:person_read"
    index_results_url_name = "audit:person_read_results"

    def get_base_queryset(self):
        return queries.reads_about(self.kwargs["pk"])

    @cached_property
    def no_results_message(self):
        return _("Nobody has read about %(name)s.") % {"name": self.label}


class PersonAboutView(PersonView):
    what = "about"
    index_url_name = "audit:person_about"
    index_results_url_name = "audit:person_about_results"

    def get_base_queryset(self):
        return queries.about(self.kwargs["pk"])
