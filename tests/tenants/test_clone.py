"""A copy of the template is the template under another name, so that later migrations run on it."""

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django_tenants.utils import schema_context

from tenants.clone import NotClonable, clone_schema
from tests.tenants.structure import structure

pytestmark = pytest.mark.django_db
TEMPLATE = settings.TEMPLATE_SCHEMA


@pytest.fixture
def copy(db) -> str:
    with connection.as_owner():
        clone_schema(TEMPLATE, "copy")
    return "copy"


def tables(schema: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s ORDER BY 1", [schema])
        return [row[0] for row in cursor.fetchall()]


def rows(schema: str, table: str) -> list[tuple]:
    with connection.as_owner(), connection.cursor() as cursor:
        cursor.execute(f'SELECT t::text FROM "{schema}"."{table}" t ORDER BY 1')
        return cursor.fetchall()


@pytest.mark.parametrize("part", ["columns", "constraints", "indexes", "triggers", "sequences", "owners"])
def test_a_copy_has_the_structure_of_the_template(copy, part):
    original, made = structure(TEMPLATE)[part], structure(copy)[part]
    assert len(original) > 1
    assert made == original


def test_a_copy_has_the_rows_of_the_template(copy):
    assert tables(copy) == tables(TEMPLATE)
    for table in tables(TEMPLATE):
        assert rows(copy, table) == rows(TEMPLATE, table), table


def test_nothing_in_a_copy_points_back_at_the_template(copy):
    """A default, trigger, constraint or policy that named the template's objects would tie them together."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT DISTINCT pg_describe_object(d.classid, d.objid, d.objsubid)
            FROM pg_depend d
            JOIN pg_class target ON target.oid = d.refobjid AND d.refclassid = 'pg_class'::regclass
             AND target.relnamespace = %s::regnamespace
            LEFT JOIN pg_constraint k ON d.classid = 'pg_constraint'::regclass AND k.oid = d.objid
            LEFT JOIN pg_attrdef a ON d.classid = 'pg_attrdef'::regclass AND a.oid = d.objid
            LEFT JOIN pg_trigger g ON d.classid = 'pg_trigger'::regclass AND g.oid = d.objid
            JOIN pg_class c ON c.oid = coalesce(k.conrelid, a.adrelid, g.tgrelid,
                                 CASE WHEN d.classid = 'pg_class'::regclass THEN d.objid END)
            WHERE c.relnamespace = 'copy'::regnamespace
            """,
            [TEMPLATE],
        )
        assert cursor.fetchall() == []


def test_numbers_go_on_where_the_template_stopped(copy):
    """Wagtail's first rows have numbers: the next in the copy must not take them again."""
    from wagtail.models import Collection

    with connection.as_owner(), schema_context(copy):
        root = Collection.get_first_root_node()
        assert root.add_child(name="Brochures").pk > root.pk


def test_a_copys_constraints_bite(copy):
    with connection.as_owner(), schema_context(copy), connection.cursor() as cursor:
        for statement in (
            "INSERT INTO wagtailcore_locale (language_code) VALUES ('nb')",
            "UPDATE wagtailcore_page SET locale_id = 99999; SET CONSTRAINTS ALL IMMEDIATE",
        ):
            with pytest.raises(IntegrityError), transaction.atomic():
                cursor.execute(statement)


def test_a_copys_triggers_fire(copy):
    from django.db import DatabaseError

    with (
        connection.as_owner(),
        schema_context(copy),
        connection.cursor() as cursor,
        pytest.raises(DatabaseError, match="kept for ever"),
        transaction.atomic(),
    ):
        cursor.execute("DELETE FROM audit_auditevent")


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("CREATE VIEW {s}.faqs AS SELECT 1", "view"),
        ("CREATE MATERIALIZED VIEW {s}.faqs AS SELECT 1", "materialized view"),
        ("CREATE SEQUENCE {s}.numbers", "sequence"),
        ("CREATE TYPE {s}.mood AS ENUM ('good')", "type"),
        ("CREATE DOMAIN {s}.word AS text", "type"),
        ("CREATE FUNCTION {s}.one() RETURNS int LANGUAGE sql AS 'SELECT 1'", "function"),
        ("ALTER TABLE {s}.cms_faqentry ENABLE ROW LEVEL SECURITY", "row-level security"),
        ("ALTER TABLE {s}.cms_faqentry SET (fillfactor = 70)", "storage parameters"),
        ("ALTER TABLE {s}.cms_faqentry DISABLE TRIGGER track_changes", "disabled"),
        ("CREATE RULE quiet AS ON DELETE TO {s}.cms_faqentry DO INSTEAD NOTHING", "rule"),
        ("CREATE TABLE {s}.heirs () INHERITS ({s}.cms_faqentry)", "inheritance"),
        ("COMMENT ON COLUMN {s}.cms_faqentry.id IS 'identity'", "comment"),
        ("CREATE TABLE {s}.parted (id int) PARTITION BY RANGE (id)", "table"),
        ("ALTER TABLE {s}.cms_faqentry ALTER id SET STATISTICS 500", "storage"),
    ],
)
def test_what_a_copy_would_lose_stops_it(db, statement, said):
    with connection.as_owner():
        with connection.cursor() as cursor:
            cursor.execute(statement.format(s=TEMPLATE))
        with pytest.raises(NotClonable, match=said):
            clone_schema(TEMPLATE, "copy")


