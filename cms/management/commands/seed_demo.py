"""Demo organisations, accounts and content."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from cms.demo.organizations import seed_organizations, seed_people


class Command(BaseCommand):
    help = "Creates the demo organisations, accounts and content where they are missing."

    def handle(self, *args, **options):
        if not (settings.DEMO or settings.DEBUG):
            raise CommandError("Demo accounts have a known password: set DEMO=1 to allow them.")
        for organization in seed_organizations():
            self.stdout.write(
                f"{organization.name}: http://{organization.primary_host}:{settings.PORT}/admin/"
            )
        seed_people()
