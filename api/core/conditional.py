"""Conditional requests (RFC 9110, section 13): strong entity tags and 304."""

import base64
import hashlib
import re
from functools import cache
from importlib.metadata import version
from pathlib import Path

from django.http import HttpResponse

_ROOT = Path(__file__).resolve().parents[2]
# What decides, besides data, how an answer looks: a release that changes it changes every entity tag.
_SOURCES = ("api/**/*.py", "domain/config/*.py", "cms/media.py", "cms/models/*.py", "locale/**/*.po")


@cache
def release() -> str:
    """A digest of the code that makes answers."""
    digest = hashlib.sha256(version("wagtail").encode())
    for pattern in _SOURCES:
        for path in sorted(_ROOT.glob(pattern)):
            digest.update(path.read_bytes())
    return digest.hexdigest()


def etag_of(*parts: object) -> str:
    """A strong entity tag for everything an answer depends on (or for the answer's bytes)."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part if isinstance(part, bytes) else str(part).encode())
        digest.update(b"\0")
    return f'"{base64.urlsafe_b64encode(digest.digest()[:15]).decode()}"'


def matches(if_none_match: str, etag: str) -> bool:
    """Whether the header names the tag; weak comparison, as If-None-Match demands."""
    if if_none_match.strip() == "*":
        return True
    return any(tag.strip().removeprefix("W/") == etag for tag in if_none_match.split(","))


def names_version(if_match: str, version: int) -> bool:
    """Whether the header names a state of this version: what stands before a tag's hyphen."""
    return any(re.fullmatch(rf'"{version}(-[^"]*)?"', tag.strip()) for tag in if_match.split(","))


def not_modified(headers: dict[str, str]) -> HttpResponse:
    """A 304 with the headers that a 200 would have had (RFC 9110, 15.4.5)."""
    response = HttpResponse(status=304, headers=headers)
    del response["Content-Type"]
    return response
