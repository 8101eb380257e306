"""Names of files as people gave them, fit to be shown, sent in a header and saved on any computer."""

import re
import unicodedata

LONGEST = 120
# Reserved by Windows, whatever their suffix.
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)\Z", re.I)
_FORBIDDEN = re.compile(r'[<>:"|?*]')
# Endings that say what a file is, or would: the real one is put in their place.
_ENDING = re.compile(
    r"\.(apk|bat|bmp|cmd|com|csv|dmg|docm|docx?|exe|gif|hei[cf]|hta|html?|iso|jar|jpe?g|jsp?|js|lnk|msi|odt|"
    r"pdf|phar|php\d?|phtml|pif|png|pptx?|ps1|py|rtf|scr|sh|svgz?|tiff?|txt|url|vbs|webp|wsf|xht|xhtml|xlsm|"
    r"xlsx?|xml|zip)\Z",
    re.I,
)


def clean_name(name: str, suffix: str) -> str:
    """The last part of a path without controls, marks that change the direction of text, or false endings.

    `suffix` is that of the real type (".jpg") and ends the name, once.
    """
    text = unicodedata.normalize("NFC", str(name)).replace("\\", "/").rsplit("/", 1)[-1]
    # Cc: controls, NUL among them; Cf: direction overrides, zero-width marks; Cs: halves of characters.
    text = "".join(" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in text)
    text = "".join(c for c in text if unicodedata.category(c) not in ("Cf", "Cs", "Co", "Cn"))
    text = " ".join(_FORBIDDEN.sub("-", text).split()).strip(" .")
    while ending := _ENDING.search(text):
        text = text[: ending.start()].rstrip(" .")
    text = text[: LONGEST - len(suffix)].rstrip(" .")
    if not text or _RESERVED.match(text.split(".", 1)[0]):
        text = "fil"
    return text + suffix