def test_columns_that_once_were_are_no_trouble(db):
    """Migrations drop columns, rename tables and add odd ones; the copy has what is there now."""
    with connection.as_owner():
        with connection.cursor() as cursor:
            cursor.execute(
                f"""
                ALTER TABLE {TEMPLATE}.wagtailcore_collection ADD COLUMN gone text DEFAULT 'x';
                ALTER TABLE {TEMPLATE}.wagtailcore_collection DROP COLUMN gone;
                ALTER TABLE {TEMPLATE}.wagtailcore_collection
                    ADD COLUMN "Odd name" numeric(9, 2) DEFAULT 1.5 NOT NULL,
                    ADD COLUMN twice numeric GENERATED ALWAYS AS ("Odd name" * 2) STORED,
                    ADD COLUMN plain text COLLATE "C" DEFAULT 'it''s; --',
                    ADD CONSTRAINT "positive; odd" CHECK ("Odd name" > 0);
                CREATE TABLE {TEMPLATE}.before (id bigint GENERATED ALWAYS AS IDENTITY
                    (START 5 INCREMENT 5) PRIMARY KEY, other bigint REFERENCES {TEMPLATE}.before);
                INSERT INTO {TEMPLATE}.before DEFAULT VALUES;
                ALTER TABLE {TEMPLATE}.before RENAME TO afterwards;
                CREATE INDEX "by 100%" ON {TEMPLATE}.afterwards (abs(other) DESC NULLS LAST)
                    INCLUDE (id) WHERE other % 2 = 0;
                """
            )
        clone_schema(TEMPLATE, "copy")
    assert structure("copy") == structure(TEMPLATE)
    assert rows("copy", "afterwards") == [("(5,)",)]
    with connection.as_owner(), connection.cursor() as cursor:
        cursor.execute("INSERT INTO copy.afterwards DEFAULT VALUES RETURNING id")
        assert cursor.fetchone() == (10,)


def test_an_existing_schema_is_not_overwritten(db):
    from django.db import ProgrammingError

    with connection.as_owner(), pytest.raises(ProgrammingError, match="already exists"), transaction.atomic():
        clone_schema(TEMPLATE, "nhf")


def test_a_missing_template_is_said(db):
    with connection.as_owner(), pytest.raises(NotClonable, match="nowhere"):
        clone_schema("nowhere", "copy")


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE {s}.cms_faqentry ADD COLUMN note text",
        "ALTER TABLE {s}.cms_faqentry ALTER question TYPE varchar(300)",
        "ALTER TABLE {s}.cms_faqentry ALTER question SET DEFAULT 'Why?'",
        "ALTER TABLE {s}.cms_faqentry ALTER question DROP NOT NULL",
        "ALTER TABLE {s}.cms_faqentry RENAME question TO asked",
        "ALTER TABLE {s}.cms_faqentry ADD CONSTRAINT short CHECK (length(question) < 200)",
        "ALTER TABLE {s}.wagtailcore_site RENAME TO sites",
        "CREATE TABLE {s}.extra (id bigint GENERATED ALWAYS AS IDENTITY)",
        "DROP TABLE {s}.api_contentchange",
        "CREATE INDEX by_question ON {s}.cms_faqentry (lower(question))",
        "ALTER INDEX {s}.wagtailcore_site_pkey RENAME TO sites_key",
        "DROP TRIGGER append_only ON {s}.audit_auditevent",
        "ALTER TABLE {s}.wagtailcore_site ALTER id SET INCREMENT 7",
    ],
)
def test_a_change_of_the_template_after_a_copy_is_in_the_next(db, change):
    """Scripts are kept between copies, never beyond a change, also one that no migration made."""
    with connection.as_owner():
        clone_schema(TEMPLATE, "before")
        with connection.cursor() as cursor:
            cursor.execute(change.format(s=TEMPLATE))
        clone_schema(TEMPLATE, "afterwards")
    assert structure("afterwards") == structure(TEMPLATE)
    assert structure("afterwards") != structure("before")


def test_a_copy_has_the_rows_and_numbers_of_now(db):
    from wagtail.models import Collection

    with connection.as_owner():
        clone_schema(TEMPLATE, "before")
        with schema_context(TEMPLATE):
            Collection.get_first_root_node().add_child(name="Brochures")
        clone_schema(TEMPLATE, "afterwards")
        assert rows("afterwards", "wagtailcore_collection") == rows(TEMPLATE, "wagtailcore_collection")
        assert rows("afterwards", "wagtailcore_collection") != rows("before", "wagtailcore_collection")
        numbers = []
        for schema in (TEMPLATE, "afterwards"):
            with schema_context(schema):
                numbers.append(Collection.get_first_root_node().add_child(name="Photos").pk)
    assert numbers[0] == numbers[1]


def test_what_can_not_be_copied_stops_it_also_after_a_copy(db):
    with connection.as_owner():
        clone_schema(TEMPLATE, "before")
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE VIEW {TEMPLATE}.faqs AS SELECT 1")
        with pytest.raises(NotClonable, match="view"):
            clone_schema(TEMPLATE, "afterwards")


def test_a_change_that_was_taken_back_is_in_no_copy(db):
    with connection.as_owner():
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(f"ALTER TABLE {TEMPLATE}.cms_faqentry ADD COLUMN note text")
            clone_schema(TEMPLATE, "before")
            transaction.set_rollback(True)
        clone_schema(TEMPLATE, "afterwards")
    assert structure("afterwards") == structure(TEMPLATE)
