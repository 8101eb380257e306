from django.db import models
from django.utils.translation import gettext_lazy as _


class Area(models.TextChoices):
    """What an organisation can switch on and off. Grows with the areas themselves."""

    FAQS = "faqs", _("FAQs")
    RESOURCE_LINKS = "resource_links", _("Resource links")
    CONVERSATION_CARDS = "conversation_cards", _("Conversation cards")
    CONTACTS = "contacts", _("Contacts")
    NOTES = "notes", _("Personal notes")
    CERTIFICATION = "certification", _("Certification of mentors")
    ACTIVITIES = "activities", _("Activities")
    ASSIGNMENTS = "assignments", _("Assignments")
    DEMO_BOOKINGS = "demo_bookings", _("Demo bookings")


# Enabled in the platform's own organisation and nowhere else.
PLATFORM_ONLY_AREAS = frozenset({Area.DEMO_BOOKINGS})


class SupportAccessPolicy(models.TextChoices):
    """How the platform's staff may get into the organisation."""

    ON_REQUEST = "on_request", _("An admin approves each request")
    IN_WINDOW = "in_window", _("Reading is approved beforehand for a period; anything else on request")
    NEVER = "never", _("Never")


class Term(models.TextChoices):
    """The closed list of words an organisation can choose itself. Shipped words: `default_terms`."""

    ORGANIZATION = "organization"
    LOCAL_ASSOCIATION = "local_association"
    PEER_MENTOR = "peer_mentor"
    COORDINATOR = "coordinator"
    ORG_ADMIN = "org_admin"
    CONTACT = "contact"
    CAREGIVER = "caregiver"
    NOTE = "note"
    ACTIVITY = "activity"
    HOME_VISIT = "home_visit"
    ASSIGNMENT = "assignment"
    HONORARIUM = "honorarium"
    CERTIFICATION = "certification"
    COURSE = "course"
    EVENT = "event"
    WORKSHOP = "workshop"
    EXPENSE_CLAIM = "expense_claim"
    RECEIPT = "receipt"
    ACHIEVEMENT = "achievement"
    NOTIFICATION = "notification"
    REPORT = "report"
    FAQ = "faq"
    FAQ_CATEGORY = "faq_category"
    RESOURCE_LINK = "resource_link"
    LINK_CATEGORY = "link_category"
    CONVERSATION_CARD = "conversation_card"
    CARD_DECK = "card_deck"


class TermForm(models.TextChoices):
    """The forms of a word. English needs no definite ones: they are made from the others."""

    SINGULAR = "singular", _("Singular")
    PLURAL = "plural", _("Plural")
    DEFINITE_SINGULAR = "definite_singular", _("Definite singular")
    DEFINITE_PLURAL = "definite_plural", _("Definite plural")


# In Norwegian the definite form is an ending, which no program can guess.
LOCALES_WITH_DEFINITE_FORMS = frozenset({"nb", "nn"})
