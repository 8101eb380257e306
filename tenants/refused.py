"""Commands of Django and django-tenants that would go around how we provision and migrate."""

from django.core.management.base import BaseCommand, CommandError


class RefusedCommand(BaseCommand):
    """Says what to use instead; takes any arguments, so that the answer is that sentence and not usage."""

    instead = ""
    requires_system_checks: list[str] = []

    def run_from_argv(self, argv):
        # Before the arguments are parsed: those of the command we stand in for are unknown here.
        self.stderr.write(self.style.ERROR(self.sentence))
        raise SystemExit(1)

    def handle(self, *args, **options):
        raise CommandError(self.sentence)

    @property
    def sentence(self) -> str:
        return f"Not used here: {self.instead}"


class MigrateFleetInstead(RefusedCommand):
    help = "Refused: use migrate_fleet."
    instead = (
        "“manage.py migrate_fleet” migrates the public schema first, then the template, then every "
        "organisation."
    )


class LifecycleInstead(RefusedCommand):
    help = "Refused: organisations are made and ended by commands of our own."
    instead = (
        "organisations are made by “manage.py create_organization” and ended by “close_organization” and "
        "“drop_closed”."
    )
