"""Plain text: told from what a browser would run."""

import re

_MARKUP = re.compile(rb"^\s*(<!doctype\s+html|<html|<head|<body|<script|<svg|<\?xml|<!entity|<iframe)", re.I)


def is_text(data: bytes) -> bool:
    """Text in UTF-8 or Windows-1252 that isn't markup."""
    if b"\x00" in data or _MARKUP.match(data.removeprefix(b"\xef\xbb\xbf")[:1000]):
        return False
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        # Spreadsheets of an older Windows: nearly every byte is a letter of Windows-1252, controls are not.
        return not any(byte < 9 or 14 <= byte < 32 for byte in data)
    return True
