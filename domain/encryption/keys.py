"""Making and opening keys. Plain keys live in memory only; organisations' stay there a while."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from hashlib import sha256
from uuid import UUID

from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from tenants.db import connection

from . import envelope
from .errors import ContentErased, KeyUnavailable
from .master import Wrapped, key_service
from .models import OrganizationKey, RecordKey

# First half of the advisory lock under which record keys are made (shared) and versions destroyed (alone);
# the second is the schema's hash.
MAKING = 0x6D656B79
# Plain organisation keys a process remembers.
MOST_REMEMBERED = 500

_remembered: OrderedDict[tuple, bytes] = OrderedDict()
_lock = threading.Lock()


def organization_context(version: int) -> bytes:
    return envelope.context("meander organisation key", connection.schema_name, version)


def record_context(key_id: UUID, version: int) -> bytes:
    return record_contexts(version)(key_id)


def record_contexts(version: int) -> Callable[[UUID], bytes]:
    """The associated data of record keys under a version, by their id."""
    before = envelope.context("meander record key", connection.schema_name)
    after = envelope.context(str(version))
    length = (36).to_bytes(4, "big")
    return lambda key_id: before + length + str(key_id).encode() + after


@sensitive_variables()
def plain_organization_key(key: OrganizationKey) -> bytes:
    """Raises KeyUnavailable for a version that was destroyed, or whose master key isn't ours."""
    if key.wrapped is None:
        raise KeyUnavailable(f"version {key.version} of the organisation's key was destroyed")
    blob = bytes(key.wrapped)
    # By what is stored: a version that was re-wrapped or replaced is another entry.
    name = (connection.schema_name, key.version, key.master_key_id, sha256(blob).digest())
    with _lock:
        if name in _remembered:
            _remembered.move_to_end(name)
            return _remembered[name]
    plain = key_service().unwrap(Wrapped(key.master_key_id, blob), organization_context(key.version))
    with _lock:
        _remembered[name] = plain
        while len(_remembered) > MOST_REMEMBERED:
            _remembered.popitem(last=False)
    return plain


def forget() -> None:
    """Keep no plain key in memory."""
    with _lock:
        _remembered.clear()


@sensitive_variables()
def plain_record_key(key: RecordKey) -> bytes:
    """Raises ContentErased for one that was destroyed, CiphertextRefused for one that isn't this row's."""
    if key.wrapped is None:
        raise ContentErased
    wrapping = plain_organization_key(key.organization_key)
    return envelope.unwrap_key(wrapping, bytes(key.wrapped), record_context(key.pk, key.organization_key_id))


def current_key() -> OrganizationKey:
    """Raises KeyUnavailable in an organisation that has none (and in public)."""
    found = OrganizationKey.objects.filter(retired_at__isnull=True).first()
    if found is None:
        raise KeyUnavailable(f"{connection.schema_name} has no encryption key: run migrate_fleet")
    return found


@sensitive_variables()
def new_record_keys(rows: Sequence[tuple[str, UUID]]) -> list[tuple[RecordKey, bytes]]:
    """A key for each (table, row), stored under the organisation's current key, and the plain ones.

    Must be in a transaction: a key without its row would be left otherwise.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("a record key is made in its row's transaction")
    # Until we commit no version is destroyed (rules.destroy_retired): ours may be retired by then.
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock_shared(%s, hashtext(%s))", [MAKING, connection.schema_name]
        )
    current = current_key()
    wrapping = plain_organization_key(current)
    made = []
    for table, row_id in rows:
        key, plain = RecordKey(table=table, row_id=row_id, organization_key=current), envelope.new_key()
        key.wrapped = envelope.wrap_key(wrapping, plain, record_context(key.pk, current.version))
        made.append((key, plain))
    RecordKey.objects.bulk_create([key for key, _plain in made], batch_size=1000)
    return made
