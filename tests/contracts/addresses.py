"""Every address the site answers, as its route with the parameters filled in."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.urls import URLPattern, get_resolver

SAMPLES = {
    "int": "1",
    "uuid": "018f3f2a-0000-7000-8000-000000000000",
    "slug": "x",
    "str": "x",
    "path": "x",
}


@dataclass(frozen=True)
class Address:
    """`route` is how the address is written in the URL configuration, `sample` one that matches it."""

    route: str
    sample: str
    callback: Any = field(compare=False, default=None)


def every_address() -> Iterator[Address]:
    yield from _walk(get_resolver().url_patterns, "", "/")


def view_named(callback) -> str:
    """The class or function that answers at an address, by its full name."""
    view = getattr(callback, "view_class", None) or getattr(callback, "cls", None) or callback
    # Some viewsets make a class of their own of each of their views.
    named = [base for base in getattr(view, "__mro__", ()) if "<locals>" not in base.__qualname__]
    view = named[0] if named else view
    return f"{view.__module__}.{view.__qualname__}"


def _walk(patterns, route: str, sample: str) -> Iterator[Address]:
    for pattern in patterns:
        text = str(pattern.pattern)
        here, filled = route + text, sample + _fill(text)
        if isinstance(pattern, URLPattern):
            yield Address(here, filled, pattern.callback)
        else:
            yield from _walk(pattern.url_patterns, here, filled)


def _fill(text: str) -> str:
    text = re.sub(r"<(?:(\w+):)?\w+>", lambda m: SAMPLES.get(m.group(1) or "str", "x"), text)
    # What little of Wagtail's is written as a regular expression.
    text = re.sub(r"\(\?P<\w+>[^)]*\)", "1", text.removeprefix("^").removesuffix("$"))
    return re.sub(r"\\Z|\\|\(\?:.*", "", text)
