from django.apps import AppConfig


class IdentityConfig(AppConfig):
    name = "domain.identity"
    label = "identity"

    def ready(self):
        from tenants.dumps import shared_models

        from . import (
            jobs,  # noqa: F401 - registers the jobs
            passkey_jobs,  # noqa: F401 - registers the job
        )

        shared_models.append("identity.Membership")
