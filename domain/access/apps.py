from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "domain.access"
    label = "access"

    def ready(self):
        from django.contrib.auth.signals import user_logged_in

        from domain.associations.standing import scope_finders
        from tenants.fleet import public_steps

        from .queries import scope_for
        from .roles import sync_groups
        from .signals import note_sign_in

        public_steps.append(sync_groups)
        scope_finders.append(scope_for)
        user_logged_in.disconnect(dispatch_uid="update_last_login")
        user_logged_in.connect(note_sign_in, dispatch_uid="meander.note_sign_in")
