"""Content, one file per entity. Lives in each organisation's schema, the platform's own included."""

from .base import Audience
from .conversation_cards import CardDeck, ConversationCard
from .faq import FaqCategory, FaqEntry
from .files import CustomDocument, CustomImage, CustomRendition
from .resource_links import ResourceCategory, ResourceLink

__all__ = [
    "Audience",
    "CardDeck",
    "ConversationCard",
    "CustomDocument",
    "CustomImage",
    "CustomRendition",
    "FaqCategory",
    "FaqEntry",
    "ResourceCategory",
    "ResourceLink",
]
