from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "domain.access"
    label = "access"

    def ready(self):
        from domain.associations.standing import scope_finders
        from tenants.fleet import public_steps

        from .queries import scope_for
        from .roles import sync_groups

        public_steps.append(sync_groups)
        scope_finders.append(scope_for)
