"""What the record says of people: that something was done with whom, and never their names or health.

Whoever reads the record (an administrator, an auditor) is no reader of contacts: a contact is named there by
its id, which leads those to the row who may see it. Of what tells who somebody is, only that it changed.
"""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db import models

from domain.audit.entities import HIDDEN
from domain.audit.rules import write

CONFIDENTIAL = frozenset(
    {
        "first_name",
        "last_name",
        "birth_year",
        "phone",
        "email",
        "address",
        "postcode",
        "city",
        "municipality",
        "language",
        "diagnosis_category",
        "diagnosis",
        "needs",
        "body",
    }
)


def reference(row: models.Model) -> str:
    """How the record names a row: as its model says, mostly by the contact it is about."""
    column = next(iter(getattr(row, "audit_label", ())), "pk")
    return str(getattr(row, column))


def note(
    action: str,
    row: models.Model,
    *,
    by: Any,
    changes: Mapping[str, tuple[Any, Any]] | None = None,
    reason: str = "",
    subject_ids: Iterable[UUID] = (),
) -> None:
    """Write an event of the area, as `domain.audit.rules.record` does, without names."""
    write(
        action,
        row._meta.label_lower,
        str(row.pk),
        reference(row),
        by=by,
        changes={
            name: tuple(map(_hidden, pair)) if name in CONFIDENTIAL else pair
            for name, pair in (changes or {}).items()
        },
        reason=reason[:500],
        subject_ids=subject_ids,
    )


def _hidden(value: Any) -> Any:
    return value if value in (None, "", []) else HIDDEN
