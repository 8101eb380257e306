"""Migration operations for what Django's schema editor doesn't know: triggers."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.migrations.operations.base import Operation


class TableTrigger(Operation):
    """A trigger on one model's table, made where that table is."""

    reversible = True
    trigger = ""
    timing = ""
    execute = ""

    def __init__(self, model_name: str):
        self.model_name = model_name

    def deconstruct(self):
        return (type(self).__name__, [self.model_name], {})

    def state_forwards(self, app_label, state):
        pass

    def function_sql(self) -> str:
        raise NotImplementedError

    def _table(self, app_label, schema_editor, state) -> str | None:
        model = state.apps.get_model(app_label, self.model_name)
        if not self.allow_migrate_model(schema_editor.connection.alias, model):
            return None
        return schema_editor.quote_name(model._meta.db_table)

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        table = self._table(app_label, schema_editor, to_state)
        if table:
            schema_editor.execute(self.function_sql(), params=None)
            schema_editor.execute(
                f"CREATE TRIGGER {self.trigger} {self.timing} ON {table} {self.execute}", params=None
            )

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        table = self._table(app_label, schema_editor, from_state)
        if table:
            schema_editor.execute(f"DROP TRIGGER {self.trigger} ON {table}", params=None)

    def describe(self):
        return f"Adds the trigger {self.trigger} to {self.model_name}"


class TrackChanges(TableTrigger):
    """Sets `version`, `updated_at` and `change_xid` of an `Entity` on every insert and update.

    The function lives in the public schema, once for all: a clone's triggers keep calling it.
    """

    trigger = "track_changes"
    timing = "BEFORE INSERT OR UPDATE"
    execute = "FOR EACH ROW EXECUTE FUNCTION public.meander_track_changes()"

    def function_sql(self) -> str:
        return TRACK_CHANGES_SQL


@contextmanager
def unnoticed(schema_editor: Any, model: Any) -> Iterator[None]:
    """For migrations: rows written here keep version and time, as no client has to fetch them again."""
    table = schema_editor.quote_name(model._meta.db_table)
    schema_editor.execute(f"ALTER TABLE {table} DISABLE TRIGGER track_changes", params=None)
    yield
    schema_editor.execute(f"ALTER TABLE {table} ENABLE TRIGGER track_changes", params=None)


class AppendOnly(TableTrigger):
    """Refuses UPDATE, DELETE and TRUNCATE on the table."""

    trigger = "append_only"
    timing = "BEFORE UPDATE OR DELETE OR TRUNCATE"
    execute = "FOR EACH STATEMENT EXECUTE FUNCTION public.meander_append_only()"

    def function_sql(self) -> str:
        return APPEND_ONLY_SQL


class NeverDelete(TableTrigger):
    """Refuses DELETE and TRUNCATE on the table."""

    trigger = "never_delete"
    timing = "BEFORE DELETE OR TRUNCATE"
    execute = "FOR EACH STATEMENT EXECUTE FUNCTION public.meander_append_only()"

    def function_sql(self) -> str:
        return APPEND_ONLY_SQL


# `CREATE OR REPLACE` of an unchanged function still locks its row; made once per database instead.
ONCE = """
DO $once$ BEGIN
  IF to_regprocedure('public.{name}()') IS NULL THEN
    CREATE FUNCTION public.{name}() RETURNS trigger LANGUAGE plpgsql AS $body$
    {body}
    $body$;
  END IF;
END $once$;
"""
TRACK_CHANGES_SQL = ONCE.format(
    name="meander_track_changes",
    body="""BEGIN
      NEW.change_xid := pg_current_xact_id();
      IF TG_OP = 'UPDATE' THEN
        NEW.version := OLD.version + 1;
        NEW.updated_at := now();
      ELSE
        NEW.version := 1;
      END IF;
      RETURN NEW;
    END;""",
)
APPEND_ONLY_SQL = ONCE.format(
    name="meander_append_only",
    body="""BEGIN
      RAISE EXCEPTION '% on %.% is refused: its rows are kept for ever', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
    END;""",
)
