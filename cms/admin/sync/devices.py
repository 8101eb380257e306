"""Phones that keep something of the organisation: when they called, what waits on them, ending one."""

from typing import Any, ClassVar

import django_filters
from django.db.models import Count, Q
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timesince import timesince
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from wagtail.admin.ui.tables import Column, TitleColumn

from cms.admin.certification.forms import NeededReasonForm
from cms.admin.members.listing import buttons_for
from cms.admin.organizations.listing import StateColumn
from cms.admin.scoped import ScopedActionView, ScopedFilterSet, ScopedViewSet
from cms.admin.scoped.views import ScopedIndexView, ScopedInspectView
from domain.sync.choices import Outcome
from domain.sync.devices import end_device
from domain.sync.models import SyncDevice
from domain.sync.receiving import CLOCK_TOLERANCE


def moment(value: Any) -> str:
    return date_format(localtime(value), "SHORT_DATETIME_FORMAT") if value else ""


def state_of(device: SyncDevice) -> tuple[str, str, str]:
    """In words, with icon and tone."""
    if device.told_at is not None:
        return _("Ended and told to wipe"), "lock", "quiet"
    if device.ended_at is not None:
        return _("Ended; not called since"), "warning", "bad"
    refused: int = device.refused  # type: ignore[attr-defined]
    if refused:
        words = ngettext("%(count)d to decide about", "%(count)d to decide about", refused)
        return words % {"count": refused}, "warning", ""
    return _("In use"), "circle-check", "good"


def waiting(device: SyncDevice) -> str:
    """What waits on the phone, as it said when it last sent anything."""
    if not device.queued:
        return ""
    if device.oldest_queued_at is None:
        return str(device.queued)
    return _("%(count)d, the oldest for %(age)s") % {
        "count": device.queued,
        "age": timesince(device.oldest_queued_at, depth=1),
    }


def clock(device: SyncDevice) -> str:
    """How wrong its clock is, where that is more than one would expect."""
    ahead = device.clock_ahead_seconds
    if ahead is None or abs(ahead) <= CLOCK_TOLERANCE.total_seconds():
        return ""
    minutes = abs(ahead) // 60
    if ahead > 0:
        return _("%(minutes)d minutes ahead") % {"minutes": minutes}
    return _("%(minutes)d minutes behind") % {"minutes": minutes}


class DeviceFilterSet(ScopedFilterSet):
    ended = django_filters.BooleanFilter(
        label=gettext_lazy("Ended"), field_name="ended_at", lookup_expr="isnull", exclude=True
    )

    class Meta:
        model = SyncDevice
        fields = ["platform"]


class EndDeviceView(ScopedActionView):
    permission_required = "change"
    page_title = gettext_lazy("End the device")
    button = gettext_lazy("End it and have it wiped")
    is_serious = True
    form_class = NeededReasonForm
    explanation = gettext_lazy(
        "For a phone that was lost, or is used by somebody else. It is signed out at once. When the app is "
        "next opened with a connection, it removes all it keeps of the organisation; what waited there to be "
        "sent is lost."
    )
    success_message = gettext_lazy("The device is ended.")

    def apply(self, form):
        end_device(self.object, by=self.request.user, reason=form.cleaned_data["reason"])


class DeviceIndexView(ScopedIndexView):
    page_title = gettext_lazy("Devices")


class DeviceInspectView(ScopedInspectView):
    def get_page_title(self):
        return _("Device")


class DeviceViewSet(ScopedViewSet):
    model = SyncDevice
    name = "sync_devices"
    url_prefix = "devices"
    icon = "mobile-alt"
    menu_label = gettext_lazy("Devices")
    filterset_class = DeviceFilterSet
    search_fields = ["user__name_search", "name"]
    ordering = "-last_seen_at"
    export_filename = "devices"
    index_view_class = DeviceIndexView
    inspect_view_class = DeviceInspectView
    row_views: ClassVar = {"end": EndDeviceView}
    list_export: ClassVar = ["user", "name", "platform", "app_version", "last_seen_at", "last_push_at"]
    inspect_view_fields: ClassVar = [
        *("user", "name", "platform", "app_version", "last_seen_at", "last_push_at", "last_pull_at"),
        *("queued", "oldest_queued_at", "clock_ahead_seconds", "ended_at", "end_reason", "told_at"),
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
            Column("name", label=_("Device"), accessor=_named, classname="wide-only"),
            StateColumn(
                "state",
                label=_("Status"),
                accessor=lambda row: state_of(row)[0],
                icon=lambda row: state_of(row)[1],
                tone=lambda row: state_of(row)[2],
            ),
            Column(
                "last_seen_at",
                label=_("Last seen"),
                sort_key="last_seen_at",
                accessor=lambda row: moment(row.last_seen_at),
            ),
            Column("queued", label=_("Waiting to be sent"), accessor=waiting, classname="wide-only"),
            Column("clock", label=_("Clock"), accessor=clock, classname="wide-only"),
        ]

    def rows(self, scope):
        undecided = Q(mutations__outcome__in=Outcome.to_inbox(), mutations__resolution="")
        rows = super().rows(scope).select_related("user")
        return rows.annotate(refused=Count("mutations", filter=undecided))

    def row_buttons(self, view, row):
        if row.ended_at is not None or not self.may(view.scope, "change", row):
            return []
        return buttons_for(self, row, [("end", _("End the device"), "lock")])


def _named(device: SyncDevice) -> str:
    return " · ".join(word for word in (str(device), device.platform, device.app_version) if word)
