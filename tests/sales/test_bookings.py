"""What can happen to a demo booking."""

from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest
from django.db import IntegrityError, connection
from django.utils import timezone
from django_tenants.utils import schema_context
from icalendar import Calendar

from domain.audit.models import AuditEvent
from domain.core.errors import InvalidInput, InvalidState
from domain.identity.models import User
from domain.sales import jobs
from domain.sales.choices import BookingStatus
from domain.sales.models import DemoBooking, DemoSlot
from domain.sales.queries import bookable_slots
from domain.sales.rules import DemoRequest, advance_booking, book_demo, edit_booking, schedule_booking
from tenants.models import JobRun


def slot(days: int = 1, **fields) -> DemoSlot:
    start = timezone.now() + timedelta(days=days)
    return DemoSlot.objects.create(starts_at=start, ends_at=start + timedelta(minutes=30), **fields)


def request(**fields) -> DemoRequest:
    return DemoRequest(
        **{"name": "Liv Dahl", "email": "liv@forening.example", "organization_name": "Foreningen", **fields}
    )


@pytest.fixture
def owner(person):
    return person("owner@meander.example")


def test_a_request_becomes_a_booking_with_its_wishes_its_record_and_its_mail_jobs(platform):
    wished = slot()
    booking = book_demo(request(phone="912 34 567", wished_slots=[wished.pk]))
    assert booking.phone == "+4791234567"
    assert list(booking.wished_slots.all()) == [wished]
    assert AuditEvent.objects.filter(action="demo_booking.received", object_id=str(booking.pk)).exists()
    assert set(JobRun.objects.values_list("name", flat=True)) >= {
        "demo-bookings.confirm",
        "demo-bookings.alert",
    }


def test_a_number_that_is_no_phone_number_is_refused_and_nothing_is_stored(platform):
    with pytest.raises(InvalidInput) as refused:
        book_demo(request(phone="ring meg"))
    assert refused.value.field == "phone"
    assert not DemoBooking.objects.exists()


def test_a_full_closed_or_past_slot_cannot_be_wished_for(platform, owner):
    full, closed, past = slot(1), slot(2, is_open=False), slot(-1)
    schedule_booking(book_demo(request()), slot=full, by=owner)
    assert not bookable_slots().exists()
    for taken in (full, closed, past):
        with pytest.raises(InvalidInput, match="no longer free"):
            book_demo(request(wished_slots=[taken.pk]))


def test_only_the_written_down_moves_are_possible(platform, owner):
    booking = book_demo(request())
    with pytest.raises(InvalidState):
        advance_booking(booking, to=BookingStatus.WON, by=owner)
    advance_booking(booking, to=BookingStatus.CONTACTED, by=owner, note="Ringt.")
    schedule_booking(booking, slot=slot(), by=owner)
    advance_booking(booking, to=BookingStatus.HELD, by=owner)
    advance_booking(booking, to=BookingStatus.WON, by=owner)
    booking.refresh_from_db()
    assert (booking.status, booking.owner, booking.internal_notes) == ("won", owner, "Ringt.")
    assert list(
        AuditEvent.objects.filter(object_id=str(booking.pk)).order_by("id").values_list("action", flat=True)
    ) == [
        "demo_booking.received",
        "demo_booking.contacted",
        "demo_booking.scheduled",
        "demo_booking.held",
        "demo_booking.won",
    ]


def test_the_record_says_that_notes_changed_but_not_what_they_say(platform, owner):
    booking = edit_booking(book_demo(request()), by=owner, internal_notes="Sa noe i fortrolighet")
    event = AuditEvent.objects.get(action="demo_booking.edited", object_id=str(booking.pk))
    assert "fortrolighet" not in str(event.changes)
    assert "internal_notes" in event.changes


def test_two_people_scheduling_into_the_last_place_at_once_get_one_demo(own_database):
    with schema_context("platform"):
        last = slot()
        bookings = [book_demo(request(email=f"{n}@forening.example")) for n in range(2)]
        owner = User.objects.get(email="owner@meander.example")
    barrier, outcomes = Barrier(2), []

    def schedule(booking):
        try:
            with schema_context("platform"):
                barrier.wait()
                schedule_booking(booking, slot=last, by=owner)
                outcomes.append("scheduled")
        except InvalidState:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [Thread(target=schedule, args=[booking]) for booking in bookings]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sorted(outcomes) == ["refused", "scheduled"]


def test_the_sender_gets_one_confirmation_in_their_language(platform, mailbox):
    booking = book_demo(request(language="nn", wished_slots=[slot().pk]))
    jobs.confirm(None, booking_id=str(booking.pk))
    jobs.confirm(None, booking_id=str(booking.pk))
    (mail,) = mailbox
    assert mail["To"] == "liv@forening.example"
    assert "Foreningen" in mail.get_content()


def test_sales_is_told_without_the_visitors_message_or_address(platform, mailbox, settings):
    settings.SALES_EMAIL = "salg@meander.example"
    booking = book_demo(request(message="Vi sliter med noe privat"))
    jobs.alert(None, booking_id=str(booking.pk))
    (mail,) = mailbox
    assert mail["To"] == "salg@meander.example"
    assert str(booking.pk) in mail.get_content()
    assert "privat" not in mail.get_content()
    assert "liv@forening.example" not in mail.get_content()


def test_a_line_break_in_a_name_does_not_become_a_mail_header(platform, mailbox, settings):
    settings.SALES_EMAIL = "salg@meander.example"
    booking = book_demo(request(organization_name="Ond\nBcc: alle@forening.example"))
    jobs.alert(None, booking_id=str(booking.pk))
    assert mailbox[0]["Bcc"] is None


def test_a_scheduled_demo_comes_with_an_invitation_a_calendar_understands(platform, owner, mailbox):
    agreed = slot()
    booking = schedule_booking(book_demo(request()), slot=agreed, by=owner)
    jobs.invite(None, booking_id=str(booking.pk))
    (attachment,) = list(mailbox[0].iter_attachments())
    assert attachment.get_content_type() == "text/calendar"
    calendar = Calendar.from_ical(attachment.get_content())
    (event,) = calendar.walk("VEVENT")
    assert calendar["METHOD"] == "REQUEST"
    assert event.decoded("dtstart") == agreed.starts_at.replace(microsecond=0).astimezone(UTC)
    assert str(event["attendee"]) == "mailto:liv@forening.example"


def test_moving_and_cancelling_speak_of_the_same_event(platform, owner, mailbox):
    booking = schedule_booking(book_demo(request()), slot=slot(1), by=owner)
    jobs.invite(None, booking_id=str(booking.pk))
    booking = schedule_booking(booking, slot=slot(2), by=owner)
    jobs.invite(None, booking_id=str(booking.pk))
    booking = advance_booking(booking, to=BookingStatus.DECLINED, by=owner)
    jobs.cancel(None, booking_id=str(booking.pk))
    events = [
        next(iter(Calendar.from_ical(next(mail.iter_attachments()).get_content()).walk("VEVENT")))
        for mail in mailbox
    ]
    assert len({str(event["uid"]) for event in events}) == 1
    assert [int(event["sequence"]) for event in events] == sorted(int(event["sequence"]) for event in events)
    assert str(events[-1]["status"]) == "CANCELLED"


def test_a_slot_that_ends_before_it_starts_is_refused_by_the_database(platform):
    start = datetime(2027, 1, 1, 10, tzinfo=UTC)
    with pytest.raises(IntegrityError):
        DemoSlot.objects.create(starts_at=start, ends_at=start)
