"""What the database itself keeps right about people: migration operations."""

from domain.core.operations import ONCE, TableTrigger


class FlagNotes(TableTrigger):
    """Keeps `has_notes` of a contact true: whether a note of the team is about them.

    Private ones don't count: that they exist is nobody's to know.
    """

    trigger = "flag_notes"
    timing = "AFTER INSERT OR UPDATE OF contact_id, visibility OR DELETE"
    execute = "FOR EACH ROW EXECUTE FUNCTION public.meander_flag_notes()"

    def function_sql(self) -> str:
        return FLAG_NOTES_SQL


FLAG_NOTES_SQL = ONCE.format(
    name="meander_flag_notes",
    body="""DECLARE
      one uuid;
      wanted boolean;
    BEGIN
      FOREACH one IN ARRAY ARRAY[
        CASE WHEN TG_OP <> 'DELETE' THEN NEW.contact_id END,
        CASE WHEN TG_OP = 'DELETE' OR TG_OP = 'UPDATE' THEN OLD.contact_id END
      ] LOOP
        CONTINUE WHEN one IS NULL;
        EXECUTE format(
          $q$SELECT EXISTS (SELECT 1 FROM %I.%I WHERE contact_id = $1 AND visibility = 'team')$q$,
          TG_TABLE_SCHEMA, TG_TABLE_NAME) INTO wanted USING one;
        EXECUTE format(
          'UPDATE %I.people_contact SET has_notes = $1 WHERE id = $2 AND has_notes IS DISTINCT FROM $1',
          TG_TABLE_SCHEMA) USING wanted, one;
      END LOOP;
      RETURN NULL;
    END;""",
)
