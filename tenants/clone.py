"""Copy of a schema, structure and rows, from PostgreSQL's own catalogue (docs/decisions/0001-clone.md).

The copy has the template's names for everything (constraints, indexes, triggers, sequences), so that later
migrations run on it as on the template. One script is made from the catalogue and sent at once. It takes no
lock but reading ones on the template, so copies can be made side by side, and no superuser's rights.
"""

from collections import defaultdict

from psycopg import sql

from tenants.db import connection

# Everything goes by the tables' ids, found through pg_depend: no catalogue is read from end to end, which
# would take longer with every organisation.
_TABLES = """
SELECT array_agg(c.oid) FROM pg_depend d JOIN pg_class c ON c.oid = d.objid AND c.relkind = 'r'
WHERE d.refclassid = 'pg_namespace'::regclass AND d.refobjid = %(schema)s
  AND d.classid = 'pg_class'::regclass
"""

# Tables, their identity columns' sequences, constraints, indexes and triggers are copied. Anything else
# would be lost, so it stops the copy.
_STRANGERS = """
SELECT pg_describe_object(d.classid, d.objid, 0) FROM pg_depend d
WHERE d.refclassid = 'pg_namespace'::regclass AND d.refobjid = %(schema)s
  AND d.classid <> 'pg_default_acl'::regclass  -- grants are made for the copy's own role
  AND NOT (d.classid = 'pg_class'::regclass AND (d.objid = ANY (%(tables)s) OR EXISTS (
    SELECT FROM pg_class c JOIN pg_depend s ON s.classid = d.classid AND s.objid = c.oid
    WHERE c.oid = d.objid AND c.relkind = 'S' AND s.deptype = 'i')))
UNION ALL
SELECT pg_describe_object('pg_class'::regclass, c.oid, 0) || ': row-level security or storage parameters'
FROM pg_class c WHERE c.oid = ANY (%(tables)s) AND (c.relrowsecurity OR c.reloptions IS NOT NULL)
UNION ALL
SELECT pg_describe_object('pg_class'::regclass, i.inhrelid, 0) || ': inheritance'
FROM pg_inherits i WHERE i.inhrelid = ANY (%(tables)s)
UNION ALL
SELECT pg_describe_object('pg_rewrite'::regclass, r.oid, 0) FROM pg_rewrite r
WHERE r.ev_class = ANY (%(tables)s)
UNION ALL
SELECT pg_describe_object('pg_trigger'::regclass, g.oid, 0) || ': disabled' FROM pg_trigger g
WHERE g.tgrelid = ANY (%(tables)s) AND NOT g.tgisinternal AND g.tgenabled <> 'O'
UNION ALL
SELECT pg_describe_object(d.classoid, d.objoid, d.objsubid) || ': a comment' FROM pg_description d
WHERE d.classoid = 'pg_class'::regclass AND d.objoid = ANY (%(tables)s)
UNION ALL
SELECT pg_describe_object('pg_class'::regclass, a.attrelid, a.attnum) || ': storage'
FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
WHERE a.attrelid = ANY (%(tables)s) AND a.attnum > 0 AND NOT a.attisdropped
  AND (a.attstorage <> t.typstorage OR a.attcompression <> '' OR a.attstattarget >= 0)
"""

# Each column as CREATE TABLE takes it. The name of a NOT NULL is kept where the server has one (18 on).
_COLUMNS = """
SELECT c.relname, a.attname, a.attgenerated <> '',
       format('%%I %%s', a.attname, format_type(a.atttypid, a.atttypmod))
       || CASE WHEN a.attcollation NOT IN (0, t.typcollation)
               THEN ' COLLATE ' || a.attcollation::regcollation ELSE '' END
       || CASE WHEN n.conname IS NOT NULL THEN format(' CONSTRAINT %%I NOT NULL', n.conname)
               WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END
       || CASE a.attgenerated WHEN 's' THEN format(' GENERATED ALWAYS AS (%%s) STORED', e.text)
                              WHEN 'v' THEN format(' GENERATED ALWAYS AS (%%s) VIRTUAL', e.text)
                              ELSE coalesce(' DEFAULT ' || e.text, '') END
       || CASE WHEN a.attidentity = '' THEN '' ELSE format(
            ' GENERATED %%s AS IDENTITY '
            '(SEQUENCE NAME %%I START %%s INCREMENT %%s MINVALUE %%s MAXVALUE %%s CACHE %%s %%s)',
            CASE a.attidentity WHEN 'a' THEN 'ALWAYS' ELSE 'BY DEFAULT' END, i.relname,
            s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache,
            CASE WHEN s.seqcycle THEN 'CYCLE' ELSE 'NO CYCLE' END) END,
       i.relname
FROM pg_class c
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
LEFT JOIN LATERAL (SELECT pg_get_expr(d.adbin, d.adrelid) AS text) e ON true
LEFT JOIN pg_constraint n ON n.conrelid = c.oid AND n.contype = 'n' AND n.conkey = ARRAY[a.attnum]
LEFT JOIN pg_depend p ON p.refclassid = 'pg_class'::regclass AND p.refobjid = c.oid
                     AND p.refobjsubid = a.attnum AND p.deptype = 'i'
                     AND p.classid = 'pg_class'::regclass AND a.attidentity <> ''
LEFT JOIN pg_class i ON i.oid = p.objid
LEFT JOIN pg_sequence s ON s.seqrelid = p.objid
WHERE c.oid = ANY (%(tables)s)
ORDER BY c.relname, a.attnum
"""

