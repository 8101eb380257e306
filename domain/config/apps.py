from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "domain.config"
    label = "config"

    def ready(self):
        from django.core.signals import request_finished, request_started

        from tenants.provisioning import default_steps

        from . import memory
        from .defaults import create_defaults

        default_steps.append(create_defaults)
        request_started.connect(memory.begin, dispatch_uid="config.memory.begin")
        request_finished.connect(memory.end, dispatch_uid="config.memory.end")
