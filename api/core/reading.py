"""Reading rows as JSON: compiled where the serializer allows it, through the serializer otherwise.

The ORM says which rows (scope, filters, order, limit); the projection says what is in them. `MATERIALIZED`
keeps PostgreSQL from building the JSON of every row before it sorts.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import Prefetch, QuerySet

from tenants.db import connection

from .pagination import position_of
from .projection import Projection, project, related_order, related_paths
from .rendering import to_json
from .serializers import EntitySerializer


@dataclass(frozen=True)
class Row:
    """A row's JSON, its version (None where the entity has none) and its place in the list."""

    json: str
    version: int | None
    position: Sequence[Any]


@dataclass(frozen=True)
class Reader:
    """Reads rows of one shape: a serializer with the fields and expansions asked for.

    `projection` is None where the shape can't be compiled.
    """

    make: Callable[..., EntitySerializer]
    projection: Projection | None
    annotations: tuple[str, ...]
    versioned: bool

    def read(self, rows: QuerySet, ordering: Sequence[str] = (), *, context: dict[str, Any]) -> list[Row]:
        """The rows of a queryset, in its order; `ordering` names the columns of it."""
        if self.projection is None:
            return self._represent(rows, ordering, context)
        try:
            sql, parameters = self.written(rows, ordering, self.projection)
        except EmptyResultSet:
            return []
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            return as_rows(cursor.fetchall())

    def written(
        self, rows: QuerySet, ordering: Sequence[str], projection: Projection
    ) -> tuple[str, tuple[Any, ...]]:
        """The statement that reads rows, whose answer is for `as_rows`, and its parameters.

        Raises EmptyResultSet where there can be none.
        """
        columns = [name.lstrip("-") for name in ordering]
        page = rows.values_list("pk", *columns, *projection.annotations)
        page_sql, parameters = page.query.get_compiler(connection.alias).as_sql()
        return _statement(rows, page_sql, len(columns), projection, self.versioned), tuple(parameters)

    def _represent(self, rows: QuerySet, ordering: Sequence[str], context: dict[str, Any]) -> list[Row]:
        serializer = self.make(context=context)
        items = list(with_relations(rows, serializer))
        return [
            Row(
                to_json(serializer.to_representation(item)).decode(),
                item.version if self.versioned else None,
                position_of(item, ordering),
            )
            for item in items
        ]


def as_rows(found: Sequence[Sequence[Any]]) -> list[Row]:
    return [Row(row[0], row[1], row[2:]) for row in found]


def reader_for(make: Callable[..., EntitySerializer], queryset: QuerySet, *, compiled: bool) -> Reader:
    """The reader of a shape. Raises NotCompilable where `compiled` is wanted and can't be had."""
    model = queryset.model
    output = {name: e.output_field for name, e in queryset.query.annotations.items()}
    return Reader(
        make=make,
        projection=project(make(), model, output) if compiled else None,
        annotations=tuple(output),
        versioned=any(field.name == "version" for field in model._meta.concrete_fields),
    )


def with_relations(queryset: QuerySet, serializer: EntitySerializer) -> QuerySet:
    """The queryset with everything the serializer follows, so that no row costs a query of its own.

    Rows of a to-many relation come in the same order as in a compiled read.
    """
    single: list[str] = []
    many: list[str] = []
    paths = sorted(set(related_paths(serializer)))
    for path, is_many in paths:
        inside_many = any(path.startswith(f"{outer}__") for outer, outer_many in paths if outer_many)
        (many if is_many or inside_many else single).append(path)
    if single:
        queryset = queryset.select_related(*single)
    for path in many:
        model = _related_model(queryset.model, path)
        queryset = queryset.prefetch_related(
            Prefetch(path, queryset=model._default_manager.order_by(*related_order(model)))
        )
    return queryset


def _related_model(model: Any, path: str) -> Any:
    for name in path.split("__"):
        accessors = {r.get_accessor_name(): r for r in model._meta.related_objects}
        relation = accessors.get(name) or model._meta.get_field(name)
        model = relation.related_model
    return model


def _statement(rows: QuerySet, page_sql: str, ordered: int, projection: Projection, versioned: bool) -> str:
    places = [f"o{number}" for number in range(ordered)]
    names = ", ".join(["k", *places, *(f'"a_{name}"' for name in projection.annotations)])
    version = "t.version" if versioned else "NULL"
    chosen = ", ".join([f"{projection.row}::text", version, *(f"page.{place}" for place in places)])
    order = [
        f"page.{place} {'ASC' if ascending else 'DESC'}"
        for place, ascending in zip(places, _directions(rows), strict=False)
    ]
    ending = f" ORDER BY {', '.join(order)}" if order else ""
    return (
        f"WITH page ({names}) AS MATERIALIZED ({page_sql}) "  # noqa: S608 - made of names of ours
        f"SELECT {chosen} FROM page {projection.joins}{ending}"
    )


def _directions(rows: QuerySet) -> list[bool]:
    """Whether each column of the queryset's own order ascends."""
    return [not str(name).startswith("-") for name in rows.query.order_by]
