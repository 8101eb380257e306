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


class NoteFieldVersions(Operation):
    """Notes in which version of a row of the model's table each column last changed (`FieldVersion`).

    With `child`, "app.Model" and its column that leads here, changes there count as one of `part`: a column
    that the row hasn't got. They are of the version that the row gets with them, or, where the row was
    written before them, of the next: then one conflict too many is found, never one too few.
    """

    reversible = True

    def __init__(self, model: str, *, child: str = "", column: str = "", part: str = ""):
        self.model, self.child, self.column, self.part = model, child, column, part

    def deconstruct(self):
        given = {"child": self.child, "column": self.column, "part": self.part}
        return (type(self).__name__, [self.model], {k: v for k, v in given.items() if v})

    def state_forwards(self, app_label, state):
        pass

    def _table(self, schema_editor, state) -> tuple[str, str] | None:
        """The table that is watched, and that of the rows it is about."""
        model = state.apps.get_model(*self.model.split("."))
        watched = state.apps.get_model(*self.child.split(".")) if self.child else model
        if not self.allow_migrate_model(schema_editor.connection.alias, model):
            return None
        return watched._meta.db_table, model._meta.db_table

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        tables = self._table(schema_editor, to_state)
        if tables is None:
            return
        watched = schema_editor.quote_name(tables[0])
        if self.child:
            name, given = "meander_note_part", f"'{tables[1]}', '{self.column}', '{self.part}'"
            schema_editor.execute(_PART, params=None)
            timing = "INSERT OR UPDATE OR DELETE"
        else:
            name, given, timing = "meander_note_fields", "", "UPDATE OR DELETE"
            schema_editor.execute(_FIELDS, params=None)
        schema_editor.execute(
            f"CREATE TRIGGER note_fields AFTER {timing} ON {watched} "
            f"FOR EACH ROW EXECUTE FUNCTION public.{name}({given})",
            params=None,
        )

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        tables = self._table(schema_editor, from_state)
        if tables is not None:
            watched = schema_editor.quote_name(tables[0])
            schema_editor.execute(f"DROP TRIGGER note_fields ON {watched}", params=None)

    def describe(self):
        return f"Notes versions of the columns of {self.child or self.model}"


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
_FIELDS = ONCE.format(
    name="meander_note_fields",
    body="""DECLARE
      base text[] := ARRAY['id', 'created_at', 'created_by_id', 'updated_at', 'updated_by_id', 'version',
                           'change_xid', 'record_key_id'];
      before jsonb;
      changed jsonb;
    BEGIN
      IF TG_OP = 'DELETE' THEN
        EXECUTE format('DELETE FROM %I.sync_fieldversion WHERE name = $1 AND row_id = $2', TG_TABLE_SCHEMA)
          USING TG_TABLE_NAME, OLD.id;
        RETURN NULL;
      END IF;
      before := to_jsonb(OLD) - base;
      SELECT coalesce(jsonb_object_agg(key, NEW.version), '{}') INTO changed
        FROM jsonb_each(to_jsonb(NEW) - base) WHERE value IS DISTINCT FROM before -> key;
      EXECUTE format('INSERT INTO %I.sync_fieldversion AS kept (name, row_id, since, versions) '
                     'VALUES ($1, $2, $3, $4) ON CONFLICT (name, row_id) '
                     'DO UPDATE SET versions = kept.versions || excluded.versions', TG_TABLE_SCHEMA)
        USING TG_TABLE_NAME, NEW.id, OLD.version, changed;
      RETURN NULL;
    END;""",
)
_PART = ONCE.format(
    name="meander_note_part",
    body="""DECLARE
      parent uuid;
    BEGIN
      IF TG_OP = 'DELETE' THEN
        parent := (to_jsonb(OLD) ->> TG_ARGV[1])::uuid;
      ELSE
        parent := (to_jsonb(NEW) ->> TG_ARGV[1])::uuid;
      END IF;
      EXECUTE format('INSERT INTO %I.sync_fieldversion AS kept (name, row_id, since, versions) '
                     'SELECT $1, id, version, jsonb_build_object($2, version + 1) FROM %I.%I WHERE id = $3 '
                     'ON CONFLICT (name, row_id) DO UPDATE SET versions = kept.versions || excluded.versions',
                     TG_TABLE_SCHEMA, TG_TABLE_SCHEMA, TG_ARGV[0])
        USING TG_ARGV[0], TG_ARGV[2], parent;
      RETURN NULL;
    END;""",
)
