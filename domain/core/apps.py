from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "domain.core"
    label = "core"
