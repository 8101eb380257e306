"""In which language an answer is: query, then Accept-Language, then the user's, then the organisation's."""

import re
from functools import lru_cache

from django.conf import settings

LOCALES: tuple[str, ...] = tuple(code for code, _name in settings.LANGUAGES)
_ALIASES = {"no": "nb"}
_PART = re.compile(r"^\s*([a-zA-Z]{1,8}|\*)(?:-[a-zA-Z0-9-]+)?\s*(?:;\s*q\s*=\s*([01](?:\.\d{0,3})?))?\s*$")


def supported(tag: str) -> str | None:
    """One of our locales for a language tag (`nb-NO`, `no`), or None."""
    code = tag.strip().lower().replace("_", "-").split("-")[0]
    code = _ALIASES.get(code, code)
    return code if code in LOCALES else None


@lru_cache(maxsize=1000)
def accepted(header: str) -> str | None:
    """The first of our locales that an Accept-Language header prefers, or None."""
    best, best_quality = None, 0.0
    for part in header[:500].split(","):
        match = _PART.match(part)
        if not match:
            continue
        quality = float(match[2]) if match[2] else 1.0
        locale = supported(match[1])
        if locale and quality > best_quality:
            best, best_quality = locale, quality
    return best


def asked(request) -> str | None:
    """What the request itself says: `?locale=`, else Accept-Language, else None."""
    wanted = supported(request.GET.get("locale", ""))
    return wanted or accepted(request.META.get("HTTP_ACCEPT_LANGUAGE", ""))


def locale_for(request, user=None) -> str:
    """The locale of an answer; `user` is the person signed in, if any."""
    organization = getattr(request, "tenant", None)
    return (
        asked(request)
        or supported(getattr(user, "language", "") or "")
        or supported(getattr(organization, "default_language", "") or "")
        or settings.LANGUAGE_CODE
    )


def fallbacks(locale: str) -> list[str]:
    """The locales to try, best first (nn → nb → en)."""
    return settings.LOCALE_FALLBACK[locale]
