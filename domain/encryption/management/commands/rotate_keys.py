"""Replace organisations' keys, or put them under another master key."""

from datetime import timedelta

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django_tenants.utils import tenant_context

from domain.encryption.errors import KeyUnavailable
from domain.encryption.jobs import REWRAP
from domain.encryption.master import key_service
from domain.encryption.queries import Standing, standing
from domain.encryption.rules import (
    destroy_retired,
    rewrap_batch,
    rewrap_under_master,
    rotate_organization_key,
)
from tenants.authority import require_owner
from tenants.choices import OrganizationKind
from tenants.db import connection
from tenants.jobs import enqueue
from tenants.models import Organization


class Command(BaseCommand):
    help = (
        "Gives organisations a new encryption key and puts their record keys under it; people go on reading. "
        "With --master, puts organisations' keys under the current (first) master key instead."
    )

    def add_arguments(self, parser):
        parser.add_argument("schemas", nargs="*", help="Schemas of the organisations.")
        parser.add_argument("--all", action="store_true", help="Every organisation.")
        parser.add_argument("--master", action="store_true", help="After a new master key was put first.")
        parser.add_argument(
            "--older-than", type=int, default=0, metavar="DAYS", help="Only keys of at least that age."
        )
        parser.add_argument("--dry-run", action="store_true", help="Say what there is to do, and do nothing.")
        parser.add_argument("--queue", action="store_true", help="Let the worker move the record keys.")
        parser.add_argument("--reason", default="", help="Kept in the record.")

    def handle(self, *args, **options):
        if bool(options["schemas"]) == options["all"]:
            raise CommandError("Name organisations, or say --all.")
        require_owner()
        failed = []
        for organization in self._organizations(options["schemas"]):
            with tenant_context(organization), connection.as_owner():
                try:
                    said = self._one(organization, options)
                except KeyUnavailable as error:
                    failed.append(organization.schema_name)
                    said = str(error)
            self.stdout.write(f"{organization.schema_name}: {said}")
        if failed:
            raise CommandError(f"Not done: {', '.join(failed)}.")

    def _organizations(self, schemas: list[str]) -> list[Organization]:
        every = Organization.objects.exclude(kind=OrganizationKind.TEMPLATE).order_by("schema_name")
        if not schemas:
            return list(every)
        found = {organization.schema_name: organization for organization in every}
        if unknown := [schema for schema in schemas if schema not in found]:
            raise CommandError(f"No organisation has the schema {', '.join(unknown)}.")
        return [found[schema] for schema in schemas]

    def _one(self, organization: Organization, options: dict) -> str:
        before = standing()
        if before is None:
            raise KeyUnavailable("no key: run migrate_fleet")
        if options["master"]:
            return self._master(before, options)
        if before.created_at > timezone.now() - timedelta(days=options["older_than"]):
            return f"version {before.version} of {before.created_at:%Y-%m-%d} is young enough"
        if options["dry_run"]:
            return f"version {before.version}, {before.record_keys} record keys to move"
        key = rotate_organization_key(by=None, reason=options["reason"])
        if options["queue"]:
            enqueue(REWRAP, organization, key="schedule")
            return f"version {key.version}; the worker moves {before.record_keys} record keys"
        moved = 0
        while batch := rewrap_batch():
            moved += batch
        destroyed = destroy_retired()
        left = "" if destroyed else "; the old one goes when nobody writes with it any more"
        return f"version {key.version}, {moved} record keys moved{left}"

    def _master(self, before: Standing, options: dict) -> str:
        current = key_service().current
        others = sorted(before.master_key_ids - {current})
        if not others:
            return f"under master key {current} already"
        if options["dry_run"]:
            return f"under {', '.join(others)}, to be put under {current}"
        moved = rewrap_under_master(by=None, reason=options["reason"])
        return f"{moved} keys put under master key {current}"
