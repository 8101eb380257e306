"""Documents for the grant: which wait to be looked at, verifying one, refusing one with a reason."""

from typing import Any, ClassVar

import django_filters
from django import forms
from django.db.models import BooleanField, ExpressionWrapper, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.ui.tables import Column, TitleColumn

from cms.admin.members.listing import DayColumn
from cms.admin.organizations.listing import StateColumn
from cms.admin.scoped import ScopedActionView, ScopedFilterSet, ScopedForm, ScopedViewSet
from cms.admin.scoped.access import scope_of
from cms.admin.scoped.views import ScopedIndexView
from domain.activities.choices import ActivityStatus, DocumentType
from domain.activities.evidence import refuse_document, verify_document
from domain.activities.models import ActivityDocument
from domain.activities.models.activities import APPROVE, READ_SUMMARY

from .forms import ReasonForm
from .words import word_lazy

WAITING, VERIFIED, REFUSED = "waiting", "verified", "refused"
LOOKS = {WAITING: ("time", ""), VERIFIED: ("circle-check", "good"), REFUSED: ("cross", "bad")}


def state_of(row: ActivityDocument) -> str:
    if row.refused_at is not None:
        return REFUSED
    return VERIFIED if row.verified_at is not None else WAITING


def state_name(row: ActivityDocument) -> str:
    return {WAITING: _("Not looked at yet"), VERIFIED: _("Verified"), REFUSED: _("Refused")}[state_of(row)]


def about(request: HttpRequest, row: ActivityDocument) -> dict[str, Any]:
    """What the panel of files says of a document besides its file, and what may be done with it."""
    icon, tone = LOOKS[state_of(row)]
    by, at = (row.refused_by, row.refused_at) if row.refused_at else (row.verified_by, row.verified_at)
    decided = f"{by or ''}, {date_format(localtime(at), 'SHORT_DATE_FORMAT')}".lstrip(", ") if at else ""
    said = {
        "title": row.get_document_type_display(),
        "state": {"icon": icon, "tone": tone, "words": state_name(row)},
        "lines": [line for line in (decided, row.refusal_reason) if line],
        "links": [],
    }
    place = row.activity.local_association.path
    if state_of(row) == WAITING and scope_of(request).can(APPROVE, place):
        offered = [("verify", _("Verify"))]
        if row.activity.status != ActivityStatus.APPROVED:
            offered.append(("refuse", _("Refuse")))
        said["links"] = [
            (reverse(f"activity_documents:{name}", args=[row.pk]), label) for name, label in offered
        ]
    return said


class DocumentAction(ScopedActionView):
    permission_required = APPROVE


class VerifyView(DocumentAction):
    page_title = gettext_lazy("Verify")
    button = gettext_lazy("Verify")
    form_class = ScopedForm
    explanation = gettext_lazy(
        "You have looked at it, and it is what it says. It is noted who did, and when."
    )
    success_message = gettext_lazy("It is verified.")

    def apply(self, form):
        verify_document(self.object, by=self.request.user, version=self.version)


class RefuseView(DocumentAction):
    page_title = gettext_lazy("Refuse")
    button = gettext_lazy("Refuse")
    form_class = ReasonForm
    is_serious = True
    explanation = gettext_lazy(
        "It doesn't prove what it should. Another one is needed in its place before the activity can be "
        "approved."
    )
    success_message = gettext_lazy("It is refused.")

    def apply(self, form):
        refuse_document(
            self.object, reason=form.cleaned_data["reason"], by=self.request.user, version=self.version
        )


class DocumentFilterSet(ScopedFilterSet):
    state = django_filters.ChoiceFilter(
        label=gettext_lazy("State"),
        method="filter_state",
        choices=[
            (WAITING, gettext_lazy("Not looked at yet")),
            (VERIFIED, gettext_lazy("Verified")),
            (REFUSED, gettext_lazy("Refused")),
        ],
        empty_label=gettext_lazy("All"),
        widget=forms.RadioSelect,
    )
    document_type = django_filters.MultipleChoiceFilter(
        label=gettext_lazy("Kind"), choices=DocumentType.choices, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = ActivityDocument
        fields = ["state", "document_type"]

    def filter_state(self, queryset, name, value):
        if value == WAITING:
            return queryset.filter(verified_at=None, refused_at=None)
        return queryset.exclude(**{f"{value}_at": None})


class DocumentIndexView(ScopedIndexView):
    page_title = gettext_lazy("Documents for the grant")

    def order_queryset(self, queryset):
        if not self.request.GET.get("ordering"):
            # What nobody has looked at first, and of that the oldest.
            return queryset.order_by("is_decided", "created_at", "pk")
        return super().order_queryset(queryset)


class DocumentViewSet(ScopedViewSet):
    model = ActivityDocument
    name = "activity_documents"
    url_prefix = "activity-documents"
    icon = "doc-full"
    menu_label = gettext_lazy("Documents")
    path_field = "activity__local_association__path"
    filterset_class = DocumentFilterSet
    search_fields = ["activity__mentor__name_search"]
    ordering = "created_at"
    history_enabled = False
    inspect_view_enabled = False
    index_view_class = DocumentIndexView
    row_views: ClassVar = {"verify": VerifyView, "refuse": RefuseView}

    @property
    def list_display(self):
        return [
            TitleColumn(
                "document_type",
                label=_("Document"),
                accessor=lambda row: row.get_document_type_display(),
                get_url=self.page_of,
            ),
            Column("activity", label=str(word_lazy("activity"))),
            StateColumn(
                "state",
                label=_("State"),
                accessor=state_name,
                icon=lambda row: LOOKS[state_of(row)][0],
                tone=lambda row: LOOKS[state_of(row)][1],
            ),
            Column(
                "mentor",
                label=str(word_lazy("peer_mentor")),
                accessor=lambda row: row.activity.mentor or "",
                classname="wide-only",
            ),
            DayColumn("created_at", label=_("Added"), sort_key="created_at", classname="wide-only"),
        ]

    def page_of(self, row: ActivityDocument) -> str:
        return f"{reverse('activities:inspect', args=[row.activity_id])}#activity-documents"

    def rows(self, scope):
        decided = Q(verified_at__isnull=False) | Q(refused_at__isnull=False)
        rows = (
            super().rows(scope).annotate(is_decided=ExpressionWrapper(decided, output_field=BooleanField()))
        )
        return rows.select_related(
            "activity__type", "activity__mentor", "activity__local_association", "file"
        )

    def may(self, scope, verb, row=None):
        # Papers show people: for who reads what is written of visits.
        return super().may(scope, READ_SUMMARY if verb == "view" else verb, row)

    def url_after(self, view, row):
        return self.page_of(row)
