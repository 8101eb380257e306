"""Conversation prompt cards in decks (entity: conversation card)."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.search import index

from domain.config.terminology import term_lazy

from .base import Category, ContentItem


class Difficulty(models.TextChoices):
    EASY = "easy", _("Easy to begin with")
    MEDIUM = "medium", _("Asks for some trust")
    DEEP = "deep", _("Goes deep")


class CardDeck(Category):
    """A deck of cards on one theme."""

    description = models.TextField(_("description"), max_length=1000, blank=True)

    class Meta(Category.Meta):
        verbose_name = term_lazy("card_deck")
        verbose_name_plural = term_lazy("card_deck", "plural")


class ConversationCard(ContentItem):
    """A prompt that helps a conversation begin, with questions that carry it on."""

    category_field = "deck"

    title = models.CharField(_("title"), max_length=120)
    prompt = models.TextField(_("prompt"), max_length=1000)
    follow_ups = ArrayField(
        models.CharField(max_length=300),
        verbose_name=_("follow-up questions"),
        default=list,
        blank=True,
        size=10,
    )
    theme = models.CharField(_("theme"), max_length=120, blank=True)
    deck = models.ForeignKey(CardDeck, on_delete=models.PROTECT, related_name="cards", verbose_name=_("deck"))
    difficulty = models.CharField(_("difficulty"), max_length=10, choices=Difficulty, default=Difficulty.EASY)
    sensitive_advice = models.TextField(
        _("advice on sensitive topics"),
        max_length=1000,
        blank=True,
        help_text=_("What the peer mentor should have in mind before using this card."),
    )
    image = models.ForeignKey(
        "cms.CustomImage",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("image"),
    )

    search_fields = [
        index.SearchField("title", boost=4),
        index.SearchField("prompt"),
        index.AutocompleteField("title"),
        index.FilterField("audience"),
        index.FilterField("deck_id"),
        index.FilterField("locale_id"),
        index.FilterField("live"),
    ]

    class Meta(ContentItem.Meta):
        verbose_name = term_lazy("conversation_card")
        verbose_name_plural = term_lazy("conversation_card", "plural")
        ordering = ["deck__sort_order", "sort_order", "title"]

    def __str__(self):
        return self.title
