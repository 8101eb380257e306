from django.db import models
from django.utils.translation import gettext_lazy as _


class Area(models.TextChoices):
    """What an organisation can switch on and off. Grows with the areas themselves."""

    FAQS = "faqs", _("FAQs")
    RESOURCE_LINKS = "resource_links", _("Resource links")
    CONVERSATION_CARDS = "conversation_cards", _("Conversation cards")
    DEMO_BOOKINGS = "demo_bookings", _("Demo bookings")


# Enabled in the platform's own organisation and nowhere else.
PLATFORM_ONLY_AREAS = frozenset({Area.DEMO_BOOKINGS})


class SupportAccessPolicy(models.TextChoices):
    """How the platform's staff may get into the organisation."""

    ON_REQUEST = "on_request", _("An admin approves each request")
    NEVER = "never", _("Never")
