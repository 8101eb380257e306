"""End sessions of an organisation, of all, or of a person."""

from django.core.management.base import BaseCommand, CommandError

from domain.access.breaches import end_sessions_of
from domain.identity.ending import end_everywhere
from domain.identity.lookup import people_with
from tenants.choices import OrganizationKind
from tenants.db import connection
from tenants.models import Organization


class Command(BaseCommand):
    help = (
        "Ends sessions of apps and the admin: they are refused from their next request on. Passwords and "
        "passkeys stay. For a suspected break-in; each organisation has it on its record."
    )

    def add_arguments(self, parser):
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--organization", metavar="SCHEMA", help="Every session of this organisation.")
        which.add_argument("--all", action="store_true", help="Every session of every organisation.")
        which.add_argument("--user", metavar="EMAIL", help="Every session of this person, everywhere.")
        parser.add_argument("--reason", required=True, help="Kept on the record.")

    def handle(self, *args, **options):
        reason = options["reason"].strip()
        if not reason:
            raise CommandError("Say why: it is kept on the record.")
        with connection.as_owner():
            if options["user"]:
                person = people_with(options["user"]).first()
                if person is None:
                    raise CommandError(f"Nobody has the address {options['user']}.")
                ended = end_everywhere(person, by=None, reason=reason[:500])
                self.stdout.write(f"{ended} sessions ended.")
                return
            organizations = Organization.objects.exclude(kind=OrganizationKind.TEMPLATE).order_by(
                "schema_name"
            )
            if options["organization"]:
                organizations = organizations.filter(schema_name=options["organization"])
                if not organizations:
                    raise CommandError(f"No organisation has the schema {options['organization']}.")
            for organization in organizations:
                ended = end_sessions_of(organization, by=None, reason=reason)
                self.stdout.write(f"{organization.schema_name}: {ended} sessions ended.")
