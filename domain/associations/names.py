"""Putting Norwegian names in order and finding them, without a collation of the database."""

import re
import unicodedata

# The end of the Norwegian alphabet; Swedish and German letters stand with the Norwegian they sound like.
_LETTERS = str.maketrans({"æ": "zz1", "ä": "zz1", "ø": "zz2", "ö": "zz2", "å": "zz3", "đ": "d", "ŋ": "n"})
_NUMBER = re.compile(r"\d+")
_SPACE = re.compile(r"\s+")


def sort_key(text: str) -> str:
    """Orders names as a Norwegian list does: æ, ø, å and aa last, other accents ignored, 2 before 10."""
    words = _SPACE.sub(" ", text).strip().casefold().replace("aa", "å")
    letters = unicodedata.normalize("NFC", words).translate(_LETTERS)
    plain = "".join(c for c in unicodedata.normalize("NFD", letters) if not unicodedata.combining(c))
    return _NUMBER.sub(lambda found: found.group().zfill(8), plain)[:300]


def folded(text: str) -> str:
    """For comparing what people type: case and runs of spaces don't count."""
    return _SPACE.sub(" ", text).strip().casefold()
