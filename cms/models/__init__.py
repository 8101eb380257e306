"""Content, one file per entity. Lives in each organisation's schema, the platform's own included."""

from .base import Audience
from .conversation_cards import CardDeck, ConversationCard
from .faq import FaqCategory, FaqEntry
from .files import CustomDocument, CustomImage, CustomRendition
from .imports import ContentImport, ImportedRow
from .resource_links import LinkCheck, ResourceCategory, ResourceLink

__all__ = [
    "Audience",
    "CardDeck",
    "ContentImport",
    "ConversationCard",
    "CustomDocument",
    "CustomImage",
    "CustomRendition",
    "FaqCategory",
    "FaqEntry",
    "ImportedRow",
    "LinkCheck",
    "ResourceCategory",
    "ResourceLink",
]
