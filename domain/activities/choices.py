"""Words with which activities are described."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ActivityStatus(models.TextChoices):
    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Submitted")
    APPROVED = "approved", _("Approved")
    REJECTED = "rejected", _("Rejected")


class Mode(models.TextChoices):
    PHYSICAL = "physical", _("In person")
    DIGITAL = "digital", _("Digital")
    PHONE = "phone", _("By phone")


class DocumentType(models.TextChoices):
    INVITATION = "invitation", _("Invitation")
    SCREENSHOT = "screenshot", _("Screenshot")
    ATTENDANCE_LIST = "attendance_list", _("Attendance list")
    PROGRAMME = "programme", _("Programme")
    OTHER = "other", _("Other")


class AttachmentKind(models.TextChoices):
    PHOTO = "photo", _("Photo")
    DOCUMENT = "document", _("Document")
    OTHER = "other", _("Other")


class CourseInterest(models.TextChoices):
    UNKNOWN = "unknown", _("Not talked about")
    NO = "no", _("No")
    MAYBE = "maybe", _("Maybe")
    YES = "yes", _("Yes")


class FlagKind(models.TextChoices):
    DUPLICATE = "duplicate", _("May be registered twice")
    JOINT = "joint", _("May have been led together")
    TOO_LONG = "too_long", _("Very long")
    FUTURE = "future", _("Hasn't taken place yet")
    TOO_MANY = "too_many", _("Very many on one day")
    OTHER = "other", _("Something else")


class FlagSource(models.TextChoices):
    RULE = "rule", _("Rule")
    PERSON = "person", _("Person")


class FlagStatus(models.TextChoices):
    OPEN = "open", _("Open")
    DISMISSED = "dismissed", _("Dismissed")
    CONFIRMED = "confirmed", _("Confirmed")


class Icon(models.TextChoices):
    """What apps show beside a type; each has a drawing of its own for them."""

    VISIT = "visit", _("Visit")
    TALK = "talk", _("Conversation")
    PHONE = "phone", _("Phone")
    GROUP = "group", _("Group")
    COURSE = "course", _("Course")
    WALK = "walk", _("Walk")
    OTHER = "other", _("Other")


# The one state table: verb → from where, to where. API, admin and rules read it.
TRANSITIONS: dict[str, tuple[tuple[ActivityStatus, ...], ActivityStatus]] = {
    "submit": ((ActivityStatus.DRAFT, ActivityStatus.REJECTED), ActivityStatus.SUBMITTED),
    "withdraw": ((ActivityStatus.SUBMITTED, ActivityStatus.REJECTED), ActivityStatus.DRAFT),
    "approve": ((ActivityStatus.SUBMITTED,), ActivityStatus.APPROVED),
    "reject": ((ActivityStatus.SUBMITTED,), ActivityStatus.REJECTED),
    "reopen": ((ActivityStatus.APPROVED,), ActivityStatus.SUBMITTED),
}
# In which its facts can be changed.
EDITABLE = (ActivityStatus.DRAFT, ActivityStatus.REJECTED)
