"""What the database itself keeps right about associations: migration operations."""

from domain.core.operations import ONCE, TableTrigger

# Seed of the lock under which a tree is changed: below and in `domain.associations.queries.lock_tree`.
TREE_LOCK = 7


class KeepPath(TableTrigger):
    """Gives a new row its `node` and makes `path` from the parent's; refuses a place below itself.

    One change of parents at a time (a lock until the transaction ends): two moves that are fine each could
    make a ring together.
    """

    trigger = "keep_path"
    timing = "BEFORE INSERT OR UPDATE"
    execute = "FOR EACH ROW EXECUTE FUNCTION public.meander_keep_path()"

    def function_sql(self) -> str:
        return KEEP_PATH_SQL


class MoveSubtree(TableTrigger):
    """Gives everything below a row that got another parent its new path, in one statement."""

    trigger = "move_subtree"
    timing = "AFTER UPDATE OF parent_id"
    execute = (
        "FOR EACH ROW WHEN (OLD.path IS DISTINCT FROM NEW.path) "
        "EXECUTE FUNCTION public.meander_move_subtree()"
    )

    def function_sql(self) -> str:
        return MOVE_SUBTREE_SQL


class LimitMemberships(TableTrigger):
    """Refuses a membership twice at a time, and more at once than the organisation's settings allow.

    Looked at when a period begins or grows: where the limit was lowered later, a membership can be ended.
    """

    trigger = "limit_memberships"
    timing = "AFTER INSERT OR UPDATE"
    execute = "FOR EACH ROW EXECUTE FUNCTION public.meander_limit_memberships()"

    def function_sql(self) -> str:
        return LIMIT_MEMBERSHIPS_SQL


KEEP_PATH_SQL = ONCE.format(
    name="meander_keep_path",
    body="""DECLARE
      the_table text := format('%I.%I', TG_TABLE_SCHEMA, TG_TABLE_NAME);
      above text := '/';
    BEGIN
      IF TG_OP = 'UPDATE' AND NEW.parent_id IS NOT DISTINCT FROM OLD.parent_id THEN
        NEW.node := OLD.node;
        -- Changed by meander_move_subtree alone: what a client saves may be an old one.
        IF pg_trigger_depth() = 1 THEN
          NEW.path := OLD.path;
        END IF;
        RETURN NEW;
      END IF;
      PERFORM pg_advisory_xact_lock(hashtextextended(the_table, 7));
      IF TG_OP = 'INSERT' THEN
        EXECUTE format('SELECT coalesce(max(node), 0) + 1 FROM %s', the_table) INTO NEW.node;
      ELSE
        NEW.node := OLD.node;
      END IF;
      IF NEW.parent_id IS NOT NULL THEN
        EXECUTE format('SELECT path FROM %s WHERE id = $1', the_table) INTO above USING NEW.parent_id;
        IF above IS NULL THEN
          RAISE EXCEPTION 'there is no parent %', NEW.parent_id USING ERRCODE = 'foreign_key_violation';
        END IF;
        IF TG_OP = 'UPDATE' AND starts_with(above, OLD.path) THEN
          RAISE EXCEPTION '% cannot stand below itself', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'association_no_ring';
        END IF;
      END IF;
      NEW.path := above || NEW.node || '/';
      RETURN NEW;
    END;""",
)
MOVE_SUBTREE_SQL = ONCE.format(
    name="meander_move_subtree",
    body="""BEGIN
      EXECUTE format('UPDATE %I.%I SET path = $1 || substr(path, $2) WHERE path LIKE $3 AND id <> $4',
        TG_TABLE_SCHEMA, TG_TABLE_NAME)
      USING NEW.path, length(OLD.path) + 1, OLD.path || '%', NEW.id;
      RETURN NULL;
    END;""",
)
LIMIT_MEMBERSHIPS_SQL = ONCE.format(
    name="meander_limit_memberships",
    body="""DECLARE
      the_table text := format('%I.%I', TG_TABLE_SCHEMA, TG_TABLE_NAME);
      allowed integer;
      found integer;
    BEGIN
      IF TG_OP = 'UPDATE' AND NEW.user_id = OLD.user_id AND NEW.association_id = OLD.association_id
          AND daterange(OLD.valid_from, OLD.valid_to, '[]') @> daterange(NEW.valid_from, NEW.valid_to, '[]')
      THEN
        RETURN NULL;
      END IF;
      PERFORM pg_advisory_xact_lock(hashtextextended(the_table || NEW.user_id, 0));
      EXECUTE format($q$
        SELECT count(*) FROM %s WHERE user_id = $1 AND association_id = $2 AND id <> $3
          AND daterange(valid_from, valid_to, '[]') && daterange($4, $5, '[]')$q$, the_table)
      INTO found USING NEW.user_id, NEW.association_id, NEW.id, NEW.valid_from, NEW.valid_to;
      IF found > 0 THEN
        RAISE EXCEPTION 'a membership of this association at this time is there already'
          USING ERRCODE = 'unique_violation', CONSTRAINT = 'local_membership_no_overlap';
      END IF;
      EXECUTE format('SELECT max_local_associations FROM %I.config_organizationsettings', TG_TABLE_SCHEMA)
      INTO allowed;
      -- Most are held at once on a day on which one begins.
      EXECUTE format($q$
        SELECT max(held) FROM (
          SELECT (
            SELECT count(*) FROM %1$s o WHERE o.user_id = $1
              AND o.valid_from <= days.day AND (o.valid_to IS NULL OR o.valid_to >= days.day)
          ) AS held
          FROM (
            SELECT greatest(valid_from, $2) AS day FROM %1$s WHERE user_id = $1
              AND daterange(valid_from, valid_to, '[]') && daterange($2, $3, '[]')
          ) days
        ) counted$q$, the_table)
      INTO found USING NEW.user_id, NEW.valid_from, NEW.valid_to;
      IF found > allowed THEN
        RAISE EXCEPTION 'more than % memberships at once', allowed
          USING ERRCODE = 'check_violation', CONSTRAINT = 'local_membership_limit';
      END IF;
      RETURN NULL;
    END;""",
)
