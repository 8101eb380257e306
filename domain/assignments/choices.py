from datetime import timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _


class AssignmentStatus(models.TextChoices):
    DRAFT = "draft", _("Draft")
    SENT = "sent", _("Sent, not opened")
    OPENED = "opened", _("Opened, not answered")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    EXPIRED = "expired", _("Expired")
    COMPLETED = "completed", _("Completed")


class Response(models.TextChoices):
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")


class EscalationOutcome(models.TextChoices):
    """What became of the mail that says that nobody has opened it. Claimed before it is sent."""

    NONE = "", _("None")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Sent")
    NO_ADDRESS = "no_address", _("Not sent: nobody to send it to")
    FAILED = "failed", _("Not sent: refused by the mail server")


class HonorariumPeriod(models.TextChoices):
    """In which stretch of the calendar assignments are counted from one."""

    YEAR = "year", _("Calendar year")
    MONTH = "month", _("Calendar month")


class Currency(models.TextChoices):
    NOK = "NOK", _("Norwegian kroner")


# How long an assignment may wait and be read, unless whoever writes it says otherwise.
USUAL_LIFE = timedelta(days=30)
LONGEST_LIFE = timedelta(days=365)
# After completion the mentor can look something up for so long; then the key is destroyed.
KEPT_AFTER_COMPLETION = timedelta(days=30)
# The parts of an assignment's content → the most characters of each.
PARTS = {"name": 200, "address": 500, "phone": 40, "medical_summary": 10_000, "message": 10_000}
