"""The committed OpenAPI document: write it, or check that it is right and breaks no client."""

import subprocess

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from api.core.breaking import breaking_changes
from api.core.openapi import as_yaml, committed, committed_path, parsed, plain_document


class Command(BaseCommand):
    help = (
        "Compares docs/openapi.yaml with what the code says. A change that would break a client is refused: "
        "give it a new version (/api/v2/) beside the old one."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser):
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--write", action="store_true", help="Write docs/openapi.yaml.")
        what.add_argument("--check", action="store_true", help="Exit 1 if it is stale or a change breaks it.")
        parser.add_argument(
            "--against",
            metavar="REVISION",
            default="",
            help="Look for breaking changes since a Git revision (a release, the main branch).",
        )

    def handle(self, *args, write: bool, check: bool, against: str, **options):
        current = plain_document()
        promised = self._promised(against)
        breaking = breaking_changes(promised, current) if promised else []
        for change in breaking:
            self.stderr.write(f"breaking: {change}")
        if breaking:
            raise CommandError("The API would break its clients; begin /api/v2/ for such a change.")
        if write:
            committed_path().write_text(as_yaml(current), encoding="utf-8")
            self.stdout.write(f"Wrote {committed_path().relative_to(settings.BASE_DIR)}.")
        elif (committed() if against else promised) != current:
            raise CommandError("docs/openapi.yaml is stale: run manage.py openapi --write and commit it.")

    def _promised(self, revision: str) -> dict | None:
        """What clients were promised: the document as committed, or None where there is none yet."""
        if revision:
            name = f"{revision}:{committed_path().relative_to(settings.BASE_DIR).as_posix()}"
            found = subprocess.run(  # noqa: S603 - our own words, no shell
                ["git", "show", name],  # noqa: S607 - whichever git the developer has
                cwd=settings.BASE_DIR,
                capture_output=True,
                check=False,
            )
            if found.returncode:
                raise CommandError(f"Git has no {name}.")
            return parsed(found.stdout)
        return committed() if committed_path().exists() else None
