"""After a restore: keys destroyed since the dump stay destroyed, and there is one to go on with."""

from django.utils import timezone

from tenants.models import DestroyedKey

from .models import OrganizationKey, RecordKey
from .rules import make_key


def bury_destroyed(schema: str) -> int:
    """Destroy again what the ledger names, in the schema that is selected; returns how many came back.

    One that was restored without its keys gets a new one, or nothing could be written there.
    """
    if not OrganizationKey.objects.exists():
        make_key(1)
    destroyed = DestroyedKey.objects.filter(schema_name=schema).values("id")
    return RecordKey.objects.filter(pk__in=destroyed, destroyed_at__isnull=True).update(
        wrapped=None, destroyed_at=timezone.now(), reason="restored"
    )
