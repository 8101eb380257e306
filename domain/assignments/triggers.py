"""What the database itself keeps right about receipts and answers: migration operations."""

from domain.core.operations import ONCE, TableTrigger


class KeepFacts(TableTrigger):
    """Refuses to change what a row says. A person may be forgotten; the end of a reading is written once."""

    trigger = "keep_facts"
    timing = "BEFORE UPDATE"
    execute = "FOR EACH ROW EXECUTE FUNCTION public.meander_keep_assignment_facts()"

    def function_sql(self) -> str:
        return KEEP_FACTS_SQL


KEEP_FACTS_SQL = ONCE.format(
    name="meander_keep_assignment_facts",
    body="""DECLARE
      person text;
      passing text[] := ARRAY['version', 'updated_at', 'change_xid', 'closed_at',
                              'user_id', 'created_by_id', 'updated_by_id'];
      old_row jsonb := to_jsonb(OLD);
      new_row jsonb := to_jsonb(NEW);
    BEGIN
      IF (old_row - passing) IS DISTINCT FROM (new_row - passing)
          OR (old_row->>'closed_at' IS NOT NULL
              AND old_row->>'closed_at' IS DISTINCT FROM new_row->>'closed_at') THEN
        RAISE EXCEPTION 'a row of %.% is never changed', TG_TABLE_SCHEMA, TG_TABLE_NAME
          USING ERRCODE = 'restrict_violation';
      END IF;
      FOREACH person IN ARRAY ARRAY['user_id', 'created_by_id', 'updated_by_id'] LOOP
        IF new_row->>person IS NOT NULL AND new_row->>person IS DISTINCT FROM old_row->>person THEN
          RAISE EXCEPTION 'a row of %.% is never changed', TG_TABLE_SCHEMA, TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation';
        END IF;
      END LOOP;
      RETURN NEW;
    END;""",
)
