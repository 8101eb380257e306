"""What the database itself keeps right about keys: migration operations."""

from domain.core.operations import ONCE, TableTrigger


class StaysDestroyed(TableTrigger):
    """Refuses any change of a row whose key is destroyed: it never comes back."""

    trigger = "stays_destroyed"
    timing = "BEFORE UPDATE"
    execute = (
        "FOR EACH ROW WHEN (OLD.destroyed_at IS NOT NULL AND OLD IS DISTINCT FROM NEW) "
        "EXECUTE FUNCTION public.meander_stays_destroyed()"
    )

    def function_sql(self) -> str:
        return STAYS_DESTROYED_SQL


STAYS_DESTROYED_SQL = ONCE.format(
    name="meander_stays_destroyed",
    body="""BEGIN
      RAISE EXCEPTION 'a destroyed key of %.% never comes back', TG_TABLE_SCHEMA, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
    END;""",
)
