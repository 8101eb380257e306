"""Copy of a schema, structure and rows, from PostgreSQL's own catalogue (docs/decisions/0001-clone.md).

The copy has the template's names for everything (constraints, indexes, triggers, sequences), so that later
migrations run on it as on the template. One script is made from the catalogue and sent at once. It takes no
lock but reading ones on the template, so copies can be made side by side, and no superuser's rights.
"""

from collections.abc import Iterable

from django.db import connection
from psycopg import sql

# What a schema of ours consists of. Anything else would be lost in a copy, so it stops the copy instead.
_STRANGERS = """
SELECT 'the ' || CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialised view'
                                WHEN 'p' THEN 'partitioned table' WHEN 'f' THEN 'foreign table'
                                ELSE 'relation' END || ' ' || c.relname
FROM pg_class c WHERE c.relnamespace = %(schema)s AND c.relkind NOT IN ('r', 'i', 'S', 't', 'c')
UNION ALL
SELECT 'the sequence ' || c.relname || ' without an identity column'
FROM pg_class c WHERE c.relnamespace = %(schema)s AND c.relkind = 'S' AND NOT EXISTS (
    SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.classid = 'pg_class'::regclass AND d.deptype = 'i')
UNION ALL
SELECT 'the function ' || p.proname FROM pg_proc p WHERE p.pronamespace = %(schema)s
UNION ALL
SELECT 'the type ' || t.typname FROM pg_type t
WHERE t.typnamespace = %(schema)s AND t.typtype IN ('d', 'e', 'r')
UNION ALL
SELECT 'row-level security of ' || c.relname FROM pg_class c
WHERE c.relnamespace = %(schema)s AND c.relrowsecurity
UNION ALL
SELECT 'the parent of ' || c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
WHERE c.relnamespace = %(schema)s
UNION ALL
SELECT 'the statistics ' || s.stxname FROM pg_statistic_ext s WHERE s.stxnamespace = %(schema)s
UNION ALL
SELECT 'the rule ' || r.rulename FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class
WHERE c.relnamespace = %(schema)s AND c.relkind = 'r'
"""

_TABLES = """
SELECT c.oid, c.relname, c.reloptions FROM pg_class c
WHERE c.relnamespace = %(schema)s AND c.relkind = 'r' ORDER BY c.relname
"""

_COLUMNS = """
SELECT a.attrelid, array_agg(a.attname::text ORDER BY a.attnum) FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid
WHERE c.relnamespace = %(schema)s AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
  AND a.attgenerated = ''
GROUP BY a.attrelid
"""

# The sequence of each identity column: its name, and how far it has come.
_SEQUENCES = """
SELECT t.relname, a.attname, s.relname, pg_sequence_last_value(s.oid)
FROM pg_class s
JOIN pg_depend d ON d.objid = s.oid AND d.classid = 'pg_class'::regclass AND d.deptype = 'i'
JOIN pg_class t ON t.oid = d.refobjid
JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
WHERE s.relnamespace = %(schema)s AND s.relkind = 'S' ORDER BY s.relname
"""

# Keys before what refers to them. CHECKs and NOT NULLs come with the table (LIKE … INCLUDING CONSTRAINTS).
_CONSTRAINTS = """
SELECT t.relname, k.conname, pg_get_constraintdef(k.oid, true)
FROM pg_constraint k JOIN pg_class t ON t.oid = k.conrelid
WHERE t.relnamespace = %(schema)s AND k.contype IN ('p', 'u', 'x', 'f')
ORDER BY k.contype = 'f', t.relname, k.conname
"""

_INDEXES = """
SELECT pg_get_indexdef(i.indexrelid, 0, true) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE c.relnamespace = %(schema)s
  AND NOT EXISTS (
    SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))
ORDER BY c.relname
"""

_TRIGGERS = """
SELECT pg_get_triggerdef(g.oid, true), t.relname, g.tgname, g.tgenabled
FROM pg_trigger g JOIN pg_class t ON t.oid = g.tgrelid
WHERE t.relnamespace = %(schema)s AND NOT g.tgisinternal ORDER BY t.relname, g.tgname
"""


class NotClonable(RuntimeError):
    """The template holds something a copy would lose; the message names it."""


