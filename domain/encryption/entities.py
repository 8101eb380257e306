"""`SealedEntity`: the base of entities with encrypted columns (docs/encryption.md)."""

from collections.abc import Iterable, Sequence
from typing import Any, Self

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from domain.core.models import Entity
from domain.core.scope import Scope
from tenants.db import connection

from . import envelope
from .errors import ContentErased
from .fields import EncryptedField
from .keys import new_record_keys, plain_record_key
from .models import RecordKey
from .sealed import Sealed


class SealedEntity(Entity):
    """An entity whose encrypted columns are sealed with a key of the row's own.

    Rows may share the key of another, so that destroying that one erases them too: set `record_key` before
    the first save. The key's row is in a table that dumps leave out; no database constraint leads there.
    """

    record_key = models.ForeignKey(
        RecordKey,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        db_constraint=False,
        related_name="+",
        verbose_name=_("key of sealed content"),
    )

    class Meta:
        abstract = True

    @classmethod
    def openable(cls, scope: Scope) -> models.QuerySet[Self]:
        """The rows whose sealed content the caller may open: all they see, unless the entity narrows it."""
        manager: Any = cls._default_manager
        return manager.visible_to(scope)

    @classmethod
    def encrypted_fields(cls) -> list[EncryptedField]:
        return [field for field in cls._meta.concrete_fields if isinstance(field, EncryptedField)]

    @property
    def is_erased(self) -> bool:
        """Whether the key of its sealed content was destroyed."""
        return self.record_key is not None and self.record_key.wrapped is None

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Seals what was assigned, with a new key where the row has none.

        Raises ContentErased where its key was destroyed: a row that was erased takes no new content.
        """
        wanted = kwargs.get("update_fields")
        with transaction.atomic():
            before = self.record_key_id
            prepare([self], only=wanted)
            if wanted is not None and self.record_key_id != before:
                kwargs["update_fields"] = {*wanted, "record_key"}
            super().save(*args, **kwargs)


@transaction.atomic
@sensitive_variables()
def prepare(instances: Sequence[SealedEntity], *, only: Iterable[str] | None = None) -> None:
    """Seal what was assigned to these rows, for `bulk_create` and `bulk_update` in the same transaction.

    With `only`, the fields of that name. `save()` does it by itself.
    """
    names = None if only is None else set(only)
    pending = [(instance, fields) for instance in instances if (fields := _pending(instance, names))]
    if not pending:
        return
    for instance, _fields in pending:
        instance.check_schema()
    without = [instance for instance, _fields in pending if instance.record_key_id is None]
    known = {instance.record_key_id for instance, _fields in pending if instance.record_key_id is not None}
    keys = {
        key.pk: plain_record_key(key)
        for key in RecordKey.objects.filter(pk__in=known).select_related("organization_key")
    }
    made = (
        new_record_keys([(instance._meta.db_table, instance.pk) for instance in without]) if without else []
    )
    for instance, (key, plain) in zip(without, made, strict=True):
        instance.record_key = key
        keys[key.pk] = plain
    for instance, fields in pending:
        key_id = instance.record_key_id
        if key_id is None or key_id not in keys:
            raise ContentErased  # Its key was kept elsewhere than the dump that was restored.
        for field in fields:
            value = field.encode(getattr(instance, field.attname)._value)
            place = place_of(instance, field)
            sealed = envelope.seal(value, keys[key_id], key_id, place)
            setattr(instance, field.attname, Sealed(sealed))


def place_of(instance: SealedEntity, field: EncryptedField) -> envelope.Place:
    assert field.column is not None
    return envelope.Place(connection.schema_name, instance._meta.db_table, instance.pk, field.column)


def _pending(instance: SealedEntity, only: set[str] | None) -> list[EncryptedField]:
    found = []
    for field in instance.encrypted_fields():
        value = instance.__dict__.get(field.attname)
        if isinstance(value, Sealed) and value.is_pending and (only is None or field.name in only):
            found.append(field)
    return found
