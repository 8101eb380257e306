"""Bring back one organisation from its dump; the others go on."""

from pathlib import Path

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management.base import BaseCommand, CommandError

from tenants.dumps import DumpUnusable
from tenants.pgtools import ProgramFailed, ProgramMissing
from tenants.restore import restore_organization


class Command(BaseCommand):
    help = "Puts one organisation back as a dump has it. A dropped one comes back suspended."

    def add_arguments(self, parser):
        parser.add_argument("dump", type=Path, help="The dump's folder.")
        parser.add_argument(
            "--without-keys",
            action="store_true",
            help="The file of keys is gone: what was encrypted comes back as erased.",
        )

    def handle(self, *args, **options):
        try:
            organization = restore_organization(options["dump"], without_keys=options["without_keys"])
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        except (DumpUnusable, ProgramFailed, ProgramMissing, PermissionDenied) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{organization.schema_name} is restored; its status is {organization.status}.")
