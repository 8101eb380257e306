"""Bring stored e-mail addresses into the one spelling, and name those that can't be."""

from django.core.management.base import BaseCommand, CommandError
from django_tenants.utils import tenant_context

from domain.access.models import Invitation
from domain.identity.models import User
from domain.identity.spelling import Spelled, name_people, spell_addresses
from tenants.db import connection
from tenants.models import Organization


class Command(BaseCommand):
    help = (
        "Spells the e-mail addresses of people and invitations as they are compared, and brings the keys "
        "that people are ordered and found by into step with their names. Names, by id, the rows whose "
        "address another person has or that is no address: they are left, and it ends with an error."
    )

    def handle(self, *args, **options):
        with connection.as_owner():
            problems = self.told("people", spell_addresses(User))
            self.stdout.write(f"people: {name_people(User)} ordered anew")
            for organization in Organization.objects.order_by("schema_name"):
                with tenant_context(organization):
                    found = spell_addresses(Invitation, shared=True)
                problems += self.told(f"invitations of {organization.schema_name}", found)
        if problems:
            raise CommandError(f"{problems} addresses were left as they are: see above.")

    def told(self, what: str, found: Spelled) -> int:
        self.stdout.write(f"{what}: {found.changed} addresses changed")
        for problem in found.problems:
            self.stdout.write(f"  {problem}")
        return len(found.problems)
