from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "domain.files"
    label = "files"

    def ready(self):
        from django.utils.translation import gettext_lazy as _

        from domain.audit.actions import register

        from . import jobs  # noqa: F401 - registers the jobs

        register(
            nouns={"file": _("the file"), "file-upload": _("the upload")},
            verbs={"file-read": _("%(who)s opened a file of %(what)s")},
            sentences={
                "file.destroyed": _("%(who)s destroyed %(what)s"),
                "file.quarantined": _("%(who)s uploaded %(what)s; it waits for the virus scanner"),
                "file.refused": _("%(who)s: the virus scanner refused %(what)s"),
                "file-upload.ended": _("%(who)s ended %(what)s"),
                "file-upload.refused": _("%(who)s sent %(what)s, which was refused"),
                "file.scanned": _("%(who)s had %(what)s scanned, and no virus was found"),
            },
        )
