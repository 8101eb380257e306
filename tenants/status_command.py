"""What the commands that change an organisation's status have in common."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management.base import BaseCommand, CommandError

from .dumps import DumpFailed
from .models import Organization


class StatusCommand(BaseCommand):
    """Takes the schema name and, if `reasoned`, a reason; calls `change`."""

    reasoned = False

    def add_arguments(self, parser):
        parser.add_argument("schema_name")
        if self.reasoned:
            parser.add_argument("--reason", required=True, help="Kept in the platform's record.")

    def change(self, organization: Organization, options: dict) -> Organization:
        raise NotImplementedError

    def handle(self, *args, **options):
        organization = Organization.objects.filter(schema_name=options["schema_name"]).first()
        if organization is None:
            raise CommandError(f"No organisation has the schema {options['schema_name']}.")
        try:
            changed = self.change(organization, options)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        except (DumpFailed, PermissionDenied) as error:
            raise CommandError(str(error)) from error
        until = f", its data is kept until {changed.drop_after:%Y-%m-%d}" if changed.drop_after else ""
        self.stdout.write(f"{changed.schema_name} is {changed.status}{until}.")
