"""Delete closed organisations whose grace period is over; their dumps stay."""

from django.core.management.base import BaseCommand, CommandError

from tenants.dumps import DumpFailed
from tenants.lifecycle import closed_and_due, drop_organization


class Command(BaseCommand):
    help = "Deletes schema, role, rows and files of organisations closed longer than the grace period."

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="Only say which.")

    def handle(self, *args, **options):
        failed = 0
        for organization in closed_and_due():
            if options["dry_run"]:
                self.stdout.write(f"{organization.schema_name}: due since {organization.drop_after:%Y-%m-%d}")
                continue
            try:
                dump = drop_organization(organization)
            except DumpFailed as error:
                failed += 1
                self.stderr.write(str(error))
            else:
                self.stdout.write(f"{organization.schema_name}: dropped; its dump is {dump}")
        if failed:
            raise CommandError(f"{failed} organisations were kept, since no dump could be written.")
