"""Migrate every schema: public, template, organisations."""

from django.core.management.base import BaseCommand

from tenants.choices import OrganizationKind
from tenants.fleet import migrate_schema, pending_schemas, prepare_database
from tenants.models import Organization
from tenants.roles import grant_schema


class Command(BaseCommand):
    help = "Migrates the public schema, the template and every organisation that is behind."

    def handle(self, *args, **options):
        prepare_database(verbosity=options["verbosity"] - 1, stdout=self.stdout)
        organizations = list(Organization.objects.exclude(kind=OrganizationKind.TEMPLATE))
        pending = pending_schemas([o.schema_name for o in organizations]) if organizations else set()
        for organization in organizations:
            if organization.schema_name in pending:
                migrate_schema(organization.schema_name, verbosity=options["verbosity"] - 1)
                grant_schema(organization.schema_name, platform=organization.is_platform)
        self.stdout.write(f"{len(pending)} of {len(organizations)} organisations migrated.")
