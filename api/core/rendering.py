"""JSON out: always, whatever the Accept header says, and by orjson."""

from decimal import Decimal
from typing import Any

import orjson
from django.utils.functional import Promise
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import BaseRenderer


def _plain(value: Any) -> str:
    """What orjson doesn't know: lazy translations, and decimals as text."""
    if isinstance(value, Promise | Decimal):
        return str(value)
    raise TypeError(f"not serializable: {type(value)}")


def to_json(data: Any) -> bytes:
    """The bytes of a document: UTF-8, times in UTC with `Z`."""
    options = orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC | orjson.OPT_NON_STR_KEYS
    return orjson.dumps(data, default=_plain, option=options)


class JsonRenderer(BaseRenderer):
    media_type = "application/json"
    format = "json"
    charset = None
    render_style = "binary"

    def render(self, data, accepted_media_type=None, renderer_context=None):
        return b"" if data is None else to_json(data)


class AlwaysJson(BaseContentNegotiation):
    """The API speaks JSON only; a caller that asks for something else gets JSON too (RFC 9110, 12.5.1)."""

    def select_parser(self, request, parsers):
        media_type = (request.content_type or "").split(";")[0].strip().lower()
        return next((p for p in parsers if p.media_type == media_type), None)

    def select_renderer(self, request, renderers, format_suffix=None):
        return renderers[0], renderers[0].media_type
