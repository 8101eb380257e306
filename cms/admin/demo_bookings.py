"""Demo bookings and slots in the platform's admin."""

from datetime import datetime

from django import forms
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, Q
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_filters import DateFromToRangeFilter, ModelChoiceFilter
from wagtail.admin import messages
from wagtail.admin.filters import DateRangePickerWidget, WagtailFilterSet
from wagtail.admin.ui.tables import (
    BooleanColumn,
    Column,
    DateColumn,
    NumberColumn,
    StatusTagColumn,
    TitleColumn,
)
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet, ModelViewSetGroup
from wagtail.admin.widgets import AdminDateTimeInput

from cms.admin.audit_history import AuditHistoryView
from domain.audit.rules import differences, record
from domain.core.errors import DomainError
from domain.identity.choices import PlatformRole
from domain.sales.choices import TAKES_SLOT, TRANSITIONS, BookingStatus
from domain.sales.models import DemoBooking, DemoSlot
from domain.sales.queries import bookable_slots
from domain.sales.rules import advance_booking, edit_booking, schedule_booking


def staff(request=None):
    """The platform's people: who can own a booking or host a demo."""
    return get_user_model().objects.filter(is_active=True).exclude(platform_role=PlatformRole.NONE)


class BookingFilterSet(WagtailFilterSet):
    owner = ModelChoiceFilter(queryset=staff, label=gettext_lazy("Owner"))
    created_at = DateFromToRangeFilter(label=gettext_lazy("Received"), widget=DateRangePickerWidget)

    class Meta:
        model = DemoBooking
        fields = ["status", "size", "language", "owner", "created_at"]


class BookingForm(forms.ModelForm):
    """What staff may change by hand; the rest moves by actions or stays as the visitor wrote it."""

    owner = forms.ModelChoiceField(queryset=None, required=False, label=gettext_lazy("Owner"))

    class Meta:
        model = DemoBooking
        fields = ["owner", "internal_notes"]
        widgets = {"internal_notes": forms.Textarea(attrs={"rows": 5})}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = staff()


class ScheduleForm(forms.Form):
    slot = forms.ModelChoiceField(
        queryset=None,
        label=gettext_lazy("Time"),
        widget=forms.RadioSelect,
        empty_label=None,
        error_messages={"invalid_choice": gettext_lazy("That time is no longer free: choose another.")},
    )

    def __init__(self, *args, booking: DemoBooking, **kwargs):
        super().__init__(*args, **kwargs)
        wished = set(booking.wished_slots.values_list("pk", flat=True))
        field = self.fields["slot"]
        field.queryset = bookable_slots()
        field.label_from_instance = lambda slot: (
            _("%(time)s – wished for") % {"time": slot} if slot.pk in wished else str(slot)
        )


class BookingIndexView(generic.IndexView):
    def get_base_queryset(self):
        return super().get_base_queryset().select_related("slot", "owner")


class BookingEditView(generic.EditView):
    def save_instance(self):
        return edit_booking(
            self.object,
            by=self.request.user,
            owner=self.form.cleaned_data["owner"],
            internal_notes=self.form.cleaned_data["internal_notes"],
        )

    @property
    def header_more_buttons(self):
        return []


class BookingInspectView(generic.InspectView):
    """The booking on one page, with what can happen to it next as buttons."""

    page_title = gettext_lazy("Demo booking")
    template_name = "sales/booking_inspect.html"

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        if self.user_has_permission("change"):
            following = TRANSITIONS[self.object.status]
            context["moves"] = [(status, label) for status, label in MOVES.items() if status in following]
            context["can_schedule"] = BookingStatus.SCHEDULED in following
            context["schedule_form"] = kwargs.get("schedule_form") or ScheduleForm(booking=self.object)
        return context

    def get_field_display_value(self, field_name, field):
        value = super().get_field_display_value(field_name, field)
        if isinstance(value, datetime):
            # Wagtail's page localises the form of a time, not the time itself.
            value = timezone.localtime(value)
        return "–" if value in (None, "") else value

    def post(self, request, *args, **kwargs):
        """One of the actions: `schedule` with a slot, or `move` to a status with an optional note."""
        if not self.user_has_permission("change"):
            raise PermissionDenied
        try:
            if request.POST.get("action") == "schedule":
                form = ScheduleForm(request.POST, booking=self.object)
                if not form.is_valid():
                    return self.render_to_response(self.get_context_data(schedule_form=form))
                schedule_booking(self.object, slot=form.cleaned_data["slot"], by=request.user)
            else:
                to = request.POST.get("to", "")
                if to not in MOVES:
                    raise Http404
                advance_booking(
                    self.object,
                    to=BookingStatus(to),
                    by=request.user,
                    note=request.POST.get("note", "")[:2000],
                )
        except DomainError as error:
            messages.error(request, error.message)
        else:
            self.object.refresh_from_db()
            messages.success(
                request, _("The booking is now “%(status)s”.") % {"status": self.object.get_status_display()}
            )
        return redirect(request.path)


MOVES = {
    BookingStatus.CONTACTED: gettext_lazy("Mark as contacted"),
    BookingStatus.HELD: gettext_lazy("Demo was held"),
    BookingStatus.WON: gettext_lazy("Won"),
    BookingStatus.DECLINED: gettext_lazy("Declined"),
}


