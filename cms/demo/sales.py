"""Demo slots and bookings of the platform."""

from datetime import datetime, time, timedelta

from django.utils import timezone

from domain.identity.models import User
from domain.sales.choices import BookingStatus
from domain.sales.models import DemoBooking, DemoSlot
from domain.sales.queries import bookable_slots
from domain.sales.rules import DemoRequest, advance_booking, book_demo, schedule_booking

REQUESTS = [
    DemoRequest(
        name="Liv Dahl",
        email="liv.dahl@forening.example",
        organization_name="Foreningen for hjertesyke – eksempel",
        phone="912 34 567",
        size="250_to_999",
        role="Fagsjef",
        message="Vi har 400 likepersoner og rapporterer i regneark i dag. Kan vi få se rapporteringen?",
        campaign="konferanse-2026",
    ),
    DemoRequest(
        name="Mikkel Eira",
        email="mikkel@lokallag.example",
        organization_name="Samisk likepersonsnettverk – eksempel",
        size="under_50",
        role="Leder",
        message="Fungerer appen uten dekning?",
        language="nn",
    ),
    DemoRequest(
        name="Fatima Noor",
        email="fatima@stotte.example",
        organization_name="Pårørendesenteret – eksempel",
        size="50_to_249",
        role="Koordinator",
    ),
    DemoRequest(
        name="Per Lie",
        email="per.lie@klubb.example",
        organization_name="Klubben – eksempel",
        size="under_50",
    ),
]


def seed_sales() -> None:
    """Slots on the coming working days, and bookings in each stage; each only where there are none."""
    owner = User.objects.get(email="owner@meander.example")
    if not bookable_slots().exists():
        _make_slots(owner)
    if DemoBooking.objects.exists():
        return
    free = list(bookable_slots()[:4])
    waiting, contacted, scheduled, declined = (book_demo(request) for request in REQUESTS)
    waiting.wished_slots.set(free[:2])
    advance_booking(
        contacted, to=BookingStatus.CONTACTED, by=owner, note="Ringt, vil snakke med styret først."
    )
    schedule_booking(scheduled, slot=free[2], by=owner)
    advance_booking(declined, to=BookingStatus.DECLINED, by=owner, note="Har ikke likepersonsarbeid.")


def _make_slots(host: User) -> None:
    day = timezone.localdate()
    made = 0
    while made < 10:
        day += timedelta(days=1)
        if day.weekday() >= 5:
            continue
        for hour in (10, 13):
            start = timezone.make_aware(datetime.combine(day, time(hour)))
            DemoSlot.objects.get_or_create(
                starts_at=start, host=host, defaults={"ends_at": start + timedelta(minutes=30)}
            )
            made += 1
