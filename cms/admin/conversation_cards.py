"""Conversation cards and their decks in the admin."""

import django_filters
from django import forms
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel, PublishingPanel

from cms.models import CardDeck, ConversationCard
from cms.models.conversation_cards import Difficulty

from .content import CategoryViewSet, ContentViewSet
from .content_forms import CardForm, ListPanel, audience_panel
from .content_listing import content_columns, content_filterset
from .faq import EXPORT_HEADINGS


class ConversationCardViewSet(ContentViewSet):
    model = ConversationCard
    icon = "form"
    base_url_path = "content/conversation-cards"
    base_form_class = CardForm
    panels = [
        FieldPanel("title", help_text=_("A few words that are easy to say.")),
        FieldPanel("prompt", help_text=_("What the peer mentor can say or ask to begin.")),
        ListPanel("follow_ups"),
        MultiFieldPanel(
            [
                FieldPanel("deck"),
                FieldPanel("theme", help_text=_("For example: family, work, the first year.")),
                FieldPanel("difficulty", widget=forms.RadioSelect),
            ],
            heading=_("Where it belongs"),
        ),
        FieldPanel("sensitive_advice"),
        FieldPanel("image", help_text=_("The picture's description is read out to those who don't see it.")),
        audience_panel(),
        PublishingPanel(),
    ]
    list_display = content_columns(_("Deck"))
    filterset_class = content_filterset(
        ConversationCard,
        difficulty=django_filters.ChoiceFilter(
            label=_("Difficulty"), choices=Difficulty.choices, empty_label=_("All"), widget=forms.RadioSelect
        ),
    )
    export_filename = "conversation-cards"
    export_headings = EXPORT_HEADINGS
    list_export = [
        "id",
        "translation_key",
        "locale.language_code",
        "deck.name",
        "title",
        "prompt",
        "follow_ups",
        "theme",
        "difficulty",
        "sensitive_advice",
        "audience",
        "audience_roles",
        "sort_order",
        "live",
        "updated_at",
    ]


class CardDeckViewSet(CategoryViewSet):
    model = CardDeck
    icon = "duplicate"
    base_url_path = "content/card-decks"
    export_filename = "card-decks"
    list_export = ["id", "translation_key", "locale.language_code", "name", "description", "sort_order"]
    panels = [
        FieldPanel("name", help_text=_("The theme in a few words.")),
        FieldPanel("description", help_text=_("When and with whom the deck is useful.")),
    ]
