"""Taking what phones send: each change once, under the id its sender gave it."""

import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models.expressions import RawSQL
from django.utils import timezone

from tenants.db import connection

from .choices import Operation, Outcome, Resolution
from .devices import find_device, note_call
from .models import ClientIdMapping, SyncDevice, SyncMutation

# How long an answer is given again; what still waits for a decision stays.
ANSWERS_KEPT_FOR = timedelta(days=90)
# A clock that differs more than this is pointed out; never a reason to refuse anything.
CLOCK_TOLERANCE = timedelta(minutes=5)
_MOST = 2**31 - 1


@dataclass(frozen=True)
class Call:
    """What a phone says of itself when it calls; `session` is the identity.UserSession."""

    session: Any = None
    sent_at: datetime | None = None
    queued: int | None = None
    oldest_queued_at: datetime | None = None


def device_that_pushes(user: Any, device_id: str, call: Call) -> SyncDevice:
    """The person's device of this name, known from now on, with what it says of itself.

    Raises DeviceEnded.
    """
    now = timezone.now()
    device = find_device(user, device_id, session=call.session)
    told: dict[str, Any] = {"last_push_at": now, "oldest_queued_at": call.oldest_queued_at}
    told["queued"] = None if call.queued is None else max(0, min(_MOST, call.queued))
    if call.sent_at is not None:
        ahead = round((call.sent_at - now).total_seconds())
        told["clock_ahead_seconds"] = max(-_MOST, min(_MOST, ahead))
    note_call(device, session=call.session, **told)
    for name, value in told.items():
        setattr(device, name, value)
    return device


# --- Once


def digest(payload: Any) -> bytes:
    """What tells a change from another under the same id, by our key of today."""
    return _digests(payload, [settings.SECRET_KEY])[0]


def is_same(kept: SyncMutation, payload: Any) -> bool:
    """Whether this is what was sent then: answers are kept for longer than keys may be."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return any(hmac.compare_digest(bytes(kept.payload_hash), one) for one in _digests(payload, keys))


def _digests(payload: Any, keys: Iterable[str]) -> list[bytes]:
    text = json.dumps(payload, sort_keys=True, separators=(",", ":")).encode()
    return [hmac.digest(b"meander mutation\0" + key.encode(), text, hashlib.sha256) for key in keys]


def claim(mutation: SyncMutation) -> bool:
    """Insert it, unless its sender's id is taken: the unique key is the one lock.

    Another transaction that is about to commit the same one is waited for. Returns whether it was inserted.
    """
    columns, values = [], []
    for each in SyncMutation._meta.concrete_fields:
        columns.append(connection.ops.quote_name(each.column))
        values.append(each.get_db_prep_save(each.pre_save(mutation, True), connection))
    table = connection.ops.quote_name(SyncMutation._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join(['%s'] * len(columns))}) "  # noqa: S608
            "ON CONFLICT (user_id, mutation_id) DO NOTHING RETURNING id",
            values,
        )
        is_ours = cursor.fetchone() is not None
    mutation._state.adding = not is_ours
    return is_ours


def settle(mutation: SyncMutation, outcome: Outcome, *, row_id: UUID | None, version: int | None) -> None:
    """Note what became of a change that took effect."""
    mutation.outcome, mutation.row_id = outcome, row_id
    mutation.result = {"id": str(row_id) if row_id else None, "version": version}
    SyncMutation.objects.filter(pk=mutation.pk).update(outcome=outcome, row_id=row_id, result=mutation.result)


def put_aside(
    mutation: SyncMutation,
    outcome: Outcome,
    *,
    code: str,
    content: Mapping[str, Any],
    names: Iterable[UUID] = (),
) -> None:
    """Note that a change took no effect, and keep what was sent until somebody decides about it.

    `names`: rows that it names by what the phone calls them.
    """
    mutation.outcome, mutation.code, mutation.content = outcome, code, dict(content)
    mutation.result = {
        "id": str(mutation.row_id) if mutation.row_id else None,
        "version": None,
        # Whom it may be about: what is erased is found by it.
        "names": sorted({*_keys_in(content.get("data")), *map(str, names)}),
    }
    mutation.save(update_fields=["outcome", "code", "content", "result", "row_id"])


def turn_away(mutation: SyncMutation, *, code: str) -> None:
    """Note that a change took no effect, and keep nothing of it: there is nobody to decide about it."""
    mutation.outcome, mutation.code, mutation.resolution = Outcome.REJECTED, code, Resolution.DISCARDED
    mutation.resolved_at = timezone.now()
    mutation.save(update_fields=["outcome", "code", "resolution", "resolved_at"])


def _keys_in(data: Any) -> Iterator[str]:
    for value in data.values() if isinstance(data, Mapping) else ():
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, str) and len(one) == 36:
                with suppress(ValueError):
                    yield str(UUID(one))


# --- Names that phones give


@dataclass
class ClientIds:
    """What one device calls rows: those that a call names, read at once."""

    device: SyncDevice
    known: dict[tuple[str, str], UUID] = field(default_factory=dict)
    # Rows that were never made: refused and waiting for a decision, or given up.
    waiting: set[tuple[str, str]] = field(default_factory=set)
    given_up: set[tuple[str, str]] = field(default_factory=set)

    @classmethod
    def read(cls, device: SyncDevice, names: Iterable[str]) -> "ClientIds":
        found, asked = cls(device), sorted(set(names))
        if not asked:
            return found
        # One array, since a push may hold very many words that could be names.
        given = RawSQL("SELECT unnest(%s::text[])", (asked,))
        rows = ClientIdMapping.objects.filter(device=device, client_id__in=given).order_by()
        for resource, name, row_id in rows.values_list("resource", "client_id", "server_id"):
            found.known[resource, name] = row_id
        failed = SyncMutation.objects.in_inbox().filter(
            device=device, op=Operation.CREATE, client_id__in=given
        )
        for resource, name, resolution in failed.order_by().values_list(
            "resource", "client_id", "resolution"
        ):
            if (resource, name) not in found.known:
                (found.waiting if not resolution else found.given_up).add((resource, name))
        found.given_up -= found.waiting
        return found

    def keep(self, resource: str, client_id: str, row_id: UUID, *, by: Any) -> None:
        """Write down what the device calls a row, in the transaction that made it (`known` is not changed).

        IntegrityError where the name is taken. What was refused under this name before is settled by it.
        """
        key = resource, client_id
        ClientIdMapping(
            device=self.device,
            resource=resource,
            client_id=client_id,
            server_id=row_id,
            created_by=by,
            updated_by=by,
        ).save(force_insert=True)
        if key in self.waiting:
            SyncMutation.objects.open().filter(
                device=self.device, op=Operation.CREATE, resource=resource, client_id=client_id
            ).update(
                resolution=Resolution.SUPERSEDED, resolved_at=timezone.now(), resolved_by=by, content=None
            )


# --- Forgetting


def forget_answers(now: datetime | None = None) -> int:
    """Remove what is no longer answered again, but for what waits for a decision; returns how many."""
    old = SyncMutation.objects.filter(created_at__lt=(now or timezone.now()) - ANSWERS_KEPT_FOR)
    waiting = models.Q(outcome__in=Outcome.to_inbox(), resolution="")
    removed, _by_model = old.exclude(waiting).delete()
    return removed


def known_mutations(user: Any, ids: Iterable[UUID]) -> dict[UUID, SyncMutation]:
    """Those that this person's phones have sent before, by their sender's id; without what was sent then."""
    rows = SyncMutation.objects.filter(user=user, mutation_id__in=list(ids)).defer("content").order_by()
    return {row.mutation_id: row for row in rows}
