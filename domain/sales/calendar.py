"""The invitation that goes with a scheduled demo (RFC 5545, RFC 5546)."""

from datetime import UTC, timedelta
from email.utils import parseaddr

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from icalendar import Alarm, Calendar, Event, vCalAddress, vText

from .models import DemoBooking


def invitation(booking: DemoBooking, *, cancelled: bool = False) -> bytes:
    """An .ics with one event; the booking's id and version make a later one replace an earlier one."""
    slot = booking.slot
    if slot is None:
        raise ValueError("a booking without a time has no invitation")
    calendar = Calendar()
    calendar.add("prodid", "-//Meander//Demo booking//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if cancelled else "REQUEST")
    event = Event()
    event.add("uid", f"{booking.pk}@{settings.PLATFORM_HOST}")
    event.add("sequence", booking.version)
    event.add("dtstamp", timezone.now().astimezone(UTC))
    event.add("dtstart", slot.starts_at.astimezone(UTC))
    event.add("dtend", slot.ends_at.astimezone(UTC))
    event.add("summary", _("Demo of Meander for %(name)s") % {"name": booking.organization_name})
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    organizer = vCalAddress(f"mailto:{settings.SALES_EMAIL or parseaddr(settings.DEFAULT_FROM_EMAIL)[1]}")
    organizer.params["cn"] = vText("Meander")
    event["organizer"] = organizer
    attendee = vCalAddress(f"mailto:{booking.email}")
    attendee.params["cn"] = vText(booking.name)
    attendee.params["rsvp"] = vText("TRUE")
    event.add("attendee", attendee, encode=False)
    if not cancelled:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", event["summary"])
        alarm.add("trigger", timedelta(minutes=-30))
        event.add_component(alarm)
    calendar.add_component(event)
    return calendar.to_ical()
