"""Cells that a spreadsheet program would run as formulas, made harmless and back again.

A cell that begins with one of these characters is run when the file is opened (OWASP, CSV injection), so it
is written with an apostrophe before it. A text that itself begins with apostrophes before such a character
gets one more, so that undoing always gives back exactly what was written.
"""

import re

# What a cell that is run begins with.
RUN = "=+-@\t\r\n＝＋－＠"
_DANGEROUS = re.compile(f"'*[{re.escape(RUN)}]")
_ESCAPED = re.compile(f"'+[{re.escape(RUN)}]")


def escape(text: str) -> str:
    return f"'{text}" if _DANGEROUS.match(text) else text


def unescape(text: str) -> str:
    """Undo `escape`; what was never escaped stays as it is."""
    return text[1:] if _ESCAPED.match(text) else text
