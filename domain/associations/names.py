"""Comparing the numbers and names of local associations as people type them."""

import re

_SPACE = re.compile(r"\s+")


def folded(text: str) -> str:
    """For comparing what people type: case and runs of spaces don't count."""
    return _SPACE.sub(" ", text).strip().casefold()
