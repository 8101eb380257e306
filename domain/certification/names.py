"""Texts that an organisation keeps in several languages, each in a column of its own."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.utils.translation import get_language


def languages(wanted: str = "") -> Iterator[str]:
    """The reader's language (or the one wanted) first, then those that stand in for it."""
    first = (wanted or get_language() or settings.LANGUAGE_CODE)[:2]
    yield from settings.LOCALE_FALLBACK.get(first, settings.LOCALE_FALLBACK["en"])


def in_reading_language(row: Any, column: str, wanted: str = "") -> str:
    """`row.<column>_nb` or its siblings: the first that isn't empty."""
    texts = (getattr(row, f"{column}_{language}") for language in languages(wanted))
    return next((text for text in texts if text), "")
