"""What `manage.py check` says of the master keys."""

from typing import Any

from django.core.checks import CheckMessage, Error
from django.core.exceptions import ImproperlyConfigured

from .master import key_service


def master_keys_are_readable(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    try:
        key_service()
    except (ImproperlyConfigured, ImportError) as error:
        return [Error(str(error), id="encryption.E001")]
    return []
