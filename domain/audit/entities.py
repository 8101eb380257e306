"""Creating, changing and deleting an entity: the one door for whatever needs no rule of its own.

Each function checks, writes and records in one transaction. API and admin call these same functions, so no
plain write can leave the record out.

A model may say `audit_noun` (what actions call it, else its name), `audit_hidden` (names of fields whose
values are never recorded, only that they changed) and `audit_subjects(self)` (`domain.audit.reading`).
"""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from domain.core.errors import InvalidState, NotAllowed, StaleVersion
from domain.core.models import Entity

from .reading import subjects_of
from .rules import differences, noun_of, record

E = TypeVar("E", bound=Entity)
# Kept by the base, the trigger or these functions.
BASE_COLUMNS = {"id", "created_at", "created_by", "updated_at", "updated_by", "version", "change_xid"}
# What stands in the record for a value that isn't to be read there.
HIDDEN = "•••"
# Of entities whose deletion clients must learn of.
DELETED_AT = "deleted_at"


def create_entity(
    instance: E,
    *,
    by: Any,
    many: Mapping[str, Iterable[models.Model]] | None = None,
    permission: str = "",
    reason: str = "",
    on_behalf_of: Any = None,
) -> E:
    """Insert an entity; `many` are the rows of its many-to-many fields.

    Raises NotAllowed without `permission`, ValidationError for values that don't fit.
    """
    _require(by, permission)
    instance.full_clean()
    with transaction.atomic():
        instance.created_by = instance.updated_by = by
        instance.save(force_insert=True)
        _set_many(instance, many or {})
        values = {name: value for name, value in snapshot(instance).items() if value not in (None, "", [])}
        _say(instance, "created", by, differences({}, values), reason, on_behalf_of)
    return instance


def update_entity(
    instance: E,
    *,
    by: Any,
    values: Mapping[str, Any] | None = None,
    version: int | None = None,
    permission: str = "",
    reason: str = "",
    on_behalf_of: Any = None,
) -> E:
    """Save an entity that was changed, or that `values` (fields and many-to-many fields) are to change.

    `version` is the one the caller saw, else the instance's: raises StaleVersion when the row has another by
    now, NotAllowed without `permission`, ValidationError for values that don't fit. Without any difference
    nothing is written or recorded.
    """
    _require(by, permission)
    instance.check_schema()
    many = {field.name for field in instance._meta.many_to_many}
    for name, value in (values or {}).items():
        if name not in many:
            setattr(instance, name, value)
    with transaction.atomic():
        stored = _locked(instance, version)
        before, after = snapshot(stored, plain=False), snapshot(instance, plain=False, many_of=stored)
        for name in many & (values or {}).keys():
            after[name] = sorted(str(row) for row in (values or {})[name])
        changed = differences(before, after)
        if not changed:
            return instance
        instance.full_clean()
        instance.updated_by = by
        fields = [name for name in changed if name not in many]
        # Also when only related rows changed: the version tells whoever reads the entity that it did.
        instance.save(update_fields=[*fields, "updated_by"])
        _set_many(instance, {name: (values or {})[name] for name in many & changed.keys()})
        _say(instance, "changed", by, _readable(instance, changed), reason, on_behalf_of)
    return instance


def delete_entity(
    instance: Entity,
    *,
    by: Any,
    version: int | None = None,
    permission: str = "",
    reason: str = "",
    on_behalf_of: Any = None,
) -> None:
    """Delete an entity; one with a `deleted_at` is only marked, so that clients learn of it.

    Raises StaleVersion and NotAllowed as `update_entity`, InvalidState when something else needs the row.
    """
    _require(by, permission)
    instance.check_schema()
    with transaction.atomic():
        _locked(instance, version)
        people = subjects_of(instance)
        record(
            f"{noun_of(instance)}.deleted",
            instance,
            by=by,
            reason=reason,
            on_behalf_of=on_behalf_of,
            subject_ids=people,
        )
        if any(field.name == DELETED_AT for field in instance._meta.fields):
            setattr(instance, DELETED_AT, timezone.now())
            instance.updated_by = by
            instance.save(update_fields=[DELETED_AT, "updated_by"])
            return
        try:
            instance.delete()
        except (models.ProtectedError, models.RestrictedError) as error:
            raise InvalidState(_("It is still in use and can't be deleted."), code="in-use") from error


def snapshot(instance: Entity, *, plain: bool = True, many_of: Entity | None = None) -> dict[str, Any]:
    """The values of an entity's own fields as they may be recorded; `many_of`: whose related rows to read."""
    values: dict[str, Any] = {}
    for field in instance._meta.concrete_fields:
        if field.name in BASE_COLUMNS:
            continue
        raw = field.value_from_object(instance)
        if plain:
            values[field.name] = (
                HIDDEN if _is_hidden(instance, field) and raw else _shown(instance, field, raw)
            )
        else:
            values[field.name] = field.get_prep_value(raw) if not field.is_relation else raw
    for many in instance._meta.many_to_many:
        rows = getattr(many_of or instance, many.name).all() if instance.pk else []
        values[many.name] = sorted(str(row) for row in rows)
    return values


def _readable(instance: Entity, changed: dict[str, tuple[Any, Any]]) -> dict[str, tuple[Any, Any]]:
    fields = {field.name: field for field in instance._meta.concrete_fields}
    readable = {}
    for name, (old, new) in changed.items():
        field = fields.get(name)
        if field is None:
            readable[name] = (old, new)
        elif _is_hidden(instance, field):
            readable[name] = (HIDDEN if old else None, HIDDEN if new else None)
        else:
            readable[name] = (_shown(instance, field, old), _shown(instance, field, new))
    return readable


def _is_hidden(instance: Entity, field: models.Field) -> bool:
    """Hidden by the model, or encrypted in the database: never recorded in clear text."""
    return field.name in getattr(instance, "audit_hidden", ()) or bool(getattr(field, "is_encrypted", False))


def _shown(instance: Entity, field: models.Field, value: Any) -> Any:
    """A reference as its label, so that it can be read after the row it names is gone."""
    if value is None or not field.is_relation or field.related_model is None:
        return value
    current = getattr(instance, field.name, None) if getattr(instance, field.attname) == value else None
    target: Any = field.related_model
    found = current or target._base_manager.filter(pk=value).first()
    return str(found) if found is not None else str(value)


def _locked(instance: E, version: int | None) -> E:
    stored = type(instance)._base_manager.select_for_update(of=("self",)).get(pk=instance.pk)
    if stored.version != (instance.version if version is None else version):
        raise StaleVersion(_("Someone else has changed this meanwhile. Look at it again before you save."))
    return stored


def _require(by: Any, permission: str) -> None:
    if permission and by is not None and not by.has_perm(permission):
        raise NotAllowed(_("You may not do this."))


def _set_many(instance: Entity, many: Mapping[str, Iterable[models.Model]]) -> None:
    for name, rows in many.items():
        getattr(instance, name).set(rows)


def _say(
    instance: Entity,
    verb: str,
    by: Any,
    changes: Mapping[str, tuple[Any, Any]],
    reason: str,
    on_behalf_of: Any,
) -> None:
    record(
        f"{noun_of(instance)}.{verb}",
        instance,
        by=by,
        changes=changes,
        reason=reason,
        on_behalf_of=on_behalf_of,
        subject_ids=subjects_of(instance),
    )