_CONSTRAINTS = """
SELECT t.relname, k.contype = 'f', format('CONSTRAINT %%I %%s', k.conname, pg_get_constraintdef(k.oid, true))
FROM pg_constraint k JOIN pg_class t ON t.oid = k.conrelid
WHERE k.conrelid = ANY (%(tables)s) AND k.contype IN ('c', 'p', 'u', 'x', 'f')
ORDER BY t.relname, k.contype, k.conname
"""

_INDEXES = """
SELECT pg_get_indexdef(i.indexrelid, 0, true) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE i.indrelid = ANY (%(tables)s) AND NOT EXISTS (
    SELECT FROM pg_constraint k
    WHERE k.conrelid = i.indrelid AND k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))
ORDER BY c.relname
"""

_TRIGGERS = """
SELECT pg_get_triggerdef(g.oid, true) FROM pg_trigger g JOIN pg_class t ON t.oid = g.tgrelid
WHERE g.tgrelid = ANY (%(tables)s) AND NOT g.tgisinternal ORDER BY t.relname, g.tgname
"""

# Every version of a row of the catalogue that a script depends on, by place and transaction: both are new
# with any change, whoever makes it and whether a migration tells of it or not. Much cheaper than the script.
_FINGERPRINT = """
SELECT md5(string_agg(concat_ws(' ', tableoid, ctid, xmin), ',' ORDER BY tableoid, ctid)) FROM (
    SELECT tableoid, ctid, xmin FROM pg_namespace WHERE oid = %(schema)s
    UNION ALL SELECT tableoid, ctid, xmin FROM pg_depend
    WHERE refclassid = 'pg_namespace'::regclass AND refobjid = %(schema)s
    UNION ALL SELECT tableoid, ctid, xmin FROM pg_class WHERE oid = ANY (%(tables)s)
    UNION ALL SELECT tableoid, ctid, xmin FROM pg_attribute WHERE attrelid = ANY (%(tables)s)
    UNION ALL SELECT tableoid, ctid, xmin FROM pg_attrdef WHERE adrelid = ANY (%(tables)s)
    UNION ALL SELECT tableoid, ctid, xmin FROM pg_constraint WHERE conrelid = ANY (%(tables)s)
    UNION ALL SELECT tableoid, ctid, xmin FROM pg_index WHERE indrelid = ANY (%(tables)s)
    UNION ALL SELECT c.tableoid, c.ctid, c.xmin FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
    WHERE i.indrelid = ANY (%(tables)s)
    UNION ALL SELECT tableoid, ctid, xmin FROM pg_trigger WHERE tgrelid = ANY (%(tables)s)
    UNION ALL SELECT tableoid, ctid, xmin FROM pg_rewrite WHERE ev_class = ANY (%(tables)s)
    UNION ALL SELECT tableoid, ctid, xmin FROM pg_inherits WHERE inhrelid = ANY (%(tables)s)
    UNION ALL SELECT tableoid, ctid, xmin FROM pg_description
    WHERE classoid = 'pg_class'::regclass AND objoid = ANY (%(tables)s)
    UNION ALL SELECT s.tableoid, s.ctid, s.xmin FROM pg_depend d JOIN pg_sequence s ON s.seqrelid = d.objid
    WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = ANY (%(tables)s) AND d.deptype = 'i'
      AND d.classid = 'pg_class'::regclass
) AS found
"""

