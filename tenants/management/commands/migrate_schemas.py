"""Stands in front of the library's command of the same name."""

from tenants.refused import MigrateFleetInstead


class Command(MigrateFleetInstead):
    pass
