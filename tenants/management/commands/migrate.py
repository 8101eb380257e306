"""Stands in front of the library's command of the same name."""

from django.core.management.commands.migrate import Command as DjangoCommand

from tenants.refused import MigrateFleetInstead


class Command(MigrateFleetInstead):
    # Django's checks compare it with that of makemigrations.
    autodetector = DjangoCommand.autodetector
