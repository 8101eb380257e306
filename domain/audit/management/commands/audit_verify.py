from django.core.management.base import BaseCommand, CommandError
from django_tenants.utils import tenant_context

from domain.audit.verification import verify
from tenants.choices import OrganizationKind, OrganizationStatus
from tenants.db import connection
from tenants.models import Organization


class Command(BaseCommand):
    help = (
        "Recompute the audit record of every organisation from its events and compare it with the stored "
        "tree, the signed heads and what is anchored outside the database. Names the first record that isn't "
        "as it was sealed; the exit code is 1 if there is any."
    )

    def add_arguments(self, parser):
        parser.add_argument("--organization", metavar="SCHEMA", help="only this one")
        parser.add_argument(
            "--all-findings", action="store_true", help="name every record, not only the first"
        )

    def handle(self, *args, **options):
        organizations = (
            Organization.objects.exclude(kind=OrganizationKind.TEMPLATE)
            .exclude(status=OrganizationStatus.PROVISIONING)
            .order_by("schema_name")
        )
        if options["organization"]:
            organizations = organizations.filter(schema_name=options["organization"])
            if not organizations:
                raise CommandError(f"no organisation has the schema {options['organization']}")
        bad = []
        for organization in organizations:
            with connection.as_owner(), tenant_context(organization):
                result = verify(organization)
            figures = (
                f"{result.events} sealed events under {result.heads} heads, {result.anchored} anchored, "
                f"{result.unsealed} waiting, {result.erased} with erased parts"
            )
            self.stdout.write(f"{organization.schema_name}: {'ok' if result.ok else 'NOT OK'}, {figures}")
            if not result.ok:
                bad.append(organization.schema_name)
                shown = result.findings if options["all_findings"] else result.findings[:1]
                for finding in shown:
                    self.stdout.write(f"  {finding}")
        if bad:
            raise CommandError(f"the record is not as it was sealed: {', '.join(bad)}")
