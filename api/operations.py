"""Triggers of the content API."""

from django.db.migrations.operations.base import Operation


class MarkContentChanges(Operation):
    """Notes every transaction that touches the model's table in `ContentChange`.

    The function lives in the public schema, once for all: a cloned schema's triggers keep calling it.
    """

    reversible = True

    def __init__(self, model: str):
        self.model = model  # "app.Model"

    def deconstruct(self):
        return (type(self).__name__, [self.model], {})

    def state_forwards(self, app_label, state):
        pass

    def _table(self, schema_editor, state) -> str | None:
        model = state.apps.get_model(*self.model.split("."))
        if not self.allow_migrate_model(schema_editor.connection.alias, model):
            return None
        return schema_editor.quote_name(model._meta.db_table)

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        table = self._table(schema_editor, to_state)
        if table:
            schema_editor.execute(_FUNCTION, params=None)
            for name, event in (
                ("mark_content", "INSERT OR UPDATE OR DELETE"),
                ("mark_truncate", "TRUNCATE"),
            ):
                schema_editor.execute(
                    f"CREATE TRIGGER {name} AFTER {event} ON {table} "
                    "FOR EACH STATEMENT EXECUTE FUNCTION public.meander_mark_content()",
                    params=None,
                )

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        table = self._table(schema_editor, from_state)
        if table:
            for name in ("mark_content", "mark_truncate"):
                schema_editor.execute(f"DROP TRIGGER {name} ON {table}", params=None)

    def describe(self):
        return f"Notes changes of {self.model} for the content API"


# Old rows are removed when there are many, in a transaction whose own row then is the newest, so that the
# pair of count and largest id still never repeats. SKIP LOCKED: two that tidy at once never wait.
_FUNCTION = """
DO $once$ BEGIN
  IF to_regprocedure('public.meander_mark_content()') IS NULL THEN
    CREATE FUNCTION public.meander_mark_content() RETURNS trigger LANGUAGE plpgsql AS $body$
    DECLARE
      many boolean;
    BEGIN
      EXECUTE format(
        'INSERT INTO %I.api_contentchange AS c (xid, changes) VALUES (pg_current_xact_id(), 1) '
        'ON CONFLICT (xid) DO UPDATE SET changes = c.changes + 1', TG_TABLE_SCHEMA);
      EXECUTE format('SELECT count(*) > 500 FROM %I.api_contentchange', TG_TABLE_SCHEMA) INTO many;
      IF many THEN
        EXECUTE format(
          'DELETE FROM %1$I.api_contentchange WHERE xid IN (SELECT xid FROM %1$I.api_contentchange '
          'WHERE xid < pg_snapshot_xmin(pg_current_snapshot()) FOR UPDATE SKIP LOCKED)', TG_TABLE_SCHEMA);
      END IF;
      RETURN NULL;
    END;
    $body$;
  END IF;
END $once$;
"""
