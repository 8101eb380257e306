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


class HonorariumPeriod(models.TextChoices):
    """In which stretch of the calendar assignments are counted from one."""

    YEAR = "year", _("Calendar year")
    MONTH = "month", _("Calendar month")


class Currency(models.TextChoices):
    NOK = "NOK", _("Norwegian kroner")


# How long an assignment may wait and be read, unless whoever writes it says otherwise.
USUAL_LIFE = timedelta(days=30)
LONGEST_LIFE = timedelta(days=365)
# The parts of an assignment's content → the most characters of each.
PARTS = {"name": 200, "address": 500, "phone": 40, "medical_summary": 10_000, "message": 10_000}
