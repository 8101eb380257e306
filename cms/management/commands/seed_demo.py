"""Demo organisations, accounts and content."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django_tenants.utils import schema_context

from cms.demo.activities import seed_activities
from cms.demo.assignments import seed_assignments
from cms.demo.associations import SIZES, seed_associations
from cms.demo.certification import seed_certification
from cms.demo.contacts import seed_contacts
from cms.demo.content import CONTENTS, seed_content
from cms.demo.incidents import seed_incidents
from cms.demo.large import seed_large
from cms.demo.locations import seed_locations
from cms.demo.organizations import seed_organizations, seed_people
from cms.demo.people import seed_more_people
from cms.demo.phones import seed_phones
from cms.demo.reads import seed_reads
from cms.demo.sales import seed_sales
from cms.demo.support import seed_support
from cms.demo.years import date_contacts, seed_years


class Command(BaseCommand):
    help = "Creates the demo organisations, accounts and content where they are missing."

    def add_arguments(self, parser):
        parser.add_argument(
            "--size",
            choices=["small", "large"],
            default="small",
            help="large: 500 mentors, 5,000 contacts and 100,000 activities more in NHF (some minutes).",
        )

    def handle(self, *args, **options):
        if not (settings.DEMO or settings.DEBUG):
            raise CommandError("Demo accounts have a known password: set DEMO=1 to allow them.")
        for organization in seed_organizations():
            self.stdout.write(
                f"{organization.name}: http://{organization.primary_host}:{settings.PORT}/admin/"
            )
        seed_people()
        for schema in SIZES:
            with schema_context(schema):
                seed_associations()
                seed_more_people()
                # Before certificates: from then on only who has one is assigned.
                seed_contacts()
        for schema in CONTENTS:
            with schema_context(schema):
                seed_content()
                # After whoever is assigned: from then on that takes a certificate.
                seed_certification()
                seed_activities()
                seed_assignments()
                seed_years()
        with schema_context(settings.PLATFORM_SCHEMA):
            seed_sales()
        seed_support()
        seed_reads()
        seed_incidents()
        if options["size"] == "large":
            seed_large(self.stdout.write)
            with schema_context("nhf"):
                date_contacts()
        for schema in SIZES:
            with schema_context(schema):
                seed_locations()
                seed_phones()
