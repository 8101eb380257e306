"""Forgetting what no phone needs any more, every night."""

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from tenants.jobs import JobContext, job
from tenants.models import Organization
from tenants.schedules import active_organizations, every, read_schemas

from .cleaning import forget_old_changes
from .models import SyncTableChange
from .receiving import forget_answers


def organizations_with_changes(now: datetime) -> Iterable[Organization]:
    organizations = {one.schema_name: one for one in active_organizations(now)}
    table = SyncTableChange._meta.db_table
    # A name of our own table; the schemas are quoted.
    found = read_schemas(f"EXISTS (SELECT FROM {{schema}}.{table})", organizations, tables=[table])
    return [organizations[schema] for schema, due in found.items() if due]


@every(minutes=24 * 60, due=organizations_with_changes)
@job("sync.forget", title=_("Forget what phones need no more"), keep=False)
def forget(context: JobContext) -> dict[str, int]:
    """Remove what phones that stayed away held, notes of changes that all of them know, and old answers."""
    return {**forget_old_changes(), "answers": forget_answers()}
