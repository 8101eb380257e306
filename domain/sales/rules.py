"""What can happen to a demo booking. Every change is one transaction with its audit event and its mail."""

from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from domain.audit.rules import differences, record
from domain.core.errors import InvalidInput, InvalidState
from domain.core.phones import as_e164
from domain.identity.models import User
from tenants.db import connection
from tenants.jobs import enqueue
from tenants.models import Organization

from .choices import TAKES_SLOT, TRANSITIONS, BookingStatus
from .models import DemoBooking, DemoSlot
from .queries import bookable_slots


@dataclass(frozen=True)
class DemoRequest:
    """What a visitor of the sales website sends; consent is implied by the call."""

    name: str
    email: str
    organization_name: str
    phone: str = ""
    size: str = ""
    role: str = ""
    message: str = ""
    language: str = "nb"
    campaign: str = ""
    wished_slots: list[UUID] = field(default_factory=list)


@transaction.atomic
def book_demo(request: DemoRequest) -> DemoBooking:
    """Take a request from the website; the sender gets a confirmation, the sales team an alert.

    Raises InvalidInput when a wished slot is no longer free or the phone number can't be one.
    """
    wished = list(bookable_slots().filter(pk__in=request.wished_slots))
    if len(wished) != len(set(request.wished_slots)):
        raise InvalidInput(
            _("One of the times is no longer free: choose another."), code="slot-taken", field="wished_slots"
        )
    booking = DemoBooking.objects.create(
        name=request.name,
        email=request.email,
        phone=as_e164(request.phone),
        organization_name=request.organization_name,
        size=request.size,
        role=request.role,
        message=request.message,
        language=request.language,
        campaign=request.campaign,
        consent_at=timezone.now(),
    )
    booking.wished_slots.set(wished)
    record("demo_booking.received", booking, by=None)
    _enqueue("demo-bookings.confirm", booking)
    _enqueue("demo-bookings.alert", booking)
    return booking


@transaction.atomic
def schedule_booking(booking: DemoBooking, *, slot: DemoSlot, by: User) -> DemoBooking:
    """Agree on a time; the visitor gets an invitation for their calendar.

    Two people scheduling into the last place at once: the slot's row is locked, one of them is refused.
    """
    booking = _locked(booking)
    _check_transition(booking, BookingStatus.SCHEDULED)
    slot = DemoSlot.objects.select_for_update().get(pk=slot.pk)
    taken = slot.bookings.filter(status__in=TAKES_SLOT).exclude(pk=booking.pk).count()
    if not slot.is_open or slot.starts_at <= timezone.now() or taken >= slot.capacity:
        raise InvalidState(_("That time is no longer free: choose another."), code="slot-taken")
    before = {"status": booking.status, "slot": str(booking.slot or "")}
    booking.status, booking.slot, booking.owner = BookingStatus.SCHEDULED, slot, booking.owner or by
    booking.updated_by = by
    booking.save()
    after = {"status": booking.status, "slot": str(slot)}
    record("demo_booking.scheduled", booking, by=by, changes=differences(before, after))
    _enqueue("demo-bookings.invite", booking)
    return booking


@transaction.atomic
def advance_booking(booking: DemoBooking, *, to: BookingStatus, by: User, note: str = "") -> DemoBooking:
    """Move a booking on (contacted, held, won, declined). Scheduling has a function of its own."""
    booking = _locked(booking)
    if to == BookingStatus.SCHEDULED:
        raise InvalidState(_("Choose a time to schedule the demo."), code="slot-missing")
    _check_transition(booking, to)
    before = booking.status
    booking.status = to
    booking.owner = booking.owner or by
    booking.updated_by = by
    if note:
        booking.internal_notes = f"{booking.internal_notes}\n{note}".strip()
    booking.save()
    record(f"demo_booking.{to.value}", booking, by=by, changes={"status": (before, to.value)})
    if before == BookingStatus.SCHEDULED and to == BookingStatus.DECLINED:
        _enqueue("demo-bookings.cancel", booking)
    return booking


@transaction.atomic
def edit_booking(booking: DemoBooking, *, by: User, **values) -> DemoBooking:
    """Change owner or internal notes; whatever the visitor wrote stays as written."""
    allowed = {"owner", "internal_notes"}
    if not values.keys() <= allowed:
        raise InvalidInput(_("Only owner and internal notes can be changed."), code="not-editable")
    booking = _locked(booking)
    before = {name: str(getattr(booking, name) or "") for name in values}
    for name, value in values.items():
        setattr(booking, name, value)
    after = {name: str(getattr(booking, name) or "") for name in values}
    # Notes may hold what someone said in confidence: the record says that they changed, not to what.
    changes = {
        name: ("…", "…") if name == "internal_notes" else pair
        for name, pair in differences(before, after).items()
    }
    if changes:
        booking.updated_by = by
        booking.save()
        record("demo_booking.edited", booking, by=by, changes=changes)
    return booking


def _locked(booking: DemoBooking) -> DemoBooking:
    return DemoBooking.objects.select_for_update(of=("self",)).get(pk=booking.pk)


def _check_transition(booking: DemoBooking, to: BookingStatus) -> None:
    if to not in TRANSITIONS[booking.status]:
        raise InvalidState(
            _("A booking that is “%(now)s” can't become “%(then)s”.")
            % {"now": booking.get_status_display(), "then": to.label},
            code="booking-status",
        )


def _enqueue(name: str, booking: DemoBooking) -> None:
    organization = Organization.objects.get(schema_name=connection.schema_name)
    enqueue(name, organization, key=f"{booking.pk}:{booking.version}", booking_id=str(booking.pk))
