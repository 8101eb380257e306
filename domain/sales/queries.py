"""Reading demo slots and bookings."""

from datetime import datetime

from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone

from domain.core.scope import Scope

from .choices import TAKES_SLOT
from .models import DemoBooking, DemoSlot


def bookable_slots(now: datetime | None = None) -> QuerySet[DemoSlot]:
    """Open slots that begin later than now and still have room, soonest first."""
    return (
        DemoSlot.objects.filter(is_open=True, starts_at__gt=now or timezone.now())
        .annotate(taken=Count("bookings", filter=Q(bookings__status__in=TAKES_SLOT)))
        .filter(taken__lt=F("capacity"))
        .order_by("starts_at")
    )


def visible_bookings(scope: Scope) -> QuerySet[DemoBooking]:
    """Bookings are for the platform's staff alone."""
    if not scope.can("sales.view_demobooking"):
        return DemoBooking.objects.none()
    return DemoBooking.objects.all()
