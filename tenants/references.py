"""Foreign keys that the database doesn't check: those from an organisation's schema to shared tables.

They have no constraint (tenants/backend/schema.py says why); this finds rows that point to nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.apps import apps
from django.db import models
from psycopg import sql

from tenants.db import connection

from .backend.schema import is_shared


@dataclass(frozen=True)
class Orphans:
    """Rows of one column whose target is missing."""

    schema: str
    table: str
    column: str
    target: str
    rows: int


def crossing_keys() -> list[tuple[str, str, str, str]]:
    """(table, column, target table, target column) of every foreign key that leaves an organisation."""
    return sorted(
        {
            (
                model._meta.db_table,
                field.column or field.name,
                field.remote_field.model._meta.db_table,
                field.target_field.column or field.target_field.name,
            )
            for model in apps.get_models(include_auto_created=True)
            if model._meta.managed and not model._meta.proxy and not is_shared(model._meta.app_label)
            for field in model._meta.local_fields
            if isinstance(field, models.ForeignKey) and is_shared(field.remote_field.model._meta.app_label)
        }
    )


def orphans(schema: str) -> Iterator[Orphans]:
    """What a schema has of them: one query per schema, as owner."""
    keys = crossing_keys()
    parts = [
        sql.SQL(
            "SELECT {number}, count(*) FROM {table} t WHERE t.{column} IS NOT NULL "
            "AND NOT EXISTS (SELECT FROM {target} o WHERE o.{key} = t.{column})"
        ).format(
            number=sql.Literal(number),
            table=sql.Identifier(schema, table),
            column=sql.Identifier(column),
            target=sql.Identifier("public", target),
            key=sql.Identifier(key),
        )
        for number, (table, column, target, key) in enumerate(keys)
    ]
    with connection.as_owner(), connection.cursor() as cursor:
        cursor.execute(sql.SQL(" UNION ALL ").join(parts))
        for number, rows in cursor.fetchall():
            if rows:
                table, column, target, _key = keys[number]
                yield Orphans(schema, table, column, target, rows)
