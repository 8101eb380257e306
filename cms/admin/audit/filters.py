"""How a timeline is narrowed down."""

import django_filters
from django import forms
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet

from domain.audit.models import AuditEvent
from domain.audit.queries import of_kind

CHANGES, READS, SESSIONS, SUPPORT = "changes", "reads", "sessions", "support"
KINDS = [
    (CHANGES, _("Changes")),
    (READS, _("Reading and exports")),
    (SESSIONS, _("Signing in and out")),
    (SUPPORT, _("Under support access")),
]


class AuditFilterSet(WagtailFilterSet):
    """Words are looked for in names, labels and reasons, as far as they weren't erased."""

    at = django_filters.DateFromToRangeFilter(label=_("Date"), widget=DateRangePickerWidget)
    kind = django_filters.ChoiceFilter(
        label=_("What"),
        choices=KINDS,
        method="of_kind",
        empty_label=_("Everything"),
        widget=forms.RadioSelect,
    )
    actor = django_filters.CharFilter(label=_("Done by (part of the name)"), method="done_by")
    label = django_filters.CharFilter(label=_("Object (part of its name)"), method="of_object")

    class Meta:
        model = AuditEvent
        fields: list[str] = []

    def of_kind(self, queryset, name, value):
        return of_kind(queryset, value)

    def done_by(self, queryset, name, value):
        return queryset.filter(detail__actor_label__icontains=value)

    def of_object(self, queryset, name, value):
        return queryset.filter(detail__object_label__icontains=value)
