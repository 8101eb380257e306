"""After a restore: keys destroyed since the dump stay destroyed."""

from django.utils import timezone

from tenants.models import DestroyedKey

from .models import RecordKey


def bury_destroyed(schema: str) -> int:
    """Destroy again what the ledger names, in the schema that is selected; returns how many came back."""
    destroyed = DestroyedKey.objects.filter(schema_name=schema).values("id")
    return RecordKey.objects.filter(pk__in=destroyed, destroyed_at__isnull=True).update(
        wrapped=None, destroyed_at=timezone.now(), reason="restored"
    )
