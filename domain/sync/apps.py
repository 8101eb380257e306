from django.apps import AppConfig


class SyncConfig(AppConfig):
    name = "domain.sync"
    label = "sync"

    def ready(self):
        from django.utils.translation import gettext_lazy as _

        from domain.audit.actions import register
        from domain.identity.erasing import erased_with_person, erasure_steps
        from domain.people.erasing import forgetters
        from tenants import restore

        from . import jobs  # noqa: F401 - registers the job
        from .inbox import forget_content_about, forget_phones
        from .views import forget_all

        erased_with_person.update({"sync.SyncDevice", "sync.SyncMutation", "sync.SyncView"})
        erasure_steps.append(forget_phones)
        forgetters.append(lambda key: forget_content_about([key]))
        # What phones have fetched since the dump is none of what it knows: they begin anew.
        restore.key_steps.append(forget_all)
        register(
            nouns={
                "client-id": _("the name that a phone gave to"),
                "sync-device": _("the device"),
                "sync-mutation": _("the change sent by a phone"),
            },
            verbs={
                "discarded": _("%(who)s kept what was there instead of %(what)s"),
                "taken": _("%(who)s took over %(what)s"),
            },
        )
