"""The structure of a schema as comparable text, without the schema's own name."""

import re

from django.db import connection

# PostgreSQL writes `ARRAY['a'::varchar]::text[]` for an IN it was given, `ARRAY['a'::varchar::text]` once it
# has read that back (as pg_dump does): the same condition, so casts to text are left out of the comparison.
TEXT_CAST = re.compile(r"::(character varying|text)(\[\])?")

QUERIES = {
    "columns": """
        SELECT c.relname, a.place, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
               a.attidentity, a.attgenerated, a.attstorage, a.attcollation::regcollation::text,
               pg_get_expr(d.adbin, d.adrelid), c.relpersistence, c.relrowsecurity, c.reloptions
        FROM pg_class c
        JOIN (SELECT *, row_number() OVER (PARTITION BY attrelid ORDER BY attnum) AS place FROM pg_attribute
              WHERE attnum > 0 AND NOT attisdropped) a ON a.attrelid = c.oid
        LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
        WHERE c.relnamespace = %(schema)s::regnamespace AND c.relkind = 'r' ORDER BY 1, 2""",
    "constraints": """
        SELECT t.relname, k.conname, k.contype, k.convalidated, pg_get_constraintdef(k.oid, true)
        FROM pg_constraint k JOIN pg_class t ON t.oid = k.conrelid
        WHERE k.connamespace = %(schema)s::regnamespace ORDER BY 1, 2""",
    "indexes": """
        SELECT c.relname, i.indisvalid, pg_get_indexdef(i.indexrelid, 0, true), c.reloptions
        FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
        WHERE t.relnamespace = %(schema)s::regnamespace ORDER BY 1""",
    "triggers": """
        SELECT t.relname, g.tgname, g.tgenabled, pg_get_triggerdef(g.oid, true)
        FROM pg_trigger g JOIN pg_class t ON t.oid = g.tgrelid
        WHERE t.relnamespace = %(schema)s::regnamespace AND NOT g.tgisinternal ORDER BY 1, 2""",
    "sequences": """
        SELECT c.relname, s.seqtypid::regtype::text, s.seqstart, s.seqincrement, s.seqmin, s.seqmax,
               s.seqcache, s.seqcycle, d.refobjid::regclass::text, d.refobjsubid, d.deptype
        FROM pg_class c JOIN pg_sequence s ON s.seqrelid = c.oid
        JOIN pg_depend d ON d.objid = c.oid AND d.refobjsubid > 0
        WHERE c.relnamespace = %(schema)s::regnamespace ORDER BY 1""",
    "owners": """
        SELECT c.relname, c.relkind, c.relowner::regrole::text FROM pg_class c
        WHERE c.relnamespace = %(schema)s::regnamespace AND c.relkind IN ('r', 'S', 'v', 'm') ORDER BY 1""",
}


def structure(schema: str) -> dict[str, list]:
    """Tables with columns, constraints, indexes, triggers, sequences and owners, each with its name."""
    with connection.as_owner():
        connection.set_schema(schema)
        try:
            with connection.cursor() as cursor:
                found = {}
                for name, query in QUERIES.items():
                    cursor.execute(query, {"schema": schema})
                    found[name] = [
                        tuple(TEXT_CAST.sub("", value) if isinstance(value, str) else value for value in row)
                        for row in cursor.fetchall()
                    ]
                return found
        finally:
            connection.set_schema_to_public()
