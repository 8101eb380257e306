from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "domain.core"
    label = "core"

    def ready(self):
        from tenants.jobs import refusals

        from .errors import DomainError

        refusals.append(DomainError)
