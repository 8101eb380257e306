"""Which rows of entities were written, noted by triggers that only tests install."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.apps import apps
from psycopg import sql

from domain.core.models import Entity
from tenants.backend.schema import is_shared
from tenants.db import connection

# Written with, and named by, the event of another object: model -> what names it.
NAMED_BY = {
    "access.roleassignment": "the person who has the role",
    "access.invitation": "the person or address that is invited",
    "certification.certificationrequirement": "the certification it is a line of",
    "certification.certificationreminder": "the certification it reminds of",
    "cms.faqentry": "Wagtail's log entry of the same save",
}
BEFORE = UUID(int=0)
_NOTE = """
    CREATE TABLE IF NOT EXISTS zz_written (kind text, id text);
    GRANT ALL ON zz_written TO PUBLIC;
    CREATE OR REPLACE FUNCTION zz_note_write() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      EXECUTE format('INSERT INTO %I.zz_written VALUES ($1, $2)', TG_TABLE_SCHEMA)
        USING TG_ARGV[0], coalesce(NEW.id::text, OLD.id::text);
      RETURN NULL;
    END $$;
"""


def entities() -> list[type[Entity]]:
    """Entities that live in an organisation's schema."""
    return [
        model
        for model in apps.get_models()
        if issubclass(model, Entity) and not is_shared(model._meta.app_label)
    ]


@contextmanager
def watched(schema: str) -> Iterator[None]:
    """Note every row of an entity that is written in this schema."""
    connection.set_schema(schema)
    with connection.as_owner(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(_NOTE)
        for model in entities():
            cursor.execute(
                sql.SQL(
                    "CREATE TRIGGER zz_note AFTER INSERT OR UPDATE OR DELETE ON {} "
                    "FOR EACH ROW EXECUTE FUNCTION zz_note_write({})"
                ).format(sql.Identifier(schema, model._meta.db_table), sql.Literal(model._meta.label_lower))
            )
    yield


def unsaid(schema: str, since: UUID = BEFORE) -> set[tuple[str, str]]:
    """Rows written in this transaction that no event of the record, with a later id than `since`, names."""
    with connection.cursor() as cursor:
        connection.set_schema(schema)
        cursor.execute(
            "SELECT DISTINCT w.kind, w.id FROM zz_written w "
            "WHERE NOT EXISTS (SELECT FROM audit_auditevent e WHERE e.object_type = w.kind "
            "AND e.object_id = w.id AND e.xid = pg_current_xact_id() AND e.id > %s)",
            [since],
        )
        return {(kind, pk) for kind, pk in cursor.fetchall() if kind not in NAMED_BY}


def written(schema: str) -> set[str]:
    """The kinds of rows written so far."""
    with connection.cursor() as cursor:
        connection.set_schema(schema)
        cursor.execute("SELECT DISTINCT kind FROM zz_written")
        return {kind for (kind,) in cursor.fetchall()}
