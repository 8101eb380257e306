"""Queries that run on every request, written once: the ORM takes longer to write some than they run."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS
from django.db.models import QuerySet
from django.db.models.query import get_related_populators

from tenants.backend.statements import Ask, Statement
from tenants.db import connection

# Compiled queries kept per thread; they are small, and there is one per organisation and day.
MOST = 500
_local = threading.local()


# What a value that varies is for PostgreSQL.
_TYPES = {UUID: "uuid", datetime: "timestamptz", date: "date"}


def statement_of(text: str, parameters: Sequence[Any], marks: Callable[[Any], str | None]) -> "Marked":
    """A query as the ORM writes it, with the values that `marks` names left open and the others written in.

    A value that occurs several times under one name is one.
    """
    parts: list[str | int] = []
    places: dict[str, int] = {}
    types: list[str] = []
    for piece, value in zip(text.split("%s"), [*parameters, None], strict=True):
        parts.append(piece.replace("%%", "%"))
        mark = marks(value)
        if mark is None:
            parts.append(connection.literal(value))
            continue
        if mark not in places:
            places[mark] = len(types)
            types.append(_TYPES[type(value)])
        parts.append(places[mark])
    del parts[-1]  # Behind the last piece there is no parameter.
    return Marked(Statement(parts, types), tuple(places))


@dataclass(frozen=True)
class Marked:
    """A statement, and the names of its values in their order."""

    statement: Statement
    names: tuple[str, ...]

    def ask(self, values: Mapping[str, Any]) -> Ask:
        return self.statement, [connection.literal(values[name]) for name in self.names]


class Prepared:
    """A queryset of instances whose SQL is written once per `key` and run with other values.

    `build()` makes the queryset with a mark (a value that occurs nowhere else) in the place of each value
    that varies, and `marks` names them; whatever else it depends on must be in the key. Raises ValueError
    where the values given aren't those that are marked: then something was assumed that doesn't hold.
    """

    def __init__(self, name: str, build: Callable[[], QuerySet], marks: Callable[[Any], str | None]):
        self.name, self.build, self.marks = name, build, marks

    def first(self, key: tuple, values: Mapping[str, Any]) -> Any:
        """The first instance, or None."""
        rows = connection.run(*self.ask(key, values))
        return self.instance(key, rows[0]) if rows else None

    def ask(self, key: tuple, values: Mapping[str, Any]) -> Ask:
        """The query and its values, for whoever sends it together with another."""
        compiled = self._compiled(key)
        if set(compiled.marked.names) != values.keys():
            raise ValueError(f"{self.name} has other marks than the values given")
        return compiled.marked.ask(values)

    def instance(self, key: tuple, row: Sequence[Any]) -> Any:
        """The instance that a row of the statement's answer holds."""
        return self._compiled(key).maker.instance(row)

    def _compiled(self, key: tuple) -> "_Written":
        kept = _local.__dict__.setdefault(self.name, {})
        if key not in kept:
            if len(kept) >= MOST:
                kept.clear()
            kept[key] = self._write()
        return kept[key]

    def _write(self) -> "_Written":
        compiler = self.build().query.get_compiler(DEFAULT_DB_ALIAS)
        text, parameters = compiler.as_sql()
        return _Written(_Maker(compiler), statement_of(text, parameters, self.marks))


class _Maker:
    """Makes instances of a query's rows, as `ModelIterable` does, but finds out once how.

    What has to be found out is the same for every row, and takes longer than making one of them.
    """

    def __init__(self, compiler: Any):
        select, described = compiler.select, compiler.klass_info
        self.model = described["model"]
        self.begin, self.end = described["select_fields"][0], described["select_fields"][-1] + 1
        self.names = [column[0].target.attname for column in select[self.begin : self.end]]
        self.related = get_related_populators(described, select, DEFAULT_DB_ALIAS)  # type: ignore[call-arg]
        self.annotations = list(compiler.annotation_col_map.items())
        found = compiler.get_converters([column[0] for column in select[: compiler.col_count]])
        self.converters = [
            (place, converter, expression)
            for place, (converters, expression) in found.items()
            for converter in converters
        ]

    def instance(self, row: Sequence[Any]) -> Any:
        values = list(row)
        for place, converter, expression in self.converters:
            values[place] = converter(values[place], expression, connection)
        made = self.model.from_db(DEFAULT_DB_ALIAS, self.names, values[self.begin : self.end])
        for populator in self.related:
            populator.populate(values, made)
        for name, place in self.annotations:
            setattr(made, name, values[place])
        return made


@dataclass(frozen=True)
class _Written:
    """A query's SQL, and what makes instances of its rows."""

    maker: _Maker
    marked: Marked
