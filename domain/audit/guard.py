"""No write without its event: whoever calls a rule from outside puts the call in here.

    with recorded(entity):
        rule(entity, by=…)

A rule that changed the row, or was to make one, and recorded nothing is a fault of ours. It is raised inside
the transaction, so that what nobody recorded is not done either.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import models

from tenants.db import connection

from .context import events_written


class UnrecordedWrite(RuntimeError):
    """Something was written of which the record says nothing."""


@contextmanager
def recorded(row: models.Model | None = None, *, what: str = "") -> Iterator[None]:
    """Raise UnrecordedWrite where no event is written within, though the row is another afterwards.

    Without a row (one is to be made) there must be an event. Where nothing was changed, there need be none.
    """
    before, state = events_written(), _state(row)
    yield
    if events_written() == before and (row is None or _was_changed(row, state)):
        subject = row._meta.label if row is not None else "a new row"
        raise UnrecordedWrite(f"{what or 'a rule'} wrote {subject} and recorded nothing")


def _state(row: models.Model | None) -> dict[str, Any]:
    """The values a row was read with."""
    if row is None:
        return {}
    return {
        field.attname: row.__dict__[field.attname]
        for field in row._meta.concrete_fields
        if field.attname in row.__dict__
    }


def _was_changed(row: models.Model, state: dict[str, Any]) -> bool:
    """Whether the row is another than it was read, by this transaction and no other that ended meanwhile."""
    stored = type(row)._base_manager.filter(pk=row.pk).first()
    now = _state(stored)
    if all(now.get(name) == value for name, value in state.items()):
        return False
    changed_by = getattr(stored, "change_xid", None)
    if changed_by is None:
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id_if_assigned()::text")
        return cursor.fetchone()[0] == str(changed_by)
