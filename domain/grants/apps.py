from django.apps import AppConfig


class GrantsConfig(AppConfig):
    name = "domain.grants"
    label = "grants"
