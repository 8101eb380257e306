"""Telling coordinators of an urgent home visit, by e-mail and without a word about anybody."""

from uuid import UUID

from django.utils.translation import gettext_lazy as _

from domain.access.coordinators import coordinators_at
from domain.access.mailing import letter
from tenants.jobs import JobContext, job

from .models import HomeVisitReport
from .visits import ALERT

SUBJECT = _("A home visit needs you today")


@job(ALERT, title=_("Tell coordinators of an urgent home visit"), keep=False)
def tell_coordinators(context: JobContext, report_id: str) -> dict[str, int]:
    """Mail whoever coordinates where the visit was. What it is about stands on the page alone."""
    report = HomeVisitReport.objects.select_related("activity__local_association").filter(pk=UUID(report_id))
    row = report.first()
    if row is None or not row.is_urgent:
        return {"sent": 0}
    sent = 0
    for reader in coordinators_at(row.activity.local_association.path):
        if reader.email:
            path = f"/admin/activities/inspect/{row.activity_id}/"
            letter(reader, context.organization, SUBJECT, "mail/urgent_visit.txt", path).send()
            sent += 1
    return {"sent": sent}
