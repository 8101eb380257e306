from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ContactStatus(models.TextChoices):
    """Where a contact stands. What leads from one to the next: domain/people/rules.py."""

    NEW = "new", _("New")
    ACTIVE = "active", _("Active")
    PAUSED = "paused", _("Paused")
    CLOSED = "closed", _("Closed")


class ClosedReason(models.TextChoices):
    """Why a contact was closed. Keys for statistics; words of one's own go on the record."""

    COMPLETED = "completed", _("The support is completed")
    DECLINED = "declined", _("Doesn't want support any more")
    NO_ANSWER = "no_answer", _("Can't be reached")
    MOVED = "moved", _("Has moved")
    REFERRED = "referred", _("Referred to another service")
    DECEASED = "deceased", _("Has died")
    OTHER = "other", _("Another reason")
    # Set by rules alone.
    MERGED = "merged", _("Merged into another person")
    ERASED = "erased", _("Erased")


# What a person can choose; the others follow from what was done.
GIVEN_REASONS = [each for each in ClosedReason if each not in (ClosedReason.MERGED, ClosedReason.ERASED)]


class Source(models.TextChoices):
    """How a contact came to the organisation."""

    SELF = "self", _("Got in touch")
    RELATIVE = "relative", _("A relative got in touch")
    HEALTH_SERVICE = "health_service", _("Hospital or health service")
    MUNICIPALITY = "municipality", _("Municipality or NAV")
    PEER_MENTOR = "peer_mentor", _("Met by a peer mentor")
    EVENT = "event", _("Course or event")
    WEBSITE = "website", _("Website")
    OTHER = "other", _("Otherwise")


class ConsentBasis(models.TextChoices):
    """By what right the organisation keeps data about a person's health.

    GDPR, article 9(2): (a) explicit consent, also by who has parental responsibility; (d) a non-profit body's
    processing about its members and those in regular contact with it.
    """

    NOT_YET = "not_yet", _("Not asked yet")
    CONSENT = "consent", _("Explicit consent")
    GUARDIAN = "guardian", _("Consent of a parent or guardian")
    MEMBERSHIP = "membership", _("Member of the organisation")


class Language(models.TextChoices):
    """Languages people are most often spoken to in; ISO 639 keys."""

    NB = "nb", _("Norwegian Bokmål")
    NN = "nn", _("Norwegian Nynorsk")
    NSL = "nsl", _("Norwegian Sign Language")
    SE = "se", _("Northern Sami")
    EN = "en", _("English")
    AR = "ar", _("Arabic")
    FA = "fa", _("Persian")
    PL = "pl", _("Polish")
    SO = "so", _("Somali")
    TI = "ti", _("Tigrinya")
    UK = "uk", _("Ukrainian")
    UR = "ur", _("Urdu")
    OTHER = "other", _("Another language")


class Relation(models.TextChoices):
    """What somebody is to a contact."""

    PARTNER = "partner", _("Spouse or partner")
    PARENT = "parent", pgettext_lazy("of a family", "Parent")
    CHILD = "child", _("Child")
    SIBLING = "sibling", _("Sibling")
    GRANDPARENT = "grandparent", _("Grandparent")
    OTHER_FAMILY = "other_family", _("Other family")
    FRIEND = "friend", _("Friend or neighbour")
    GUARDIAN = "guardian", _("Guardian")
    ASSISTANT = "assistant", _("Assistant")
    OTHER = "other", _("Other")


class NoteKind(models.TextChoices):
    """What a note about a contact is."""

    OBSERVATION = "observation", _("Observation")
    FOLLOW_UP = "follow_up", _("Follow-up")
    INTERACTION = "interaction", _("Conversation or meeting")


class NoteAnswer(models.TextChoices):
    """What an author says who is asked for a private note about somebody."""

    RELEASED = "released", _("Released")
    WITHHELD = "withheld", _("Withheld, with a reason")


class NoteVisibility(models.TextChoices):
    """Who reads a note about a contact."""

    PRIVATE = "private", _("Only me")
    TEAM = "team", _("Everyone who follows up the contact")
