"""Reads whose SQL is written once: first pages of lists, and single rows.

The ORM takes as long to write them as PostgreSQL to run them. Who asks and for which row are values given
each time; all else that a queryset may depend on is what its SQL is kept under: the organisation, the day,
the language, and what the caller may do where. So `visible_to` and `annotated` must ask for nothing more;
where they ask the database something, or the clock, the SQL is not kept but written each time.
"""

import copy
from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from typing import Any, ClassVar
from uuid import UUID, uuid4

from django.core.exceptions import EmptyResultSet
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import get_language

from domain.core.prepared import Marked, statement_of
from domain.core.scope import Scope
from tenants.db import connection

from .errors import NotFound
from .reading import Reader, Row, as_rows

# Of one entity in one process, for all organisations and standings; a few kB each.
MOST_KEPT = 500
# A list with no others is its first page, without a filter.
PLAIN_PARAMETERS = frozenset({"page_size", "ordering", "fields", "expand", "locale"})
# In the place of the caller and of the row asked for.
CALLER, ROW = uuid4(), uuid4()
_MARKS = {CALLER: "caller", ROW: "row"}
_STANDING = tuple(part.name for part in fields(Scope) if part.name != "user_id")

Build = Callable[[Any], tuple[Reader, QuerySet]]


class _AsksMore(Exception):
    """What is written depends on more than it is kept under."""


class KeptReads:
    """For `EntityViewSet`."""

    scope: Scope
    kwargs: dict[str, Any]
    kept: ClassVar[dict[tuple, Marked | None]]
    asked_more: ClassVar[set[tuple]]
    # False where `visible_to` or `annotated` asks for more than a scope, the day and the language.
    keeps_reads: ClassVar[bool] = True

    def first_rows(self: Any, ordering: tuple[str, ...], columns: tuple[str, ...]) -> list[Row]:
        """The rows of a list's first page, and one more, with their values of `columns`."""
        query = self.query
        page_size = query["page_size"]

        def build(view: Any) -> tuple[Reader, QuerySet]:
            reader, rows = view.shape(view.filtered(view.get_queryset()))
            return reader, rows.order_by(*ordering)[: page_size + 1]

        what = ("list", ordering, page_size, query.get("fields"), query.get("expand"))
        return self.read_rows(what, build, columns)

    def asked_row(self: Any, columns: tuple[str, ...]) -> Row:
        """The row of the address, in the shape asked for, with its values of `columns`. Raises NotFound."""

        def build(view: Any) -> tuple[Reader, QuerySet]:
            return view.shape(view.one(view.get_queryset()))

        what = ("retrieve", self.query.get("fields"), self.query.get("expand"))
        found = self.read_rows(what, build, columns)
        if not found:
            raise NotFound
        return found[0]

    def read_rows(self: Any, what: tuple, build: Build, columns: Sequence[str]) -> list[Row]:
        """The rows that `build(view)` chooses, in the shape it chooses, with their values of `columns`.

        Its SQL is kept under `what`, which has to say all that `build` takes from the request but the row's
        id.
        """
        scope = self.scope
        if self.compiled and self.keeps_reads and scope.user_id is not None:
            now = timezone.now()
            days = timezone.localdate(now), now.date()
            # All of the scope but whose it is.
            standing = tuple([getattr(scope, name) for name in _STANDING])
            key = (what, columns, days, get_language(), connection.schema_name, standing)
            try:
                marked = self.kept[key]
            except KeyError:
                marked = self._keep(key, build, columns)
            if marked is not None:
                values = {"caller": scope.user_id, "row": self.kwargs.get("id")}
                return as_rows(connection.run(*marked.ask(values)))
        reader, rows = build(self)
        return reader.read(rows, columns, context=self.get_serializer_context())

    def _keep(self: Any, key: tuple, build: Build, columns: Sequence[str]) -> Marked | None:
        if len(self.kept) >= MOST_KEPT:
            self.kept.clear()
        try:
            marked = self._write(build, columns)
        except _AsksMore:
            # The first time it may be the reader that asks, for words of its labels.
            if key not in self.asked_more and len(self.asked_more) < MOST_KEPT:
                self.asked_more.add(key)
                return None
            marked = None
        self.kept[key] = marked
        return marked

    def _write(self: Any, build: Build, columns: Sequence[str]) -> Marked | None:
        """The statement for everyone of the caller's standing; None where there can't be one.

        Raises _AsksMore where writing it needs the database.
        """
        view = copy.copy(self)
        view.scope_given = replace(self.scope, user_id=CALLER)
        view.kwargs = {**self.kwargs, **({"id": ROW} if "id" in self.kwargs else {})}
        try:
            with connection.execute_wrapper(_refuse):
                reader, rows = build(view)
                if reader.projection is None:
                    return None
                text, parameters = reader.written(rows, columns, reader.projection)
        except EmptyResultSet:
            return None
        if not all(map(_is_constant, parameters)):
            return None
        return statement_of(text, parameters, _mark)


def _refuse(*asked: Any) -> Any:
    raise _AsksMore


def _mark(value: Any) -> str | None:
    return _MARKS.get(value) if isinstance(value, UUID) else None


def _is_constant(value: Any) -> bool:
    """Whether a parameter is the same each time, or a mark: no moment, and no mark inside of something."""
    if isinstance(value, UUID):
        return True
    text = str(value).replace("-", "")
    return not hasattr(value, "tzinfo") and not any(mark.hex in text for mark in _MARKS)
