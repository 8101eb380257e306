"""What is mailed once about a row, and what became of it (docs/jobs.md, "Mail that is sent once")."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from .errors import InvalidState


class Delivery(models.TextChoices):
    """What became of a mail. It is marked as being sent, and that is committed, before it leaves."""

    NONE = "", _("None")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Sent")
    # The connection or the worker ended before there was an answer: nobody knows, and it is not sent again
    # by itself.
    UNCERTAIN = "uncertain", _("Uncertain: may have been sent")
    NO_ADDRESS = "no_address", _("Not sent: nobody to send it to")
    FAILED = "failed", _("Not sent: refused by the mail server")


# Those that somebody may have sent again: nobody can say that the mail arrived.
REPEATABLE = frozenset({Delivery.UNCERTAIN, Delivery.NO_ADDRESS, Delivery.FAILED})


def check_repeatable(outcome: str) -> None:
    """Raise InvalidState for a mail that arrived, or is on its way: only what may not have is sent again."""
    if outcome not in REPEATABLE:
        raise InvalidState(_("Only what may not have arrived can be sent again."), code="not-repeatable")


class Reminded(models.Model):
    """A row about which one mail is sent on its day."""

    reminded_at = models.DateTimeField(_("reminded"), null=True, editable=False)
    reminder = models.CharField(
        _("reminder"),
        max_length=10,
        choices=Delivery,
        blank=True,
        default="",
        db_default="",
        editable=False,
    )

    class Meta:
        abstract = True
