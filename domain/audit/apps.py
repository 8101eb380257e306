from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "domain.audit"
    label = "audit"

    def ready(self):
        from tenants.events import receivers

        from .organizations import record_organization_event

        receivers.append(record_organization_event)
