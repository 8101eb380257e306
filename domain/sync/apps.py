from django.apps import AppConfig


class SyncConfig(AppConfig):
    name = "domain.sync"
    label = "sync"
