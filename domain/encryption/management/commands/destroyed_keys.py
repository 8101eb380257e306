"""The ledger of destroyed keys in a file, for restores of the whole database, where it goes back as well."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django_tenants.utils import tenant_context

from domain.encryption.restoring import bury_destroyed
from tenants.authority import require_owner
from tenants.choices import OrganizationKind
from tenants.db import connection
from tenants.models import DestroyedKey, Organization


class Command(BaseCommand):
    help = (
        "--write FILE keeps the ids of all destroyed keys, to be stored apart from the database's backups. "
        "After a restore of the whole database, --apply FILE destroys them again."
    )

    def add_arguments(self, parser):
        way = parser.add_mutually_exclusive_group(required=True)
        way.add_argument("--write", type=Path, metavar="FILE")
        way.add_argument("--apply", type=Path, metavar="FILE")

    def handle(self, *args, **options):
        require_owner()
        connection.set_schema_to_public()
        if options["write"]:
            count = self._write(options["write"])
            self.stdout.write(f"{count} destroyed keys are in {options['write']}.")
        else:
            count = self._apply(options["apply"])
            self.stdout.write(f"{count} keys had come back and are destroyed again.")

    def _write(self, path: Path) -> int:
        count, draft = 0, path.with_name(f".{path.name}.unfinished")
        with draft.open("w", encoding="ascii") as file:
            for key in DestroyedKey.objects.order_by("id").iterator():
                file.write(f"{key.id} {key.schema_name} {key.destroyed_at.isoformat()}\n")
                count += 1
        draft.replace(path)
        return count

    @transaction.atomic
    def _apply(self, path: Path) -> int:
        DestroyedKey.objects.bulk_create(self._read(path), batch_size=5000, ignore_conflicts=True)
        count = 0
        for organization in Organization.objects.exclude(kind=OrganizationKind.TEMPLATE):
            with tenant_context(organization), connection.as_owner():
                count += bury_destroyed(organization.schema_name)
        return count

    def _read(self, path: Path) -> Iterator[DestroyedKey]:
        try:
            for line in path.read_text(encoding="ascii").splitlines():
                key, schema, at = line.split(" ")
                yield DestroyedKey(id=UUID(key), schema_name=schema, destroyed_at=datetime.fromisoformat(at))
        except (OSError, ValueError) as error:
            raise CommandError(f"{path} is no ledger of destroyed keys") from error
