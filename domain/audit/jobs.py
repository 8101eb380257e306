"""Sealing the record, and noting where the platform's console may read it when people last did something."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from tempfile import TemporaryFile

from django.contrib.auth import get_user_model
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tenants.choices import OrganizationKind
from tenants.db import connection
from tenants.jobs import JobContext, job
from tenants.models import Heartbeat, Organization
from tenants.schedules import every, read_schemas, the_template

from .export import write_export
from .models import AuditAnchoring, AuditEvent, AuditHead, AuditSeal
from .rules import record
from .sealing import anchor_heads, seal_all

# Row of `Heartbeat`: this and the schema.
ACTIVITY = "activity:"
EXPORT = "audit.export"
EXPORT_FOLDER = "audit-exports"
EXPORTS_KEPT = timedelta(days=1)


def organizations_to_seal(now: datetime) -> Iterable[Organization]:
    """Those with events that are in no head yet, or heads that no anchor has."""
    schemas = set(
        Organization.objects.exclude(kind=OrganizationKind.TEMPLATE).values_list("schema_name", flat=True)
    )
    events, seals = AuditEvent._meta.db_table, AuditSeal._meta.db_table
    heads, places = AuditHead._meta.db_table, AuditAnchoring._meta.db_table
    # Names of our own tables; the schemas are quoted.
    waiting = read_schemas(
        f"EXISTS (SELECT FROM {{schema}}.{events} e WHERE e.xid >= COALESCE((SELECT h.horizon FROM "  # noqa: S608
        f"{{schema}}.{heads} h ORDER BY h.size DESC LIMIT 1), '0'::xid8) AND NOT EXISTS "
        f"(SELECT FROM {{schema}}.{seals} s WHERE s.event_id = e.id)) "
        f"OR EXISTS (SELECT FROM {{schema}}.{places} p WHERE p.error <> '' OR p.size < "
        f"(SELECT max(h.size) FROM {{schema}}.{heads} h))",
        schemas,
        tables=[events, seals, heads, places],
    )
    return Organization.objects.filter(schema_name__in=[schema for schema, due in waiting.items() if due])


# Not one transaction: only heads that are committed may be anchored.
@every(seconds=20, due=organizations_to_seal)
@job(
    "audit.seal",
    title=_("Seal the audit record"),
    as_owner=True,
    keep=False,
    any_status=True,
    atomic=False,
)
def seal_record(context: JobContext) -> None:
    """Order and sign what is complete, and bring the signed heads outside."""
    seal_all(context.organization)
    anchor_heads(context.organization)


@every(minutes=15, due=the_template)
@job(
    "audit.note_activity",
    title=_("Note when organisations were last active"),
    as_owner=True,
    keep=False,
    any_status=True,
)
def note_activity(context: JobContext) -> None:
    """The time of each organisation's last event that a person caused; of the content nothing."""
    connection.set_schema_to_public()
    schemas = set(
        Organization.objects.exclude(kind=OrganizationKind.TEMPLATE).values_list("schema_name", flat=True)
    )
    table = AuditEvent._meta.db_table
    last = read_schemas(
        f"(SELECT max(at) FROM {{schema}}.{table} WHERE actor_id IS NOT NULL)",  # noqa: S608 - our own table
        schemas,
        tables=[table],
    )
    for schema, at in last.items():
        if at is not None:
            Heartbeat.objects.update_or_create(
                name=f"{ACTIVITY}{schema}", defaults={"at": min(at, timezone.now())}
            )
    Heartbeat.objects.filter(name__startswith=ACTIVITY).exclude(
        name__in=[f"{ACTIVITY}{schema}" for schema in schemas]
    ).delete()


@job(EXPORT, title=_("Export the audit record"), timeout=600)
def export_record(context: JobContext, *, by: str) -> dict[str, str]:
    """Write the organisation's whole sealed record into a file of its own storage; older files go.

    The export is itself recorded, by whom.
    """
    user = get_user_model()._default_manager.get(pk=by)
    size = AuditHead.objects.aggregate(size=Max("size"))["size"] or 0

    def progress(count: int) -> None:
        context.progress(
            round(95 * count / max(1, size)), gettext("%(count)d records written") % {"count": count}
        )

    with TemporaryFile() as file:
        count = write_export(file, context.organization, progress=progress)
        file.seek(0)
        _delete_old_exports()
        name = default_storage.save(f"{EXPORT_FOLDER}/{context.run_id}.zip", File(file))
    record("audit-event.exported", context.organization, by=user, changes={"records": (None, count)})
    return {"file": name}


def _delete_old_exports() -> None:
    """An export holds the whole record in clear: it is there for a day."""
    if not default_storage.exists(EXPORT_FOLDER):
        return
    for name in default_storage.listdir(EXPORT_FOLDER)[1]:
        path = f"{EXPORT_FOLDER}/{name}"
        if default_storage.get_modified_time(path) < timezone.now() - EXPORTS_KEPT:
            default_storage.delete(path)
