"""Mail about demo bookings, sent by the worker in the visitor's language."""

from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tenants.jobs import JobContext, job
from tenants.models import Organization

from .calendar import invitation
from .models import DemoBooking


def _booking(booking_id: str) -> DemoBooking:
    return DemoBooking.objects.select_related("slot").get(pk=UUID(booking_id))


def _mail(booking: DemoBooking, template: str, subject: str) -> EmailMessage:
    # Line breaks typed into a form must not become headers.
    body = render_to_string(f"mail/{template}.txt", {"booking": booking, "site": settings.PLATFORM_HOST})
    return EmailMessage(" ".join(subject.split()), body, to=[booking.email])


def _time_zone() -> str:
    return Organization.objects.get(schema_name=settings.PLATFORM_SCHEMA).time_zone


@job("demo-bookings.confirm", title=gettext_lazy("Confirm a demo booking"))
def confirm(context: JobContext, booking_id: str) -> None:
    """Tell the sender what we received. Sent once: the time of sending is kept."""
    booking = _booking(booking_id)
    if booking.confirmation_sent_at:
        return
    with translation.override(booking.language), timezone.override(_time_zone()):
        _mail(booking, "demo_booking_confirmation", _("We have received your request for a demo")).send()
    DemoBooking.objects.filter(pk=booking.pk).update(confirmation_sent_at=timezone.now())


@job("demo-bookings.alert", title=gettext_lazy("Announce a demo booking"))
def alert(context: JobContext, booking_id: str) -> None:
    """Tell the sales team, if an address is set. Contains no more than is needed to open the booking."""
    if not settings.SALES_EMAIL:
        return
    booking = _booking(booking_id)
    with translation.override("nb"):
        body = render_to_string(
            "mail/demo_booking_alert.txt", {"booking": booking, "base_url": settings.WAGTAILADMIN_BASE_URL}
        )
        subject = _("New demo booking: %(name)s") % {"name": booking.organization_name}
    EmailMessage(" ".join(subject.split()), body, to=[settings.SALES_EMAIL]).send()


@job("demo-bookings.invite", title=gettext_lazy("Invite to a demo"))
def invite(context: JobContext, booking_id: str) -> None:
    """Send the calendar invitation for the agreed time."""
    booking = _booking(booking_id)
    if booking.slot is None:
        return
    with translation.override(booking.language), timezone.override(_time_zone()):
        mail = _mail(booking, "demo_booking_invitation", _("Your demo of Meander"))
        mail.attach("demo.ics", invitation(booking).decode(), "text/calendar; method=REQUEST")
        mail.send()


@job("demo-bookings.cancel", title=gettext_lazy("Cancel an invitation"))
def cancel(context: JobContext, booking_id: str) -> None:
    """Take the event out of the visitor's calendar again."""
    booking = _booking(booking_id)
    if booking.slot is None:
        return
    with translation.override(booking.language), timezone.override(_time_zone()):
        mail = _mail(booking, "demo_booking_cancellation", _("Your demo of Meander is cancelled"))
        mail.attach("demo.ics", invitation(booking, cancelled=True).decode(), "text/calendar; method=CANCEL")
        mail.send()
