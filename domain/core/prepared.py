"""Queries that run on every request, written once: the ORM takes longer to write some than they run."""

import copy
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db import DEFAULT_DB_ALIAS
from django.db.models import QuerySet
from django.db.models.query import ModelIterable
from psycopg import sql

from tenants.db import connection

# Compiled queries kept per thread; they are small, and there is one per organisation and day.
MOST = 500
_local = threading.local()


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
        with connection.cursor() as cursor:
            cursor.execute(self.statement(key, values))
            row = cursor.fetchone()
        return None if row is None else self.instance(key, row)

    def statement(self, key: tuple, values: Mapping[str, Any]) -> str:
        """The query with its values written in, for whoever sends it together with another."""
        compiled = self._compiled(key)
        if compiled.marks != values.keys():
            raise ValueError(f"{self.name} has other marks than the values given")
        written = {mark: sql.quote(value) for mark, value in values.items()}
        return "".join([written[part.name] if isinstance(part, _Mark) else part for part in compiled.parts])

    def instance(self, key: tuple, row: Sequence[Any]) -> Any:
        """The instance that a row of the statement's answer holds."""
        run = copy.copy(self._compiled(key).compiler)
        run.connection = connection
        run.execute_sql = lambda *args, **kwargs: [[row]]
        queryset: Any = _Compiled(run)
        return next(iter(ModelIterable(queryset)))

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
        # What turns columns into values is the same for every row: found once.
        converters = compiler.get_converters([column[0] for column in compiler.select[: compiler.col_count]])
        compiler.get_converters = lambda expressions: converters
        parts: list[str | _Mark] = []
        for piece, value in zip(text.split("%s"), [*parameters, None], strict=True):
            parts.append(piece.replace("%%", "%"))
            mark = self.marks(value)
            parts.append(_Mark(mark) if mark else sql.quote(value))
        del parts[-1]  # Behind the last piece there is no parameter.
        return _Written(compiler, parts)


class _Mark:
    """The place of a value that varies."""

    def __init__(self, name: str):
        self.name = name


class _Written:
    """A query's compiler, and its SQL in pieces."""

    def __init__(self, compiler: Any, parts: Sequence[str | _Mark]):
        self.compiler, self.parts = compiler, parts
        self.marks = {part.name for part in parts if isinstance(part, _Mark)}


class _Compiled:
    """What ModelIterable needs of a queryset."""

    db = DEFAULT_DB_ALIAS
    _known_related_objects: dict = {}
    _hints: dict = {}

    def __init__(self, compiler: Any):
        self.query = self
        self.compiler = compiler

    def get_compiler(self, using: str | None = None, **kwargs: Any) -> Any:
        return self.compiler
