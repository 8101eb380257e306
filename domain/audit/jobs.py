"""When people last did something in each organisation, noted where the platform's console may read it."""

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenants.choices import OrganizationKind
from tenants.db import connection
from tenants.jobs import JobContext, job
from tenants.models import Heartbeat, Organization
from tenants.schedules import every, read_schemas, the_template

from .models import AuditEvent

# Row of `Heartbeat`: this and the schema.
ACTIVITY = "activity:"


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
