"""Opening sealed content. These two functions are the only way, and both put the reading on the record."""

import logging
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from domain.audit.reading import Seen, note_seen, subjects_of
from domain.audit.rules import write
from domain.core.errors import NotAllowed
from domain.core.scope import Scope
from tenants.db import connection

from . import envelope
from .entities import SealedEntity, place_of
from .errors import CiphertextRefused, ContentErased
from .fields import EncryptedField
from .keys import plain_record_key

logger = logging.getLogger("meander.security")


@sensitive_variables()
def read_sealed(
    instance: SealedEntity, column: str, *, by: Any, scope: Scope | None, verb: str = "opened"
) -> Any:
    """The content of one encrypted column as it is stored; None where there is none.

    `scope` is the caller's (`openable` of the model decides); None for the system itself alone, with
    `by=None`. The reading is recorded as "<noun>.<verb>" in one transaction with the decryption: without the
    event there is no content. Raises NotAllowed, ContentErased, and CiphertextRefused (recorded too).
    """
    instance.check_schema()
    found = _open(type(instance), [instance.pk], [column], by=by, scope=scope, verb=verb, alone=True)
    if instance.pk not in found:
        raise NotAllowed(_("You may not open this."))
    return found[instance.pk][column]


@sensitive_variables()
def read_sealed_rows(
    model: type[SealedEntity],
    pks: Iterable[UUID],
    columns: Sequence[str],
    *,
    by: Any,
    scope: Scope | None,
    verb: str = "opened",
) -> dict[UUID, dict[str, Any]]:
    """The content of encrypted columns of many rows, by key and column, as one event of the record.

    For a page whose other columns PostgreSQL has built: two queries and an insert, whatever the number.
    Rows the caller may not open are left out; of a row that was erased the values are None.
    """
    return _open(model, list(pks), columns, by=by, scope=scope, verb=verb, alone=False)


@sensitive_variables()
def _open(
    model: type[SealedEntity],
    pks: list[UUID],
    columns: Sequence[str],
    *,
    by: Any,
    scope: Scope | None,
    verb: str,
    alone: bool,
) -> dict[UUID, dict[str, Any]]:
    if (scope is None) != (by is None):
        raise ValueError("content is opened by somebody, with their scope, or by the system, with neither")
    fields = [_encrypted(model, column) for column in columns]
    allowed = model._base_manager.all() if scope is None else model.openable(scope)
    try:
        with transaction.atomic():
            rows = list(allowed.filter(pk__in=pks).select_related("record_key__organization_key"))
            opened = {row.pk: {field.name: _value(row, field, alone) for field in fields} for row in rows}
            seen = [Seen.of(row) if alone else Seen(frozenset(subjects_of(row))) for row in rows]
            note_seen(model, seen, by=by, verb=verb, changes={"columns": ", ".join(columns)})
            return opened
    except _Refused as refused:
        _note_refusal(refused.row, refused.field, by=by)
    raise CiphertextRefused


class _Refused(Exception):
    """Which row and column it was."""

    def __init__(self, row: SealedEntity, field: EncryptedField):
        self.row, self.field = row, field


def _encrypted(model: type[SealedEntity], column: str) -> EncryptedField:
    field = model._meta.get_field(column)
    if not isinstance(field, EncryptedField):
        raise TypeError(f"{model._meta.label}.{column} is not encrypted")
    return field


@sensitive_variables()
def _value(row: SealedEntity, field: EncryptedField, alone: bool) -> Any:
    sealed = getattr(row, field.attname)
    if sealed is None:
        return None
    try:
        key, named = row.record_key, envelope.key_id_of(sealed._ciphertext)
        if named != row.record_key_id:
            raise CiphertextRefused
        if key is None:
            raise ContentErased  # A dump was restored without its keys.
        plaintext = envelope.unseal(sealed._ciphertext, plain_record_key(key), place_of(row, field))
    except CiphertextRefused:
        raise _Refused(row, field) from None
    except ContentErased:
        if alone:
            raise
        return None
    return field.decode(plaintext)


def _note_refusal(row: SealedEntity, field: EncryptedField, *, by: Any) -> None:
    """Tell the operators' log and the organisation's record; of the content nothing.

    In a transaction of the caller's that is rolled back, the log alone keeps it.
    """
    logger.error(
        "ciphertext refused",
        extra={
            "schema": connection.schema_name,
            "table": row._meta.db_table,
            "column": field.column,
            "row": str(row.pk),
            "reader": str(getattr(by, "pk", "")),
        },
    )
    with transaction.atomic():
        write(
            "sealed-content.refused",
            row._meta.label_lower,
            str(row.pk),
            f"{row._meta.verbose_name} {row.pk}",
            by=by,
            changes={"column": (None, field.name)},
            subject_ids=subjects_of(row),
        )
