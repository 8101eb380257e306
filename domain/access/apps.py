from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "domain.access"
    label = "access"

    def ready(self):
        from django.contrib.auth.signals import user_logged_in
        from django.utils.translation import gettext_lazy as _

        from domain.associations.rules import merge_steps
        from domain.associations.standing import scope_finders
        from domain.audit.actions import register
        from tenants.fleet import public_steps

        from . import support_jobs  # noqa: F401 - registers the job
        from .merging import hand_over_roles
        from .queries import scope_for
        from .roles import sync_groups
        from .signals import note_sign_in

        public_steps.append(sync_groups)
        scope_finders.append(scope_for)
        merge_steps.append(hand_over_roles)
        user_logged_in.disconnect(dispatch_uid="update_last_login")
        user_logged_in.connect(note_sign_in, dispatch_uid="meander.note_sign_in")
        register(
            nouns={
                "share": _("shared access:"),
                "associationshare": _("shared access:"),
            },
            verbs={
                "resent": _("%(who)s sent again %(what)s"),
                "accepted": _("%(who)s accepted %(what)s"),
            },
            sentences={
                "organization.sessions-ended": _("%(who)s ended all sessions of %(what)s"),
            },
        )
