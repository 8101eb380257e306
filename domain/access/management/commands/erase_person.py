"""Erase a person from one organisation, or from all and the platform."""

from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django_tenants.utils import tenant_context

from domain.access.erasing import erase_everywhere, erase_member
from domain.core.errors import DomainError
from domain.identity.lookup import people_with
from domain.identity.models import Membership, User
from tenants.db import connection


class Command(BaseCommand):
    help = (
        "Erases a person: what is kept about them goes, the record stays provable without their words. It "
        "can't be undone. With the last organisation the account goes."
    )

    def add_arguments(self, parser):
        parser.add_argument("person", help="The e-mail address or the id.")
        where = parser.add_mutually_exclusive_group(required=True)
        where.add_argument("--organization", metavar="SCHEMA", help="From this organisation alone.")
        where.add_argument("--everywhere", action="store_true", help="From all organisations.")
        parser.add_argument("--reason", required=True, help="Kept on the record: don't name the person.")

    def handle(self, *args, **options):
        with connection.as_owner():
            person = self.person(options["person"])
            try:
                if options["everywhere"]:
                    erased = erase_everywhere(person, reason=options["reason"])
                else:
                    erased = [self.erase_from(person, options["organization"], options["reason"])]
            except DomainError as refusal:
                raise CommandError(str(refusal.message)) from refusal
        for organization in erased:
            self.stdout.write(f"{organization.schema_name}: erased.")
        self.stdout.write("The account stays." if self.has_account(person) else "The account is erased.")

    def erase_from(self, person, schema, reason):
        membership = Membership.objects.filter(user=person, organization__schema_name=schema).first()
        if membership is None:
            raise CommandError("That person doesn't belong to it, and never did.")
        with tenant_context(membership.organization):
            row = Membership.objects.select_related("user", "organization").get(pk=membership.pk)
            erase_member(row, by=None, reason=reason)
        return membership.organization

    def person(self, given: str) -> User:
        try:
            found = User.objects.filter(pk=UUID(given)).first()
        except ValueError:
            found = people_with(given).first()
        if found is None:
            raise CommandError(f"There is nobody {given}.")
        return found

    def has_account(self, person) -> bool:
        with connection.as_owner():
            return User.objects.get(pk=person.pk).is_active
