from django.apps import AppConfig


class AssociationsConfig(AppConfig):
    name = "domain.associations"
    label = "associations"
