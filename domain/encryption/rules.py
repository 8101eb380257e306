"""Destroying keys and rotating them."""

from typing import Any

from django.db import models, transaction
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from domain.audit.reading import subjects_of
from domain.audit.rules import record, write
from tenants.db import connection
from tenants.models import DestroyedKey

from . import envelope
from .entities import SealedEntity
from .errors import KeyUnavailable
from .keys import (
    MAKING,
    current_key,
    forget,
    organization_context,
    plain_organization_key,
    record_contexts,
)
from .master import key_service
from .models import OrganizationKey, RecordKey

BATCH = 2000
DELETED = "deleted"


def shred(instance: SealedEntity, *, by: Any, reason: str) -> bool:
    """Destroy the key of a row's sealed content, and of all that shares it: nobody can read it any more.

    Returns whether there was one; safe to repeat. Recorded, and kept in the ledger outside of the
    organisation's dump, so that no restored dump brings it back.
    """
    instance.check_schema()
    with transaction.atomic():
        if instance.record_key_id is None or not _destroy([instance.record_key_id], reason):
            return False
        write(
            "sealed-content.shredded",
            instance._meta.label_lower,
            str(instance.pk),
            f"{instance._meta.verbose_name} {instance.pk}",
            by=by,
            reason=reason,
            subject_ids=subjects_of(instance),
        )
    instance.record_key = RecordKey.objects.get(pk=instance.record_key_id)
    return True


def shred_rows(queryset: models.QuerySet, *, by: Any, reason: str, told: bool = True) -> int:
    """The same for many rows, as one event; returns how many keys were destroyed.

    Without `told` there is no event: that the rows exist is nobody's to know, and the caller's own says why.
    """
    model = queryset.model
    keys = list(queryset.filter(record_key__isnull=False).order_by().values_list("record_key_id", flat=True))
    with transaction.atomic():
        destroyed = _destroy(keys, reason)
        if destroyed and told:
            write(
                "sealed-content.shredded",
                model._meta.label_lower,
                "",
                str(model._meta.verbose_name_plural),
                by=by,
                changes={"rows": (None, destroyed)},
                reason=reason,
            )
    return destroyed


def bury_with_row(sender: type[models.Model], instance: models.Model, **kwargs: Any) -> None:
    """A row that is deleted takes its own key along; whoever deletes it records that."""
    if isinstance(instance, SealedEntity) and instance.record_key_id is not None:
        with transaction.atomic():
            own = RecordKey.objects.filter(
                pk=instance.record_key_id, table=instance._meta.db_table, row_id=instance.pk
            )
            _destroy(list(own.values_list("pk", flat=True)), DELETED)


def _destroy(keys: list, reason: str) -> int:
    now = timezone.now()
    # Locked in one order, and against a rotation that is at the same rows.
    doomed = list(
        RecordKey.objects.select_for_update()
        .filter(pk__in=keys, destroyed_at__isnull=True)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    RecordKey.objects.filter(pk__in=doomed).update(wrapped=None, destroyed_at=now, reason=reason[:500])
    DestroyedKey.objects.bulk_create(
        DestroyedKey(id=key, schema_name=connection.schema_name, destroyed_at=now) for key in doomed
    )
    return len(doomed)


# --- The organisation's key: by the owner's login, which alone may write its table ------------------------


@sensitive_variables()
def make_key(version: int) -> OrganizationKey:
    wrapped = key_service().wrap(envelope.new_key(), organization_context(version))
    return OrganizationKey.objects.create(
        version=version, master_key_id=wrapped.master_key_id, wrapped=wrapped.blob
    )


@transaction.atomic
def rotate_organization_key(*, by: Any, reason: str = "") -> OrganizationKey:
    """Retire the organisation's key for a new one; record keys follow by `rewrap_batch`, which a job calls.

    What is under the old one stays readable until all are under the new one. Needs the owner's rights.
    """
    last = OrganizationKey.objects.select_for_update().order_by("-version").first()
    if last is None:
        raise KeyUnavailable(f"{connection.schema_name} has no encryption key to rotate")
    OrganizationKey.objects.filter(retired_at__isnull=True).update(retired_at=timezone.now())
    key = make_key(last.version + 1)
    record(
        "organization-key.rotated",
        key,
        by=by,
        changes={"version": (last.version, key.version)},
        reason=reason,
    )
    return key


@transaction.atomic
@sensitive_variables()
def rewrap_batch(limit: int = BATCH) -> int:
    """Put up to so many record keys under the current key; returns how many, 0 when none is left to take.

    Keys that are being destroyed right now are left to the next batch.
    """
    current = current_key()
    wrapping = plain_organization_key(current)
    keys = list(
        RecordKey.objects.select_for_update(skip_locked=True, of=("self",), no_key=True)
        .filter(wrapped__isnull=False, organization_key__lt=current.version)
        .order_by("organization_key", "pk")
        .values_list("pk", "organization_key", "wrapped")[:limit]
    )
    versions = OrganizationKey.objects.in_bulk({version for _pk, version, _wrapped in keys})
    rewrappers = {
        version: envelope.Rewrapper(
            plain_organization_key(key), wrapping, record_contexts(version), record_contexts(current.version)
        )
        for version, key in versions.items()
    }
    blobs = [rewrappers[version].move(pk, bytes(wrapped or b"")) for pk, version, wrapped in keys]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE encryption_recordkey k SET wrapped = n.wrapped, organization_key_id = %s "
            "FROM unnest(%s::uuid[], %s::bytea[]) AS n(id, wrapped) WHERE k.id = n.id",
            [current.version, [pk for pk, _version, _wrapped in keys], blobs],
        )
    return len(keys)


@transaction.atomic
def destroy_retired(*, by: Any = None) -> list[int]:
    """Destroy retired versions that no record key is under any more; returns them.

    Leaves it to the next call while somebody makes record keys, which may still be under a retired version.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, hashtext(%s))", [MAKING, connection.schema_name])
        if not cursor.fetchone()[0]:
            return []
    in_use = RecordKey.objects.filter(wrapped__isnull=False).order_by().values("organization_key").distinct()
    done = list(
        OrganizationKey.objects.filter(retired_at__isnull=False, destroyed_at__isnull=True).exclude(
            version__in=in_use
        )
    )
    for key in done:
        OrganizationKey.objects.filter(pk=key.pk).update(wrapped=None, destroyed_at=timezone.now())
        record("organization-key.shredded", key, by=by)
    forget()
    return [key.version for key in done]


@transaction.atomic
@sensitive_variables()
def rewrap_under_master(*, by: Any, reason: str = "") -> int:
    """Put the organisation's keys under the current master key; returns how many were under another."""
    service = key_service()
    moved = 0
    for key in OrganizationKey.objects.select_for_update().filter(wrapped__isnull=False):
        if key.master_key_id == service.current:
            continue
        wrapped = service.wrap(plain_organization_key(key), organization_context(key.version))
        OrganizationKey.objects.filter(pk=key.pk).update(
            master_key_id=wrapped.master_key_id, wrapped=wrapped.blob
        )
        record(
            "organization-key.rewrapped",
            key,
            by=by,
            changes={"master_key_id": (key.master_key_id, wrapped.master_key_id)},
            reason=reason,
        )
        moved += 1
    forget()
    return moved
