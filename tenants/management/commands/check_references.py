"""Find rows of organisations that point to shared rows which don't exist."""

from django.core.management.base import BaseCommand, CommandError

from tenants.db import connection
from tenants.models import Organization
from tenants.references import orphans


class Command(BaseCommand):
    help = (
        "Looks for orphans of foreign keys to shared tables, schema by schema. Exit code 1 if there are any."
    )

    def handle(self, *args, **options):
        connection.set_schema_to_public()
        found = 0
        schemas = Organization.objects.order_by("schema_name").values_list("schema_name", flat=True)
        for schema in list(schemas):
            for orphan in orphans(schema):
                found += orphan.rows
                self.stdout.write(
                    f"{schema}: {orphan.rows} rows of {orphan.table}.{orphan.column} "
                    f"point to nothing in {orphan.target}"
                )
        if found:
            raise CommandError(f"{found} rows point to nothing.")
        self.stdout.write("Every reference to a shared table has its target.")
