"""Triggers that note what changed, for phones to be told."""

from typing import Any

from django.db.migrations.operations.base import Operation

from domain.core.operations import ONCE


class NoteChanges(Operation):
    """Notes every transaction that touches the model's table (`SyncTableChange`), and every row that is
    deleted from it (`SyncTombstone`), where its keys are uuids; rows are found by `change_xid`.

    The functions live in the public schema, once for all: a cloned schema's triggers keep calling them.
    """

    reversible = True

    def __init__(self, model: str):
        self.model = model  # "app.Model"

    def deconstruct(self):
        return (type(self).__name__, [self.model], {})

    def state_forwards(self, app_label, state):
        pass

    def _model(self, schema_editor, state) -> Any:
        """The model, where its table is in this schema."""
        model = state.apps.get_model(*self.model.split("."))
        return model if self.allow_migrate_model(schema_editor.connection.alias, model) else None

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        model = self._model(schema_editor, to_state)
        if model is None:
            return
        table = schema_editor.quote_name(model._meta.db_table)
        schema_editor.execute(_CHANGE, params=None)
        schema_editor.execute(
            f"CREATE TRIGGER note_change AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION public.meander_note_change()",
            params=None,
        )
        if _has_key(model):
            schema_editor.execute(_DELETION, params=None)
            schema_editor.execute(
                f"CREATE TRIGGER note_deletion AFTER DELETE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION public.meander_note_deletion()",
                params=None,
            )
        if _has_xid(model):
            index = schema_editor.quote_name(_index(model))
            schema_editor.execute(f"CREATE INDEX {index} ON {table} (change_xid)", params=None)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        model = self._model(schema_editor, from_state)
        if model is None:
            return
        table = schema_editor.quote_name(model._meta.db_table)
        schema_editor.execute(f"DROP TRIGGER note_change ON {table}", params=None)
        if _has_key(model):
            schema_editor.execute(f"DROP TRIGGER note_deletion ON {table}", params=None)
        if _has_xid(model):
            schema_editor.execute(f"DROP INDEX {schema_editor.quote_name(_index(model))}", params=None)

    def describe(self):
        return f"Notes changes of {self.model} for phones that synchronise"


def _has_key(model: Any) -> bool:
    return model._meta.pk.get_internal_type() == "UUIDField"


def _has_xid(model: Any) -> bool:
    return any(field.name == "change_xid" for field in model._meta.concrete_fields)


def _index(model: Any) -> str:
    return f"{model._meta.db_table}_change_xid"


_CHANGE = ONCE.format(
    name="meander_note_change",
    body="""BEGIN
      EXECUTE format('INSERT INTO %I.sync_synctablechange (name, xid) VALUES ($1, pg_current_xact_id()) '
                     'ON CONFLICT DO NOTHING', TG_TABLE_SCHEMA) USING TG_TABLE_NAME;
      RETURN NULL;
    END;""",
)
_DELETION = ONCE.format(
    name="meander_note_deletion",
    body="""BEGIN
      EXECUTE format('INSERT INTO %I.sync_synctombstone (name, row_id, xid) '
                     'VALUES ($1, $2, pg_current_xact_id()) ON CONFLICT (name, row_id) '
                     'DO UPDATE SET xid = excluded.xid', TG_TABLE_SCHEMA) USING TG_TABLE_NAME, OLD.id;
      RETURN NULL;
    END;""",
)