# The last script made in this process, and what it was made of: (schema, fingerprint). Making it again
# takes as long as a tenth of running it.
_kept: tuple[tuple[str, str], str] | None = None


class NotClonable(RuntimeError):
    """The template holds something a copy would lose; the message names it."""


def clone_schema(source: str, target: str) -> None:
    """Create `target` as a copy of `source`, rows included, grants not.

    Must run in a transaction, as the owner of `source`. Raises NotClonable when the source holds anything
    this doesn't copy, DatabaseError when the target exists.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("a copy is made in a transaction, so that a failure leaves nothing")
    with connection.cursor() as cursor:
        try:
            # PostgreSQL writes definitions without the schema's name for what is found on the path: read
            # with the source on it, they can be run with the target on it.
            set_path(cursor, source)
            script = clone_script(cursor, source)
            cursor.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(target)))
            set_path(cursor, target)
            cursor.execute(script)
        finally:
            # The path was changed behind the connection's back.
            connection.search_path_set_schemas = None


def clone_script(cursor, source: str) -> str:
    """The statements that fill an empty schema, which must be the path they are run with.

    Made anew whenever the catalogue says anything else of `source` than it did for the last script.
    """
    global _kept
    cursor.execute("SELECT oid FROM pg_namespace WHERE nspname = %s", [source])
    found = cursor.fetchone()
    if found is None:
        raise NotClonable(f"the schema {source} doesn't exist")
    names = {"schema": found[0], "tables": []}
    cursor.execute(_TABLES, names)
    names["tables"] = cursor.fetchone()[0] or []
    cursor.execute(_FINGERPRINT, names)
    key = source, cursor.fetchone()[0]
    kept = _kept
    if kept is None or kept[0] != key:
        _kept = kept = key, _make_script(cursor, source, names)
    return kept[1]


def _make_script(cursor, source: str, names: dict) -> str:
    def rows(query: str) -> list[tuple]:
        cursor.execute(query, names)
        return cursor.fetchall()

    if strangers := [row[0] for row in rows(_STRANGERS)]:
        raise NotClonable(f"{source} holds what a copy would lose: {', '.join(sorted(strangers))}")
    parts: dict[str, list[str]] = defaultdict(list)
    columns: dict[str, list[str]] = defaultdict(list)
    positions: list[str] = []
    for table, column, generated, definition, sequence in rows(_COLUMNS):
        parts[table].append(definition)
        if not generated:
            columns[table].append(_quoted(column))
        if sequence is not None:
            positions.append(_go_on(source, sequence))
    references: dict[str, list[str]] = defaultdict(list)
    for table, refers, definition in rows(_CONSTRAINTS):
        (references if refers else parts)[table].append(definition)
    statements = [f"CREATE TABLE {_quoted(table)} ({', '.join(of)})" for table, of in parts.items()]
    # Rows before references and triggers: in any order, and as they are.
    statements += [_copy(source, table, names) for table, names in columns.items()]
    statements += positions
    statements += [
        # One statement per table: each rebuilds what PostgreSQL remembers of it.
        f"ALTER TABLE {_quoted(table)} {', '.join(f'ADD {definition}' for definition in added)}"
        for table, added in references.items()
    ]
    statements += [row[0] for query in (_INDEXES, _TRIGGERS) for row in rows(query)]
    return ";\n".join(statements)


def set_path(cursor, schema: str) -> None:
    """Look in this schema, then in public, until the end of the transaction."""
    cursor.execute(sql.SQL("SET LOCAL search_path = {}, public").format(sql.Identifier(schema)))


def _copy(source: str, table: str, columns: list[str]) -> str:
    listed = ", ".join(columns)
    name = _quoted(table)
    return (
        f"INSERT INTO {name} ({listed}) OVERRIDING SYSTEM VALUE "  # noqa: S608 - quoted names
        f"SELECT {listed} FROM {_quoted(source)}.{name}"
    )


def _go_on(source: str, sequence: str) -> str:
    """Set a sequence to where the source's stands; one that was never used stays so (setval is strict)."""
    ours = sql.Literal(_quoted(sequence)).as_string()
    theirs = sql.Literal(f"{_quoted(source)}.{_quoted(sequence)}").as_string()
    return f"SELECT setval({ours}, pg_sequence_last_value({theirs}::regclass))"


def _quoted(name: str) -> str:
    return sql.Identifier(name).as_string()
