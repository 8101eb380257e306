"""What changed of a row since a phone read it, column by column."""

from typing import Any
from uuid import UUID

from .models import FieldVersion


def changed_since(model: Any, row_id: UUID, version: int) -> frozenset[str] | None:
    """The columns (and parts, `NoteFieldVersions`) of a row that changed after this version of it.

    None where that isn't known: then all of them may have. Ask after the row itself was read; what changes
    in between is then among them.
    """
    kept = FieldVersion.objects.filter(name=model._meta.db_table, row_id=row_id).first()
    if kept is None or kept.since > version:
        return None
    return frozenset(column for column, at in kept.versions.items() if at > version)
