"""What the sales website calls on the platform's host: free times, and booking a demo."""

import unicodedata

from django.urls import path
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from domain.config.choices import Area
from domain.identity.limits import Limit, count
from domain.sales.choices import OrganizationSize
from domain.sales.models import DemoSlot
from domain.sales.queries import bookable_slots
from domain.sales.rules import DemoRequest, book_demo
from tenants.models import LANGUAGE_CODES

from .core.fields import EmailAddressField, UtcDateTimeField
from .core.limits import address_of
from .core.views import PublicView

BOOKINGS_PER_ADDRESS = Limit("demo-bookings-address", attempts=10, seconds=3600)
BOOKINGS_PER_EMAIL = Limit("demo-bookings-email", attempts=3, seconds=3600)
MOST_SLOTS = 100


class SalesView(PublicView):
    """In use where the area is: in the platform's organisation."""

    area = Area.DEMO_BOOKINGS


class DemoSlotSerializer(serializers.ModelSerializer):
    starts_at = UtcDateTimeField()
    ends_at = UtcDateTimeField()

    class Meta:
        model = DemoSlot
        fields = ["id", "starts_at", "ends_at"]


class DemoSlotListSerializer(serializers.Serializer):
    results = DemoSlotSerializer(many=True)
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)


class PlainCharField(serializers.CharField):
    """One line of text: no control characters, which have no business in a name or a mail subject."""

    def to_internal_value(self, data):
        text = super().to_internal_value(data)
        return "".join(" " if unicodedata.category(c) == "Cc" else c for c in text).strip()


class DemoBookingSerializer(serializers.Serializer):
    """The website's form. `website` is a trap for robots: people don't see it and leave it empty."""

    name = PlainCharField(max_length=120)
    email = EmailAddressField()
    organization_name = PlainCharField(max_length=200)
    phone = PlainCharField(max_length=40, required=False, allow_blank=True, default="")
    size = serializers.ChoiceField(
        choices=OrganizationSize.choices, required=False, allow_blank=True, default=""
    )
    role = PlainCharField(max_length=120, required=False, allow_blank=True, default="")
    message = serializers.CharField(max_length=4000, required=False, allow_blank=True, default="")
    wished_slots = serializers.ListField(
        child=serializers.UUIDField(), max_length=10, required=False, default=list
    )
    consent = serializers.BooleanField(help_text="Must be true: that we may keep this in order to answer.")
    language = serializers.ChoiceField(choices=LANGUAGE_CODES, required=False)
    campaign = PlainCharField(max_length=120, required=False, allow_blank=True, default="")
    website = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")

    def validate_consent(self, value: bool) -> bool:
        if not value:
            raise serializers.ValidationError(
                _("Tick that we may keep what you wrote; otherwise we can't answer."), code="consent-missing"
            )
        return value


class DemoBookingReceivedSerializer(serializers.Serializer):
    status = serializers.ChoiceField(choices=["received"])


class DemoSlotListView(SalesView):
    cache_control = "public, no-cache"

    @extend_schema(
        operation_id="listDemoSlots",
        responses=DemoSlotListSerializer,
        tags=["Sales"],
        auth=[],
        summary="Times at which a demo can be booked, soonest first",
    )
    def get(self, request):
        slots = DemoSlotSerializer(bookable_slots()[:MOST_SLOTS], many=True).data
        return Response({"results": slots, "next": None, "previous": None})


class DemoBookingView(SalesView):
    @extend_schema(
        operation_id="createDemoBooking",
        request=DemoBookingSerializer,
        auth=[],
        responses={201: DemoBookingReceivedSerializer},
        tags=["Sales"],
        summary="Ask for a demo; the sender gets a confirmation by e-mail",
    )
    def post(self, request):
        form = DemoBookingSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        values = form.validated_data
        received = Response({"status": "received"}, status=201)
        if values.pop("website"):
            # A robot filled in the trap. It learns nothing from the answer, and nothing is kept.
            return received
        count(BOOKINGS_PER_ADDRESS, address_of(request))
        count(BOOKINGS_PER_EMAIL, values["email"])
        values.pop("consent")
        book_demo(DemoRequest(**{"language": self.locale, **values}))
        return received


urlpatterns = [
    path("demo-slots/", DemoSlotListView.as_view(), name="demo-slots"),
    path("demo-bookings/", DemoBookingView.as_view(), name="demo-bookings"),
]
