"""What the database itself keeps right about declarations: migration operations."""

from domain.core.operations import ONCE, TableTrigger


class KeepPublished(TableTrigger):
    """Refuses to change or delete a text that was published: people have signed it."""

    trigger = "keep_published"
    timing = "BEFORE UPDATE OR DELETE"
    execute = "FOR EACH ROW EXECUTE FUNCTION public.meander_keep_published_declaration()"

    def function_sql(self) -> str:
        return KEEP_PUBLISHED_SQL


KEEP_PUBLISHED_SQL = ONCE.format(
    name="meander_keep_published_declaration",
    body="""BEGIN
      IF TG_OP = 'DELETE' THEN
        IF OLD.published_at IS NOT NULL THEN
          RAISE EXCEPTION 'a published declaration is kept' USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN OLD;
      END IF;
      -- Who published it may be forgotten; what, when and for how long may not.
      IF OLD.published_at IS NOT NULL AND (
        OLD.published_at, OLD.role_context, OLD.number, OLD.validity_months,
        OLD.title_nb, OLD.title_nn, OLD.title_en, OLD.body_nb, OLD.body_nn, OLD.body_en
      ) IS DISTINCT FROM (
        NEW.published_at, NEW.role_context, NEW.number, NEW.validity_months,
        NEW.title_nb, NEW.title_nn, NEW.title_en, NEW.body_nb, NEW.body_nn, NEW.body_en
      ) THEN
        RAISE EXCEPTION 'a published declaration is never changed' USING ERRCODE = 'restrict_violation';
      END IF;
      RETURN NEW;
    END;""",
)
