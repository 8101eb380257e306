from django.apps import AppConfig


class SyncConfig(AppConfig):
    name = "domain.sync"
    label = "sync"

    def ready(self):
        from . import jobs  # noqa: F401 - registers the job
