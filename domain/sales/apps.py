from django.apps import AppConfig


class SalesConfig(AppConfig):
    name = "domain.sales"
    label = "sales"

    def ready(self):
        from . import jobs  # noqa: F401 - registers the jobs
