"""What the phone preview's templates need beyond Django's filters."""

from urllib.parse import urlsplit

from django import template

from cms.models.conversation_cards import Difficulty

register = template.Library()


def _parts(url: str):
    try:
        return urlsplit(url or "")
    except ValueError:  # Half an address, as it is while someone types it.
        return urlsplit("")


@register.filter
def host(url: str) -> str:
    """The host name of an address without `www.`; empty where there is none."""
    return _parts(url).netloc.rpartition("@")[2].removeprefix("www.")


@register.filter
def is_https(url: str) -> bool:
    """Whether the address is one that the app would open."""
    parts = _parts(url)
    return parts.scheme == "https" and bool(parts.netloc)


@register.filter
def difficulty_label(key: str) -> str:
    """The label of a card's difficulty; the key itself for one that isn't known."""
    return str(Difficulty(key).label) if key in Difficulty.values else key
