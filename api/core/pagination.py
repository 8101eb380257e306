"""Cursor pagination by keyset: pages stay right while rows come and go, and cost the same at any depth."""

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext as _

from tenants.db import connection

from .errors import Problem


@dataclass(frozen=True)
class Page:
    """`next` and `previous` are cursors, or None at the ends."""

    items: list[Any]
    next: str | None
    previous: str | None


@dataclass(frozen=True, kw_only=True)
class Cutter:
    """Which page of a list: `backwards` from the end, and whether it begins at a position."""

    ordering: tuple[str, ...]
    mark: str
    page_size: int
    backwards: bool = False
    has_position: bool = False

    def cut(self, items: list[Any], position_of: Callable[[Any], Sequence[Any]]) -> Page:
        """The page from the rows that were read, in the order of `rows`."""
        more, items = len(items) > self.page_size, items[: self.page_size]
        if self.backwards:
            items.reverse()
        has_next = bool(items) if self.backwards else more
        has_previous = more if self.backwards else self.has_position and bool(items)
        return Page(
            items=items,
            next=_encode(position_of(items[-1]), self.mark, backwards=False) if has_next else None,
            previous=_encode(position_of(items[0]), self.mark, backwards=True) if has_previous else None,
        )


@dataclass(frozen=True, kw_only=True)
class Window(Cutter):
    """One page of a queryset before it is read: `rows` are the page's and one more.

    Whoever reads them gives their values of `ordering` to `cut`.
    """

    rows: QuerySet


def first_page(model: type[Model], *, ordering: Sequence[str], page_size: int) -> Cutter:
    """For whoever has the first page's rows, and one more, from elsewhere."""
    return Cutter(ordering=tuple(ordering), mark=_mark(model, ordering), page_size=page_size)


def window(queryset: QuerySet, *, ordering: Sequence[str], page_size: int, cursor: str | None) -> Window:
    """The page that a cursor names. `ordering` names columns that are never null and ends with a unique one.

    Raises Problem (400, `invalid-cursor`) for a cursor that isn't ours or is of another list, ordering or
    organisation. A cursor is a position and opens nothing: what is listed from there on is for `queryset`.
    """
    mark = _mark(queryset.model, ordering)
    backwards, position = _decode(queryset.model, cursor, ordering, mark) if cursor else (False, None)
    columns = [_flipped(name) for name in ordering] if backwards else list(ordering)
    if position is not None:
        queryset = queryset.filter(_after(columns, position))
    rows = queryset.order_by(*columns)[: page_size + 1]
    return Window(
        rows=rows,
        ordering=tuple(ordering),
        mark=mark,
        page_size=page_size,
        backwards=backwards,
        has_position=position is not None,
    )


def paginate(queryset: QuerySet, *, ordering: Sequence[str], page_size: int, cursor: str | None) -> Page:
    """One page of a queryset, read as instances; arguments and errors as of `window`."""
    page = window(queryset, ordering=ordering, page_size=page_size, cursor=cursor)
    return page.cut(list(page.rows), lambda row: position_of(row, page.ordering))


def position_of(row: Any, ordering: Sequence[str]) -> list[Any]:
    """An instance's values of the columns that order the list."""
    return [_value(row, column) for column in ordering]


def page_url(request, cursor: str | None) -> str | None:
    """The address of another page of the same list."""
    if cursor is None:
        return None
    parameters = {**request.query_params.dict(), "cursor": cursor}
    return request.build_absolute_uri(f"{request.path}?{urlencode(parameters)}")


def _flipped(name: str) -> str:
    return name[1:] if name.startswith("-") else f"-{name}"


def _after(columns: Sequence[str], position: Sequence[Any]) -> Q:
    """Rows behind a position: the first column is beyond, or equal and the second is beyond, and so on."""
    condition, equal = Q(), Q()
    for column, value in zip(columns, position, strict=True):
        name = column.lstrip("-")
        lookup = "lt" if column.startswith("-") else "gt"
        condition |= equal & Q(**{f"{name}__{lookup}": value})
        equal &= Q(**{name: value})
    return condition


def _value(row: Any, path: str) -> Any:
    for name in path.lstrip("-").split("__"):
        row = getattr(row, name)
    return row


def _mark(model: type[Model], ordering: Sequence[str]) -> str:
    """Which list of which organisation a cursor belongs to."""
    told = "\0".join((connection.schema_name, model._meta.label, *ordering))
    return hashlib.sha256(told.encode()).hexdigest()[:12]


def _encode(position: Sequence[Any], mark: str, *, backwards: bool) -> str:
    values = [_text(value) for value in position]
    payload = json.dumps([int(backwards), mark, values], ensure_ascii=False)
    return base64.urlsafe_b64encode(payload.encode()).decode().rstrip("=")


def _text(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID | Decimal) else value


def _decode(model: type[Model], cursor: str, ordering: Sequence[str], mark: str) -> tuple[bool, list[Any]]:
    try:
        payload = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        backwards, marked, values = payload
        if marked != mark or backwards not in (0, 1) or len(values) != len(ordering):
            raise ValueError
        if any(isinstance(value, list | dict | None.__class__) for value in values):
            raise ValueError
        position = [
            _field(model, name).to_python(value) for name, value in zip(ordering, values, strict=True)
        ]
        # No text of PostgreSQL holds a NUL or half of a character (UnicodeEncodeError is a ValueError).
        if b"\0" in "".join(value for value in position if isinstance(value, str)).encode():
            raise ValueError
    except (ValueError, TypeError, ArithmeticError, binascii.Error, ValidationError, RecursionError):
        raise Problem(
            "invalid-cursor",
            _("This cursor doesn't belong to this list: begin again without it."),
            errors=[
                {"pointer": "?cursor", "code": "invalid-cursor", "detail": _("Not a cursor of this list.")}
            ],
        ) from None
    return bool(backwards), position


def _field(model: type[Model], path: str) -> Any:
    *relations, last = path.lstrip("-").split("__")
    for name in relations:
        related = model._meta.get_field(name).related_model
        if related is None or isinstance(related, str):
            raise FieldDoesNotExist(path)
        model = related
    return model._meta.get_field(last)
