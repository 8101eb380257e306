"""JSON in (RFC 8259), read strictly: what two readers could take for two different things is refused."""

import json
from itertools import chain
from typing import Any

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

# Arrays and objects inside each other. No body of ours needs ten; what is much deeper would end in a
# RecursionError wherever it is walked through.
DEEPEST = 32


class StrictJsonParser(BaseParser):
    """UTF-8 whatever charset is claimed, finite numbers, each member once, no lone surrogates, not too deep.

    Raises ParseError (400, `malformed-request`).
    """

    media_type = "application/json"
    deepest = DEEPEST
    # Half characters are somebody else's to refuse.
    takes_broken_text = False

    def parse(self, stream, media_type=None, parser_context=None):
        # Django holds its own request's body, not the stream, to DATA_UPLOAD_MAX_MEMORY_SIZE.
        body = stream.body if isinstance(stream, HttpRequest) else stream.read()
        try:
            text = body.decode("utf-8-sig")  # A byte order mark may be ignored.
        except UnicodeDecodeError:
            raise _unreadable(_("The body must be in UTF-8.")) from None
        try:
            value = json.loads(
                text, object_pairs_hook=_each_once, parse_constant=_no_number, parse_float=_finite
            )
        except json.JSONDecodeError as error:
            where = {"line": error.lineno, "column": error.colno}
            raise _unreadable(_("The body is no JSON: line %(line)d, column %(column)d.") % where) from None
        except ValueError:  # More digits than Python reads.
            raise _no_number_there() from None
        except RecursionError:
            raise _too_deep() from None
        if text.count("[") + text.count("{") > self.deepest and not _is_flat_enough(value, self.deepest):
            raise _too_deep()
        if not self.takes_broken_text and "\\u" in text and not _is_text(value):
            raise _unreadable(_("The body holds half of a character (a lone surrogate)."))
        return value


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise _unreadable(_("The body has a member twice."))
    return members


def _no_number(_word: str) -> float:
    raise _no_number_there()


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise _no_number_there()
    return number


def _is_flat_enough(value: Any, deepest: int = DEEPEST) -> bool:
    level = [value]
    for _depth in range(deepest + 1):
        level = [one for one in level if isinstance(one, dict | list)]
        if not level:
            return True
        level = list(chain.from_iterable(one.values() if isinstance(one, dict) else one for one in level))
    return False


def _is_text(value: Any) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _no_number_there() -> ParseError:
    return _unreadable(_("A number in the body is too large, or isn't one."))


def _too_deep() -> ParseError:
    return _unreadable(_("The body is nested too deeply."))


def _unreadable(detail: str | Promise) -> ParseError:
    return ParseError(str(detail))
