"""Stands in front of the library's command of the same name."""

from tenants.refused import LifecycleInstead


class Command(LifecycleInstead):
    pass
