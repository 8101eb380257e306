from django.db import models
from django.utils.translation import gettext_lazy as _


class PlatformRole(models.TextChoices):
    NONE = "none", _("None")
    SUPPORT = "support", _("Support")
    SALES = "sales", _("Sales")
    OWNER = "owner", _("Owner")


class MembershipStatus(models.TextChoices):
    INVITED = "invited", _("Invited")
    ACTIVE = "active", _("Active")
    SUSPENDED = "suspended", _("Suspended")
    LEFT = "left", _("Left")


class SessionOrigin(models.TextChoices):
    MOBILE = "mobile", _("Mobile app")
    ADMIN_WEB = "admin_web", _("Admin")


class SupportAccess(models.TextChoices):
    READ = "read", _("Read")
    WRITE = "write", _("Read and write")


class SupportArea(models.TextChoices):
    """What staff of the platform can be let see in an organisation. What each opens: domain/access/roles.py.

    The keys of feature areas, and what every organisation has.
    """

    FAQS = "faqs", _("FAQs")
    RESOURCE_LINKS = "resource_links", _("Resource links")
    CONVERSATION_CARDS = "conversation_cards", _("Conversation cards")
    FILES = "files", _("Images and documents")
    LOCAL_ASSOCIATIONS = "local_associations", _("Local associations")
    MEMBERS = "members", _("Members, with their names")
    CONTACTS = "contacts", _("Contacts, with their names")
    ACTIVITIES = "activities", _("Activities, without who took part and what was written")
    CERTIFICATION = "certification", _("Certification, without declarations and reasons of pauses")
    ASSIGNMENTS = "assignments", _("Assignments, without their content")
    SETTINGS = "settings", _("Settings and terminology")


class GrantStatus(models.TextChoices):
    """Where a support access grant stands; it follows from its times, nothing keeps it."""

    PENDING = "pending", _("Waiting for an answer")
    UPCOMING = "upcoming", _("Approved, not begun")
    ACTIVE = "active", _("Active")
    ENDED = "ended", _("Ended")
    DECLINED = "declined", _("Declined")
    REVOKED = "revoked", _("Revoked")
    LAPSED = "lapsed", _("Never answered")
