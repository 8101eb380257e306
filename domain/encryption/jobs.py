"""Re-wrapping record keys after a rotation, in batches, while people read; safe to stop and begin again."""

import time
from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tenants.choices import OrganizationKind
from tenants.jobs import JobContext, job
from tenants.models import Organization
from tenants.schedules import every, read_schemas

from .models import OrganizationKey, RecordKey
from .queries import left_to_rewrap
from .rules import destroy_retired, rewrap_batch

REWRAP = "encryption.rewrap"
TIMEOUT = 600
# What is left when this is over waits for the schedule's next turn.
ENOUGH_SECONDS = 480


def organizations_in_rotation(now: datetime) -> Iterable[Organization]:
    """Those with a retired key that isn't destroyed yet."""
    schemas = Organization.objects.exclude(kind=OrganizationKind.TEMPLATE).values_list(
        "schema_name", flat=True
    )
    table = OrganizationKey._meta.db_table
    waiting = read_schemas(
        f"EXISTS (SELECT FROM {{schema}}.{table} WHERE retired_at IS NOT NULL AND destroyed_at IS NULL)",
        schemas,
        tables=[table, RecordKey._meta.db_table],
    )
    return Organization.objects.filter(schema_name__in=[schema for schema, due in waiting.items() if due])


# Not one transaction: each batch is done when it is committed, whatever becomes of the next.
@every(minutes=1, due=organizations_in_rotation)
@job(
    REWRAP,
    title=_("Put encryption keys under the organisation's new key"),
    as_owner=True,
    any_status=True,
    atomic=False,
    timeout=TIMEOUT,
)
def rewrap(context: JobContext) -> dict[str, int]:
    """Until none is left; then the retired keys are destroyed."""
    until = time.monotonic() + ENOUGH_SECONDS
    total, done = left_to_rewrap(), 0
    while time.monotonic() < until and (moved := rewrap_batch()):
        done += moved
        context.progress(
            min(99, 100 * done // max(1, total)), gettext("%(count)d keys moved") % {"count": done}
        )
    return {"moved": done, "destroyed": len(destroy_retired())}
