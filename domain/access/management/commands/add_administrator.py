"""The first administrator of an organisation."""

from getpass import getpass

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from domain.access.choices import Role
from domain.access.members import add_member
from domain.identity.elsewhere import person_by_email
from tenants.choices import OrganizationKind
from tenants.models import Organization


class Command(BaseCommand):
    help = (
        "Makes a person administrator of an organisation. For an address without an account it asks for a "
        "password, which the person should change."
    )

    def add_arguments(self, parser):
        parser.add_argument("schema", help="the organisation's schema name")
        parser.add_argument("email")
        parser.add_argument("--first-name", default="")
        parser.add_argument("--last-name", default="")

    def handle(self, *args, **options):
        organization = (
            Organization.objects.exclude(kind=OrganizationKind.TEMPLATE)
            .filter(schema_name=options["schema"])
            .first()
        )
        if organization is None:
            raise CommandError(f"There is no organisation “{options['schema']}”.")
        password = None
        if person_by_email(options["email"]) is None:
            password = getpass("Password: ")
            if password != getpass("Once more: "):
                raise CommandError("The two differ: nothing was changed.")
        role = Role.PLATFORM_STAFF if organization.is_platform else Role.ORG_ADMIN
        try:
            user = add_member(
                organization,
                email=options["email"],
                role=role,
                by=None,
                first_name=options["first_name"],
                last_name=options["last_name"],
                password=password,
            )
        except ValidationError as refusal:
            raise CommandError(" ".join(refusal.messages)) from refusal
        self.stdout.write(f"{user} is now {role.label.lower()} of {organization}.")
