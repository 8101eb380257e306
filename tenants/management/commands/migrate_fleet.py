"""Migrate every schema: public, template, organisations (docs/operations-organizations.md)."""

import json
import os
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from tenants.authority import require_owner
from tenants.choices import OrganizationKind
from tenants.db import connection
from tenants.fleet import PublicBehind, pending_schemas
from tenants.fleet_run import Outcome, Report, run_fleet
from tenants.locks import FleetLock
from tenants.models import Organization


class Command(BaseCommand):
    help = (
        "Migrates the public schema, then the template, then every organisation that is behind. A schema "
        "that fails doesn't stop the others; run it again to go on. Exit code 1 if any failed."
    )
    requires_migrations_checks = False

    def add_arguments(self, parser):
        parser.add_argument(
            "--jobs",
            type=int,
            default=os.cpu_count() or 1,
            metavar="N",
            help="Schemas at a time (%(default)s).",
        )
        parser.add_argument(
            "--canary",
            default="",
            metavar="SCHEMA",
            help="Migrate this organisation first, and no other if it fails.",
        )
        parser.add_argument(
            "--only",
            action="append",
            default=[],
            metavar="SCHEMA",
            help="Just this organisation (may be repeated); refused while public or template are behind.",
        )
        parser.add_argument(
            "--check", action="store_true", help="Change nothing; exit code 1 if something is behind."
        )
        parser.add_argument(
            "--report", metavar="FILE", help="Write the outcome of each schema here, as JSON."
        )
        parser.add_argument(
            "--no-wait",
            action="store_true",
            help="End at once if another run is under way (else: wait for it).",
        )
        parser.add_argument(
            "--lock-timeout",
            type=float,
            default=10.0,
            metavar="SECONDS",
            help="How long a statement waits for a lock before it is tried again later (%(default)s).",
        )

    def handle(self, *args, **options):
        if options["check"]:
            return self._check()
        lock = FleetLock()
        try:
            if not lock.take(wait=False):
                if options["no_wait"]:
                    raise CommandError("Another fleet migration is under way.")
                self.stdout.write("Another fleet migration is under way; waiting for it to end …")
                lock.take(wait=True)
            report = self._run(options)
        finally:
            lock.close()
        self._write(report, options["report"])
        if not report.ok:
            raise CommandError(
                report.stopped or f"{len(report.failed)} schemas failed: see above, mend, and run this again."
            )
        return None

    def _run(self, options) -> Report:
        try:
            return run_fleet(
                jobs=options["jobs"],
                canary=options["canary"],
                only=options["only"],
                timeout=options["lock_timeout"],
                verbosity=max(0, options["verbosity"] - 1),
                stdout=self.stdout,
                told=self._tell,
            )
        except (PublicBehind, LookupError) as error:
            raise CommandError(str(error)) from error

    def _tell(self, outcome: Outcome) -> None:
        said = f"{outcome.schema:<40} {outcome.seconds:8.2f} s {len(outcome.applied):4} migrations"
        if outcome.error:
            self.stdout.write(self.style.ERROR(f"{said}  FAILED  {outcome.error}"))
        else:
            self.stdout.write(said)

    def _write(self, report: Report, path: str | None) -> None:
        done = len(report.outcomes) - len(report.failed)
        self.stdout.write(
            f"{done} schemas migrated, {report.current} up to date, {len(report.failed)} failed, "
            f"in {report.seconds:.1f} s."
        )
        if path:
            Path(path).write_text(json.dumps(report.as_json(), indent=1) + "\n", encoding="utf-8")

    def _check(self) -> None:
        connection.set_schema_to_public()
        pending = pending_schemas(["public"])
        if not pending:
            require_owner()
            others = Organization.objects.exclude(kind=OrganizationKind.TEMPLATE).order_by("schema_name")
            pending = pending_schemas(
                [settings.TEMPLATE_SCHEMA, *others.values_list("schema_name", flat=True)]
            )
        if pending:
            raise CommandError(f"Behind the code: {', '.join(sorted(pending))}.")
        self.stdout.write("Every schema is up to date.")