def clone_schema(source: str, target: str) -> None:
    """Create `target` as a copy of `source`, rows included, grants and policies not.

    Must run in a transaction, as the owner of `source`. Raises NotClonable when the source holds anything
    this doesn't copy, DatabaseError when the target exists.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("a copy is made in a transaction, so that a failure leaves nothing")
    with connection.cursor() as cursor:
        # PostgreSQL writes definitions without the schema's name for what is found on the path: read with
        # the source on it, they can be run with the target on it.
        _set_path(cursor, source)
        script = clone_script(cursor, source, target)
        cursor.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(target)))
        _set_path(cursor, target)
        cursor.execute(script)
    # The path above was set behind the connection's back.
    connection.search_path_set_schemas = None


def clone_script(cursor, source: str, target: str) -> sql.Composed:
    """The statements that fill the empty schema `target`, which must be the path they are run with."""

    def rows(query: str) -> list[tuple]:
        cursor.execute(query, {"schema": schema})
        return cursor.fetchall()

    cursor.execute("SELECT oid FROM pg_namespace WHERE nspname = %s", [source])
    found = cursor.fetchone()
    if found is None:
        raise NotClonable(f"the schema {source} doesn't exist")
    schema = found[0]
    if strangers := [row[0] for row in rows(_STRANGERS)]:
        raise NotClonable(f"{source} holds what a copy would lose: {', '.join(sorted(strangers))}")
    columns = dict(rows(_COLUMNS))
    tables = rows(_TABLES)
    sequences = rows(_SEQUENCES)
    statements: list[sql.Composable] = []
    for _oid, name, options in tables:
        statements.append(_table(source, name, options))
    statements += _rename_sequences(sequences)
    # Rows before keys and triggers: they arrive as they are, and each index is built once.
    statements += [_copy(source, name, columns[oid]) for oid, name, _options in tables if columns.get(oid)]
    for _table_name, _column, sequence, position in sequences:
        if position is not None:
            statements.append(
                sql.SQL("SELECT setval({}, {})").format(
                    sql.Literal(sql.Identifier(sequence).as_string()), sql.Literal(position)
                )
            )
    for table, name, definition in rows(_CONSTRAINTS):
        statements.append(
            sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} {}").format(
                sql.Identifier(table), sql.Identifier(name), sql.SQL(definition)
            )
        )
    statements += [sql.SQL(definition) for (definition,) in rows(_INDEXES)]
    for definition, table, name, enabled in rows(_TRIGGERS):
        statements.append(sql.SQL(definition))
        if enabled != "O":
            raise NotClonable(f"the trigger {name} of {table} is not in its usual state")
    return sql.SQL(";\n").join(statements)


def _set_path(cursor, schema: str) -> None:
    cursor.execute(sql.SQL("SET LOCAL search_path = {}, public").format(sql.Identifier(schema)))


def _table(source: str, name: str, options: Iterable[str] | None) -> sql.Composed:
    created = sql.SQL(
        "CREATE TABLE {} (LIKE {} INCLUDING COMMENTS INCLUDING COMPRESSION INCLUDING CONSTRAINTS "
        "INCLUDING DEFAULTS INCLUDING GENERATED INCLUDING IDENTITY INCLUDING STORAGE)"
    ).format(sql.Identifier(name), sql.Identifier(source, name))
    if options:
        pairs = (option.partition("=") for option in options)
        created += sql.SQL(" WITH ({})").format(
            sql.SQL(", ").join(
                sql.SQL("{} = {}").format(sql.Identifier(key), sql.Literal(value)) for key, _, value in pairs
            )
        )
    return created


def _copy(source: str, name: str, columns: list[str]) -> sql.Composed:
    listed = sql.SQL(", ").join(map(sql.Identifier, columns))
    return sql.SQL("INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM {}").format(
        sql.Identifier(name), listed, listed, sql.Identifier(source, name)
    )


def _rename_sequences(sequences: list[tuple]) -> list[sql.Composable]:
    """LIKE names sequences after table and column; a template whose table was renamed has older names."""
    renamed: list[sql.Composable] = []
    for table, column, sequence, _position in sequences:
        made = _sequence_name(table, column)
        if made != sequence:
            renamed.append(
                sql.SQL("ALTER SEQUENCE {} RENAME TO {}").format(
                    sql.Identifier(made), sql.Identifier(sequence)
                )
            )
    return renamed


def _sequence_name(table: str, column: str) -> str:
    """The name PostgreSQL gives an identity column's sequence: cut to 63 bytes, the longer part first."""
    room = 63 - len("__seq")
    first, second = len(table.encode()), len(column.encode())
    while first + second > room:
        if first > second:
            first -= 1
        else:
            second -= 1
    return f"{table.encode()[:first].decode()}_{column.encode()[:second].decode()}_seq"
