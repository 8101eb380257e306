from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "domain.access"
    label = "access"

    def ready(self):
        from tenants.fleet import public_steps

        from .roles import sync_groups

        public_steps.append(sync_groups)
