"""Copy of a schema, tables and rows, within one transaction and without superuser rights."""

from django.db import connection
from django_tenants.clone import CloneSchema

# Clones create and drop helper types in the public schema, so two at once must take turns.
CLONE_LOCK = 0x6D65616E


def clone_schema(source: str, target: str) -> None:
    """Clone with rows, without grants (they are made afterwards, for the target's own role)."""
    installer = CloneSchema()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CLONE_LOCK])
        installer._create_clone_schema_function()
        cursor.execute("SELECT clone_schema(%s, %s, 'DATA', 'NOACL')", [source, target])
