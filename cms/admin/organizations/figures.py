"""What the list tells of each organisation beyond its own columns, at a fixed number of queries."""

from collections.abc import Iterable

from django.db.models import BigIntegerField, DateTimeField, Max, OuterRef, QuerySet, Subquery
from django.db.models.expressions import RawSQL
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django_tenants.utils import get_public_schema_name, schema_context

from domain.identity.models import UserSession
from tenants.choices import JobState, OrganizationKind, OrganizationStatus
from tenants.fleet import pending_schemas
from tenants.models import JobRun, Organization

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
    activity is that of the members' sessions, web and app alike.
    """
    last_seen = (
        UserSession.objects.filter(organization=OuterRef("pk"))
        .order_by()
        .values("organization")
        .annotate(last=Max("last_seen_at"))
        .values("last")
    )
    return (
        Organization.objects.exclude(kind=OrganizationKind.TEMPLATE)
        .prefetch_related("domains")
        .annotate(
            database_bytes=RawSQL(_BYTES, [], output_field=BigIntegerField()),  # noqa: S611 - no input
            last_activity=Subquery(last_seen, output_field=DateTimeField()),
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


# Stable keys of jobs (tenants.jobs.job) as people read them.
JOB_NAMES = {
    "organization.provision": _("Set up an organisation"),
    "organization.close": _("Close an organisation"),
    "organization.drop_due": _("Delete closed organisations"),
    "content.publish_scheduled": _("Publish scheduled content"),
    "worker.heartbeat": _("Sign of life"),
    "worker.rescue_lost": _("Recover lost jobs"),
    "worker.purge": _("Delete old records"),
}


def job_title(run: JobRun) -> str:
    """What a run does, in words; its key where no words are known."""
    return str(JOB_NAMES.get(run.name, run.name))


def subject_of(run: JobRun) -> str:
    """What a run is about: for a new organisation, its name."""
    if run.name == "organization.provision":
        return str(run.arguments.get("name", ""))
    return str(run.organization)


def title_and_subject(run: JobRun) -> str:
    return str(format_lazy("{job}: {subject}", job=job_title(run), subject=subject_of(run)))
