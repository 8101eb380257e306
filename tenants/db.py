"""The connection to the database, as what it is: our backend's wrapper.

`django.db.connection` is the same object, typed as any database's.
"""

from typing import TYPE_CHECKING, cast

from django.db import connection as _connection

if TYPE_CHECKING:
    from .backend.base import DatabaseWrapper

connection = cast("DatabaseWrapper", _connection)
