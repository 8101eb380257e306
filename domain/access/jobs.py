"""Roles follow the calendar."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from domain.identity.models import User
from tenants.jobs import JobContext, job
from tenants.models import Organization
from tenants.schedules import active_organizations, every, read_schemas

from .models import RoleAssignment
from .rules import refresh_groups


def organizations_with_turning_roles(now: datetime) -> Iterable[Organization]:
    """Those where a role began today or ended yesterday, give or take a day of time zones."""
    table = RoleAssignment._meta.db_table
    organizations = {one.schema_name: one for one in active_organizations(now)}
    turning = read_schemas(
        f"(SELECT count(*) FROM {{schema}}.{table} WHERE valid_from BETWEEN current_date - 1 AND "  # noqa: S608
        "current_date + 1 OR valid_to BETWEEN current_date - 2 AND current_date)",
        set(organizations),
        tables=[table],
    )
    return [organizations[schema] for schema, number in turning.items() if number]


@every(minutes=60, due=organizations_with_turning_roles)
@job("access.follow_dates", title=_("Let roles begin and end on their days"), keep=False)
def follow_dates(context: JobContext) -> None:
    """Renew the mirrors (groups, the membership's summary) of whoever's role began or ended lately.

    What a person may do follows the date without this; a missed run is made good by the next.
    """
    today = timezone.localdate()
    lately = today - timedelta(days=14)
    turned = RoleAssignment.objects.filter(
        Q(valid_from__range=(lately, today)) | Q(valid_to__range=(lately, today))
    )
    for user in User.objects.filter(pk__in=turned.values("user")):
        refresh_groups(user)
