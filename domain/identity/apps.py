from django.apps import AppConfig


class IdentityConfig(AppConfig):
    name = "domain.identity"
    label = "identity"

    def ready(self):
        from tenants.dumps import shared_models

        shared_models.append("identity.Membership")
