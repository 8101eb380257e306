"""The API's housekeeping."""

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from api.core.idempotency import KEPT_FOR, forget_answers
from api.models import StoredAnswer
from tenants.choices import OrganizationStatus
from tenants.jobs import JobContext, job
from tenants.models import Organization
from tenants.schedules import every, read_schemas


def organizations_with_old_answers(now: datetime) -> Iterable[Organization]:
    """Organisations that keep answers nobody can ask for again."""
    organizations = {o.schema_name: o for o in Organization.objects.filter(status=OrganizationStatus.ACTIVE)}
    table = StoredAnswer._meta.db_table
    old = read_schemas(
        f"EXISTS (SELECT FROM {{schema}}.{table} WHERE created_at < %s)",
        set(organizations),
        tables=[table],
        parameters=[now - KEPT_FOR],
    )
    return [organizations[schema] for schema, has in old.items() if has]


@every(minutes=60, due=organizations_with_old_answers)
@job("api.forget_answers", title=_("Forget stored answers of the API"), keep=False)
def forget_old_answers(context: JobContext) -> None:
    """Remove the answers to idempotent requests that are older than a day."""
    forget_answers()
