"""What is asked of the database once per request, and never kept longer.

Terminology, areas and settings are read many times while one page is built. Keeping them in the process
between requests would need telling every other process of a change; reading them anew in each request costs
one short query and is right at once, everywhere. Outside a request (jobs, commands) nothing is kept at all.
"""

import threading
from collections.abc import Callable
from typing import Any, TypeVar

from tenants.db import connection

Result = TypeVar("Result")
_local = threading.local()


def begin(**_kwargs: Any) -> None:
    """A request begins (signal `request_started`)."""
    _local.kept = {}


def end(**_kwargs: Any) -> None:
    """A request is over (signal `request_finished`)."""
    _local.kept = None


def forget() -> None:
    """Something was written: read it anew, in this request too."""
    if getattr(_local, "kept", None) is not None:
        _local.kept = {}


def keep(name: str, value: Any) -> None:
    """What was asked along with something else: `once` asks no more for it in this request."""
    kept = getattr(_local, "kept", None)
    if kept is not None:
        kept[connection.schema_name, name] = value


def once(name: str, read: Callable[[], Result]) -> Result:
    """`read()`, or what it gave before in this request and in the organisation that is selected."""
    kept = getattr(_local, "kept", None)
    if kept is None:
        return read()
    key = (connection.schema_name, name)
    if key not in kept:
        kept[key] = read()
    return kept[key]
