"""Writing the record."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import models
from django.utils.encoding import force_str

from tenants.db import connection

from .models import AuditEvent


def record(
    action: str,
    obj: models.Model,
    *,
    by: Any,
    changes: Mapping[str, tuple[Any, Any]] | None = None,
    reason: str = "",
    session_id: UUID | None = None,
) -> AuditEvent:
    """Write one audit event into the current organisation, in the caller's transaction.

    `action` is "<noun>.<verb>" ("faq.published"); `by` is a User, or None for the system itself;
    `changes` maps a field's name to its old and new value, as they may be read by an administrator.
    Raises RuntimeError outside an organisation: there is no record in the public schema.
    """
    if connection.schema_name == "public":
        raise RuntimeError("an audit event belongs to an organisation, and none is selected")
    return AuditEvent.objects.create(
        action=action,
        actor_id=getattr(by, "pk", None),
        actor_label=str(by)[:200] if by is not None else "system",
        session_id=session_id,
        object_type=obj._meta.label_lower,
        object_id=str(obj.pk),
        object_label=force_str(obj)[:200],
        changes={name: [_plain(old), _plain(new)] for name, (old, new) in (changes or {}).items()},
        reason=reason,
    )


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Fields whose value changed, for `record(changes=…)`."""
    return {name: (before.get(name), value) for name, value in after.items() if before.get(name) != value}


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    return force_str(value)
