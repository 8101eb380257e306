from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class TenantsConfig(AppConfig):
    name = "tenants"
    verbose_name = "Organisations"

    def ready(self):
        from . import housekeeping, organization_jobs  # noqa: F401 - they register their jobs

        # Each app's jobs.py registers what it offers (tenants.jobs.job) and when (tenants.schedules.every).
        autodiscover_modules("jobs")
