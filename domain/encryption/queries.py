"""What a rotation has to do, for those who plan it and those who watch it."""

from dataclasses import dataclass
from datetime import datetime

from .models import OrganizationKey, RecordKey


@dataclass(frozen=True)
class Standing:
    """An organisation's keys: the current version, where it came from, and what isn't under it yet."""

    version: int
    created_at: datetime
    master_key_ids: frozenset[str]
    record_keys: int
    left: int


def left_to_rewrap() -> int:
    """Record keys under a retired version."""
    return RecordKey.objects.filter(wrapped__isnull=False, organization_key__retired_at__isnull=False).count()


def standing() -> Standing | None:
    """Of the organisation that is selected; None for one without a key."""
    current = OrganizationKey.objects.filter(retired_at__isnull=True).first()
    if current is None:
        return None
    in_use = OrganizationKey.objects.filter(wrapped__isnull=False)
    return Standing(
        version=current.version,
        created_at=current.created_at,
        master_key_ids=frozenset(in_use.values_list("master_key_id", flat=True)),
        record_keys=RecordKey.objects.filter(wrapped__isnull=False).count(),
        left=left_to_rewrap(),
    )
