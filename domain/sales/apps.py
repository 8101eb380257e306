from django.apps import AppConfig


class SalesConfig(AppConfig):
    name = "domain.sales"
    label = "sales"
