"""Staff work with demo bookings in the platform's admin."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from domain.sales.choices import BookingStatus
from domain.sales.models import DemoBooking, DemoSlot
from domain.sales.rules import DemoRequest, advance_booking, book_demo

pytestmark = pytest.mark.django_db


@pytest.fixture
def booking(platform):
    return book_demo(
        DemoRequest(name="Liv Dahl", email="liv@forening.example", organization_name="Foreningen")
    )


@pytest.fixture
def slot(platform):
    start = timezone.now() + timedelta(days=1)
    return DemoSlot.objects.create(starts_at=start, ends_at=start + timedelta(minutes=30))


@pytest.fixture
def admin(browser_of):
    return browser_of("platform", "owner@meander.example")


def test_staff_see_find_and_export_bookings(admin, booking):
    listing = admin.get(reverse("demo-bookings:index") + "?q=Foreningen&status=new")
    assert "Foreningen" in listing.content.decode()
    export = admin.get(reverse("demo-bookings:index") + "?export=csv")
    assert "liv@forening.example" in b"".join(export.streaming_content).decode()


def test_a_demo_is_scheduled_with_two_clicks(admin, booking, slot):
    url = reverse("demo-bookings:inspect", args=[booking.pk])
    assert f'value="{slot.pk}"' in admin.get(url).content.decode()
    answer = admin.post(url, {"action": "schedule", "slot": slot.pk}, follow=True)
    assert "messages" in answer.context
    assert [message.level_tag for message in answer.context["messages"]] == ["success"]
    booking.refresh_from_db()
    assert (booking.status, booking.slot) == ("scheduled", slot)


def test_a_move_that_is_not_possible_is_explained_and_changes_nothing(admin, booking):
    url = reverse("demo-bookings:inspect", args=[booking.pk])
    answer = admin.post(url, {"to": "won"}, follow=True)
    assert [message.level_tag for message in answer.context["messages"]] == ["error"]
    booking.refresh_from_db()
    assert booking.status == "new"


def test_what_the_visitor_wrote_cannot_be_edited_but_owner_and_notes_can(admin, booking, person):
    owner = person("owner@meander.example")
    url = reverse("demo-bookings:edit", args=[booking.pk])
    admin.post(url, {"owner": owner.pk, "internal_notes": "Ring onsdag", "email": "annen@forening.example"})
    booking.refresh_from_db()
    assert (booking.owner, booking.internal_notes, booking.email) == (
        owner,
        "Ring onsdag",
        "liv@forening.example",
    )


def test_the_history_of_a_booking_is_what_the_audit_says(admin, booking, person):
    advance_booking(booking, to=BookingStatus.CONTACTED, by=person("owner@meander.example"))
    url = reverse("demo-bookings:history", args=[booking.pk])
    page = admin.get(url, headers={"accept-language": "en"}).content.decode()
    assert "A request for a demo was received" in page
    assert "new → contacted" in page.lower()


def test_slots_are_made_changed_and_deleted_on_the_record(admin, platform):
    from domain.audit.models import AuditEvent

    values = {"starts_at": "2027-03-01 10:00", "ends_at": "2027-03-01 10:30", "capacity": 1, "is_open": "on"}
    admin.post(reverse("demo-slots:add"), values)
    made = DemoSlot.objects.get()
    admin.post(reverse("demo-slots:edit", args=[made.pk]), {**values, "capacity": 3})
    admin.post(reverse("demo-slots:delete", args=[made.pk]))
    assert not DemoSlot.objects.exists()
    assert set(AuditEvent.objects.filter(object_type="sales.demoslot").values_list("action", flat=True)) == {
        "demoslot.created",
        "demoslot.edited",
        "demoslot.deleted",
    }


def test_a_slot_in_use_is_not_deleted(admin, booking, slot, person):
    from domain.sales.rules import schedule_booking

    schedule_booking(booking, slot=slot, by=person("owner@meander.example"))
    admin.post(reverse("demo-slots:delete", args=[slot.pk]))
    assert DemoSlot.objects.filter(pk=slot.pk).exists()


@pytest.mark.parametrize("email", ["admin@nhf.example", "coordinator@nhf.example"])
def test_no_organisation_reaches_the_sales_pages(browser_of, email):
    client = browser_of("nhf", email)
    for name in ("demo-bookings:index", "demo-slots:index", "demo-slots:add"):
        answer = client.get(reverse(name))
        assert answer.status_code in (302, 403, 404)
        assert "/admin/" in answer.get("Location", "/admin/")
    assert "demo-bookings" not in client.get(reverse("wagtailadmin_home")).content.decode()


def test_bookings_are_neither_made_nor_deleted_by_hand(admin, booking):
    for path in ("new/", f"delete/{booking.pk}/"):
        admin.post(reverse("demo-bookings:index") + path, {"name": "Ny", "email": "ny@forening.example"})
    assert list(DemoBooking.objects.all()) == [booking]
