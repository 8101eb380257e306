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
