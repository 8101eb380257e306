"""What the list tells of each organisation beyond its own columns, at a fixed number of queries."""

from collections.abc import Iterable

from django.db.models import BigIntegerField, DateTimeField, F, Func, OuterRef, QuerySet, Subquery, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Concat, Greatest
from django.utils.translation import gettext_lazy as _
from django_tenants.utils import get_public_schema_name, schema_context

from domain.audit.jobs import ACTIVITY
from tenants.choices import JobState, OrganizationKind, OrganizationStatus
from tenants.fleet import pending_schemas
from tenants.jobs import registry
from tenants.models import Heartbeat, JobRun, Organization
from tenants.organization_jobs import PROVISION

# Never colour alone: each has a word and an icon.
STATUS_ICONS = {
    OrganizationStatus.PROVISIONING: "spinner",
    OrganizationStatus.ACTIVE: "circle-check",
    OrganizationStatus.SUSPENDED: "lock",
    OrganizationStatus.CLOSED: "circle-xmark",
}
JOB_ICONS = {
    JobState.QUEUED: "time",
    JobState.RUNNING: "rotate",
    JobState.DONE: "circle-check",
    JobState.FAILED: "warning",
    JobState.PARKED: "warning",
}
UP_TO_DATE, BEHIND = _("Up to date"), _("Behind")
_BYTES = """
(SELECT sum(pg_total_relation_size(c.oid)) FROM pg_class c
 WHERE c.relkind = 'r'
   AND c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = tenants_organization.schema_name))
"""


def organizations() -> QuerySet[Organization]:
    """The platform and its customers, with `database_bytes` and `last_activity`.

    PostgreSQL works both out for the rows of the page alone, unless the list is sorted by them. The last
    activity is the later of the last use of an app and the last event that a person caused
    (`domain.audit.jobs` notes that every few minutes).
    """
    noted = Heartbeat.objects.filter(name=Concat(Value(ACTIVITY), OuterRef("schema_name"))).values("at")
    return (
        Organization.objects.exclude(kind=OrganizationKind.TEMPLATE)
        .prefetch_related("domains")
        .annotate(
            database_bytes=RawSQL(_BYTES, [], output_field=BigIntegerField()),  # noqa: S611 - no input
            # NULL only where both are: GREATEST of PostgreSQL passes over NULLs.
            last_activity=Greatest(
                Func(F("pk"), function="public.meander_last_use", output_field=DateTimeField()),
                Subquery(noted, output_field=DateTimeField()),
            ),
        )
    )


def behind(rows: Iterable[Organization]) -> set[str]:
    """The schemas among these that lack a migration of the code."""
    with schema_context(get_public_schema_name()):
        return pending_schemas([row.schema_name for row in rows])


def decorate(rows: list[Organization]) -> list[Organization]:
    """Set `schema_version` on each."""
    late = behind(rows) if rows else set()
    for row in rows:
        row.schema_version = BEHIND if row.schema_name in late else UP_TO_DATE
        row.is_behind = row.schema_name in late
    return rows


def hosts_of(organization: Organization) -> list[str]:
    """Host names, the primary one first."""
    domains = sorted(organization.domains.all(), key=lambda domain: (not domain.is_primary, domain.domain))
    return [domain.domain for domain in domains]


def job_title(run: JobRun) -> str:
    """What a run does, in words; its name where this version doesn't know it."""
    definition = registry.get(run.name)
    return str(definition.title) if definition else run.name


def subject_of(run: JobRun) -> str:
    """What a run is about: for a new organisation, its name."""
    if run.name == PROVISION:
        return str(run.arguments.get("name", ""))
    if run.organization.kind == OrganizationKind.TEMPLATE:
        return str(_("The whole installation"))
    return str(run.organization)
