from django.db import models
from django.utils.translation import gettext_lazy as _


class Operation(models.TextChoices):
    """What a phone did with a row."""

    CREATE = "create", _("New")
    UPDATE = "update", _("Changed")
    DELETE = "delete", _("Deleted")
    ACTION = "action", _("Action")


class Outcome(models.TextChoices):
    """What became of a change that a phone sent. `duplicate` and `deferred` are answers, and never kept."""

    APPLIED = "applied", _("Applied")
    MERGED = "merged", _("Merged")
    CONFLICT = "conflict", _("Changed on both sides")
    REJECTED = "rejected", _("Refused")

    @classmethod
    def to_inbox(cls) -> tuple[str, ...]:
        return cls.CONFLICT.value, cls.REJECTED.value


class Resolution(models.TextChoices):
    """What was decided about a change in the inbox."""

    MINE = "mine", _("The phone's was taken")
    EDITED = "edited", _("Edited and taken")
    DISCARDED = "discarded", _("What is here was kept")
    SUPERSEDED = "superseded", _("Sent again by the phone")
