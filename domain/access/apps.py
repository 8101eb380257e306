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
        from domain.files.rules import forget_uploads
        from domain.files.uploads import end_uploads_of
        from domain.identity.erasing import erased_with_person, erasure_steps
        from domain.identity.second_step import privileged
        from tenants.fleet import public_steps
        from tenants.jobs import mandates
        from tenants.middleware import ask_along

        from . import (
            erasure_jobs,  # noqa: F401 - registers the job
            support_jobs,
            warning_jobs,  # noqa: F401 - registers the job
        )
        from .erasing import drop_invitations
        from .merging import hand_over_roles
        from .queries import has_power, scope_for, standing_question
        from .roles import sync_groups
        from .signals import note_sign_in

        public_steps.append(sync_groups)
        privileged.append(has_power)
        scope_finders.append(scope_for)
        ask_along(standing_question)
        mandates.append(support_jobs.MANDATE)
        merge_steps.append(hand_over_roles)
        erasure_steps.append(drop_invitations)
        erasure_steps.append(forget_uploads)
        erasure_steps.append(end_uploads_of)
        erased_with_person.update(
            [
                "access.AssociationShare",
                "access.RoleAssignment",
                "access.UserGroup",
                "access.UserPermission",
                "associations.LocalAssociationMembership",
            ]
        )
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
                "person.activated": _("%(who)s let %(what)s in again"),
                "person.deactivated": _("%(who)s shut %(what)s out of the platform"),
                "person.erasure-requested": _("%(who)s asked for %(what)s to be erased"),
                "person.erased": _("%(who)s erased a person from the organisation"),
                "organization.sessions-ended": _("%(who)s ended all sessions of %(what)s"),
            },
        )
