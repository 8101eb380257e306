from django.db import models
from django.utils.translation import gettext_lazy as _


class Requirement(models.TextChoices):
    """What a kind of certification may ask for."""

    COURSE = "course", _("Course")
    DECLARATION = "declaration", _("Declaration of confidentiality")
    POLICE_CERTIFICATE = "police_certificate", _("Police certificate seen")
    YEARLY_TALK = "yearly_talk", _("Yearly talk")


# Asked for anew before each renewal. A course is taken once; a declaration has a period of its own.
ASKED_ANEW = frozenset({Requirement.POLICE_CERTIFICATE, Requirement.YEARLY_TALK})


class CertificationStatus(models.TextChoices):
    PENDING = "pending", _("Under way")
    VALID = "valid", _("Valid")
    EXPIRING = "expiring", _("Expires soon")
    EXPIRED = "expired", _("Expired")
    REVOKED = "revoked", _("Revoked")


# Those that stand for something: on which a mentor may be assigned.
IN_FORCE = frozenset({CertificationStatus.VALID, CertificationStatus.EXPIRING})
# So many days before the end somebody is reminded; the first is also when a certification "expires soon".
REMINDER_DAYS = (90, 30, 7)


class ReminderChannel(models.TextChoices):
    EMAIL = "email", _("E-mail")


class ReminderOutcome(models.TextChoices):
    """What became of a reminder. Only what is planned can still be sent."""

    PLANNED = "planned", _("Planned")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Sent")
    # Its worker was stopped, or the connection broke off, before there was an answer: nobody knows, and it
    # is not sent again by itself.
    UNCERTAIN = "uncertain", _("Uncertain: may have been sent")
    NO_ADDRESS = "no_address", _("Not sent: no e-mail address")
    # A later one was due as well, or there was nothing to be reminded of any more.
    SKIPPED = "skipped", _("Not sent: no longer needed")
    SUPERSEDED = "superseded", _("Not sent: the date was moved")
    FAILED = "failed", _("Not sent: refused by the mail server")


# Those that somebody may have sent again.
REPEATABLE = frozenset({ReminderOutcome.UNCERTAIN, ReminderOutcome.NO_ADDRESS, ReminderOutcome.FAILED})


class MentorState(models.TextChoices):
    ACTIVE = "active", _("Active")
    PAUSED = "paused", _("Paused")
    AUTO_PAUSED = "auto_paused", _("Paused automatically")


class RoleContext(models.TextChoices):
    """As what a person promises confidentiality."""

    MENTOR = "mentor", _("Peer mentor")
    DRIVER = "driver", _("Driver")


class SigningMethod(models.TextChoices):
    APP = "app", _("In the app")
    ADMIN_WEB = "admin_web", _("In the admin")
    PAPER = "paper", _("On paper")


class StandingCode(models.TextChoices):
    """Why somebody may, or may not, be given an assignment on a day. Stable: apps tell them apart."""

    ALLOWED = "allowed", _("May be assigned")
    PAUSED = "paused", _("Paused")
    NO_CERTIFICATE = "no-certificate", _("No certificate")
    CERTIFICATE_EXPIRED = "certificate-expired", _("Certificate expired")
    CERTIFICATE_REVOKED = "certificate-revoked", _("Certificate revoked")
    DECLARATION_NOT_SIGNED = "declaration-not-signed", _("Declaration not signed")
