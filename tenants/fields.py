"""Field types that PostgreSQL has and Django doesn't."""

from uuid import UUID

import uuid_utils.compat
from django.db import models


def uuid7() -> UUID:
    """A time-ordered UUID (RFC 9562), made here so that PostgreSQL 16 serves too."""
    return uuid_utils.compat.uuid7()


class Xid8Field(models.Field):
    """A full transaction id (`xid8`). psycopg returns it as text; here it is an int."""

    description = "PostgreSQL transaction id"

    def db_type(self, connection):
        return "xid8"

    def from_db_value(self, value, expression, connection):
        return None if value is None else int(value)

    def get_prep_value(self, value):
        return None if value is None else str(value)

    def get_internal_type(self):
        return "Xid8Field"
