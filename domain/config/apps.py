from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "domain.config"
    label = "config"

    def ready(self):
        from tenants.provisioning import default_steps

        from .defaults import create_defaults

        default_steps.append(create_defaults)
