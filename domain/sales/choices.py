from django.db import models
from django.utils.translation import gettext_lazy as _


class BookingStatus(models.TextChoices):
    NEW = "new", _("New")
    CONTACTED = "contacted", _("Contacted")
    SCHEDULED = "scheduled", _("Scheduled")
    HELD = "held", _("Held")
    WON = "won", _("Won")
    DECLINED = "declined", _("Declined")


class OrganizationSize(models.TextChoices):
    UNDER_50 = "under_50", _("Fewer than 50 volunteers")
    UNDER_250 = "50_to_249", _("50 to 249 volunteers")
    UNDER_1000 = "250_to_999", _("250 to 999 volunteers")
    FROM_1000 = "1000_or_more", _("1,000 volunteers or more")


# A booking in one of these holds a place in its slot.
TAKES_SLOT = (BookingStatus.SCHEDULED, BookingStatus.HELD, BookingStatus.WON)
# Where a booking can go from where it is. `scheduled` to itself: another time.
TRANSITIONS: dict[str, frozenset[str]] = {
    BookingStatus.NEW: frozenset({BookingStatus.CONTACTED, BookingStatus.SCHEDULED, BookingStatus.DECLINED}),
    BookingStatus.CONTACTED: frozenset({BookingStatus.SCHEDULED, BookingStatus.DECLINED}),
    BookingStatus.SCHEDULED: frozenset({BookingStatus.SCHEDULED, BookingStatus.HELD, BookingStatus.DECLINED}),
    BookingStatus.HELD: frozenset({BookingStatus.WON, BookingStatus.DECLINED}),
    BookingStatus.WON: frozenset(),
    BookingStatus.DECLINED: frozenset({BookingStatus.CONTACTED}),
}
