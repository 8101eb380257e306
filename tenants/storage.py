"""Files, separated by organisation on disk."""

import os
from pathlib import Path, PurePosixPath

from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.storage import FileSystemStorage
from django.utils.deconstruct import deconstructible

from tenants.db import connection

from .fields import uuid7
from .names import is_schema_name


@deconstructible
class OrganizationStorage(FileSystemStorage):
    """Files of the current organisation, below `MEDIA_ROOT/<schema>/`; with no organisation, an error.

    A name resolves inside the current schema's folder only, so another organisation's path opens nothing.
    """

    @property
    def base_location(self):
        schema = connection.schema_name
        if not schema or schema == "public" or not is_schema_name(schema):
            raise SuspiciousFileOperation("Files belong to an organisation, and none is selected.")
        return str(Path(settings.MEDIA_ROOT) / schema)

    @property
    def location(self):
        return os.path.abspath(self.base_location)


@deconstructible
class LogoStorage(FileSystemStorage):
    """Logos: shown on sign-in pages before anyone has signed in, so kept apart from content."""

    @property
    def base_location(self):
        return str(Path(settings.MEDIA_ROOT) / "_logos")

    @property
    def location(self):
        return os.path.abspath(self.base_location)


def logo_path(organization, filename: str) -> str:
    """A name that reveals nothing and is never reused, so that it may be cached for ever."""
    return f"{uuid7().hex}{PurePosixPath(filename).suffix.lower()}"
