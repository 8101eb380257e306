from django.apps import AppConfig


class IdentityConfig(AppConfig):
    name = "domain.identity"
    label = "identity"

    def ready(self):
        from django.contrib.auth.signals import user_logged_in, user_logged_out

        from tenants.dumps import shared_models

        from .browsers import on_login, on_logout

        user_logged_in.connect(on_login, dispatch_uid="identity.browsers.on_login")
        user_logged_out.connect(on_logout, dispatch_uid="identity.browsers.on_logout")

        from . import (
            account_jobs,  # noqa: F401 - registers the job
            jobs,  # noqa: F401 - registers the jobs
            passkey_jobs,  # noqa: F401 - registers the job
        )

        shared_models.append("identity.Membership")
