from django.apps import AppConfig


class IdentityConfig(AppConfig):
    name = "domain.identity"
    label = "identity"