class DemoBookingViewSet(ModelViewSet):
    model = DemoBooking
    name = "demo-bookings"
    url_prefix = "demo-bookings"
    icon = "mail"
    menu_label = gettext_lazy("Demo bookings")
    pk_path_converter = "uuid"
    inspect_view_enabled = True
    copy_view_enabled = False
    index_view_class = BookingIndexView
    edit_view_class = BookingEditView
    inspect_view_class = BookingInspectView
    history_view_class = AuditHistoryView
    filterset_class = BookingFilterSet
    search_fields = ["name", "email", "organization_name"]
    ordering = "-created_at"
    export_headings = {"organization_name": gettext_lazy("Organisation")}
    list_export = [
        "created_at",
        "name",
        "email",
        "phone",
        "organization_name",
        "get_size_display",
        "role",
        "get_status_display",
        "slot",
        "owner",
        "campaign",
        "message",
    ]
    inspect_view_fields = [
        "status",
        "slot",
        "name",
        "email",
        "phone",
        "organization_name",
        "size",
        "role",
        "wished_slots",
        "message",
        "language",
        "campaign",
        "created_at",
        "consent_at",
        "confirmation_sent_at",
        "owner",
        "internal_notes",
    ]
    add_to_settings_menu = False

    @property
    def list_display(self):
        return [
            TitleColumn(
                "organization_name",
                label=_("Organisation"),
                sort_key="organization_name",
                get_url=lambda booking: reverse(self.get_url_name("inspect"), args=[booking.pk]),
            ),
            Column("name", label=_("Name"), sort_key="name"),
            StatusTagColumn(
                "get_status_display",
                label=_("Status"),
                sort_key="status",
                primary=lambda booking: booking.status in (BookingStatus.NEW, BookingStatus.SCHEDULED),
            ),
            Column("slot", label=_("Agreed time"), sort_key="slot__starts_at"),
            Column("owner", label=_("Owner")),
            DateColumn("created_at", label=_("Received"), sort_key="created_at"),
        ]

    def get_form_class(self, for_update=False):
        return BookingForm


class SlotForm(forms.ModelForm):
    host = forms.ModelChoiceField(queryset=None, required=False, label=gettext_lazy("Host"))

    class Meta:
        model = DemoSlot
        fields = ["starts_at", "ends_at", "host", "capacity", "is_open"]
        widgets = {"starts_at": AdminDateTimeInput, "ends_at": AdminDateTimeInput}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["host"].queryset = staff()

    def clean(self):
        data = super().clean()
        if data.get("starts_at") and data.get("ends_at") and data["ends_at"] <= data["starts_at"]:
            self.add_error("ends_at", _("The end must be later than the start."))
        return data


class AuditedSave:
    """Writes the audit event of a plain create or edit in the same transaction."""

    def save_instance(self):
        names = list(self.form.fields)
        adding = self.form.instance._state.adding
        before = {} if adding else self.model.objects.filter(pk=self.form.instance.pk).values(*names).get()
        with transaction.atomic():
            instance = super().save_instance()
            after = self.model.objects.filter(pk=instance.pk).values(*names).get()
            record(
                f"{self.model._meta.model_name}.{'created' if adding else 'edited'}",
                instance,
                by=self.request.user,
                changes=differences(before, after),
            )
        return instance


class SlotCreateView(AuditedSave, generic.CreateView):
    pass


class SlotEditView(AuditedSave, generic.EditView):
    pass


class SlotDeleteView(generic.DeleteView):
    def delete_action(self):
        with transaction.atomic():
            record("demoslot.deleted", self.object, by=self.request.user)
            self.object.delete()


class SlotIndexView(generic.IndexView):
    def get_base_queryset(self):
        taken = Count("bookings", filter=Q(bookings__status__in=TAKES_SLOT))
        return super().get_base_queryset().select_related("host").annotate(taken=taken)


class DemoSlotViewSet(ModelViewSet):
    model = DemoSlot
    name = "demo-slots"
    url_prefix = "demo-slots"
    icon = "calendar-alt"
    menu_label = gettext_lazy("Demo slots")
    pk_path_converter = "uuid"
    copy_view_enabled = False
    index_view_class = SlotIndexView
    add_view_class = SlotCreateView
    edit_view_class = SlotEditView
    delete_view_class = SlotDeleteView
    history_view_class = AuditHistoryView
    ordering = "-starts_at"
    list_filter = ["is_open", "host"]

    @property
    def list_display(self):
        return [
            TitleColumn(
                "starts_at",
                label=_("Time"),
                accessor=str,
                sort_key="starts_at",
                get_url=lambda slot: reverse(self.get_url_name("edit"), args=[slot.pk]),
            ),
            Column("host", label=_("Host")),
            NumberColumn("taken", label=_("Booked")),
            NumberColumn("capacity", label=_("Room for")),
            BooleanColumn("is_open", label=_("Open")),
        ]

    def get_form_class(self, for_update=False):
        return SlotForm


class SalesViewSetGroup(ModelViewSetGroup):
    menu_label = gettext_lazy("Sales")
    menu_icon = "mail"
    menu_order = 300
    items = (DemoBookingViewSet, DemoSlotViewSet)
