"""A piece of content as the content API sends it."""

from typing import Any

from wagtail.rich_text import expand_db_html, get_text_for_indexing

from cms.models import ConversationCard, FaqEntry
from cms.models.base import ContentItem


def _heading(item, name):
    heading = getattr(item, name, None)
    return {"id": str(heading.pk), "name": heading.name} if heading else None


def payload(item: ContentItem) -> dict[str, Any]:
    common = {"id": str(item.pk), "audience": item.audience, "locale": item.locale.language_code}
    if isinstance(item, FaqEntry):
        return {
            **common,
            "question": item.question,
            "answer_html": expand_db_html(item.answer or ""),
            "answer_text": get_text_for_indexing(item.answer or ""),
            "category": _heading(item, "category"),
        }
    if isinstance(item, ConversationCard):
        return {
            **common,
            "title": item.title,
            "prompt": item.prompt,
            "follow_ups": list(item.follow_ups),
            "theme": item.theme,
            "deck": _heading(item, "deck"),
            "difficulty": item.difficulty,
            "sensitive_advice": item.sensitive_advice,
            "image": None,
        }
    return {
        **common,
        "title": item.title,
        "url": item.url,
        "description": item.description,
        "category": _heading(item, "category"),
        "image": None,
    }
