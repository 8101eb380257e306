"""Queries that run on every request, written once: the ORM takes longer to write some than they run."""

import copy
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import QuerySet
from django.db.models.query import ModelIterable

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
        compiler, sql, parameters = self._compiled(key)
        if {mark for _value, mark in parameters if mark} != values.keys():
            raise ValueError(f"{self.name} has other marks than the values given")
        given = tuple(values[mark] if mark else value for value, mark in parameters)
        run = copy.copy(compiler)
        run.connection = connections[DEFAULT_DB_ALIAS]
        run.as_sql = lambda *args, **kwargs: (sql, given)
        queryset: Any = _Compiled(run)
        return next(iter(ModelIterable(queryset)), None)

    def _compiled(self, key: tuple) -> tuple[Any, str, Sequence[tuple[Any, str | None]]]:
        kept = _local.__dict__.setdefault(self.name, {})
        if key not in kept:
            if len(kept) >= MOST:
                kept.clear()
            compiler = self.build().query.get_compiler(DEFAULT_DB_ALIAS)
            sql, parameters = compiler.as_sql()
            marked = [(value, self.marks(value)) for value in parameters]
            kept[key] = (compiler, sql, marked)
        return kept[key]


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
