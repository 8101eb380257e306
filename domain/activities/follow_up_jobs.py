"""What is to be done after a home visit: once it is due, whoever coordinates there is reminded, once."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from domain.access.coordinators import coordinators_at
from domain.access.mailing import letter
from domain.audit.rules import record
from domain.certification.queries import today_here
from domain.config.choices import Area
from domain.config.queries import is_enabled
from domain.core.sending import organizations_where, remind_once
from tenants.jobs import JobContext, enqueue, job
from tenants.schedules import every

from .models import HomeVisitFollowUp
from .standing import people_of
from .visits import REMIND


@every(
    minutes=60, due=organizations_where(HomeVisitFollowUp, "done_at IS NULL AND due_on <= current_date + 1")
)
@job("activities.follow_up", title=_("Remind of what is to follow after home visits"), keep=False)
def follow_up(context: JobContext) -> dict[str, int]:
    """Ask for the reminders that are due, by the organisation's own day."""
    if not is_enabled(Area.ACTIVITIES):
        return {}
    due = HomeVisitFollowUp.objects.filter(done_at=None, reminded_at=None, due_on__lte=today_here())
    keys = list(due.values_list("pk", flat=True))
    for key in keys:
        enqueue(REMIND, context.organization, key=str(key), follow_up_id=str(key))
    return {"reminders": len(keys)}


@job(REMIND, title=_("Remind of a follow-up"), atomic=False, keep=False)
def remind(context: JobContext, follow_up_id: str) -> dict[str, str]:
    """Mail the coordinators where the visit was. Whoever claims it first sends it; nobody a second time.

    The claim is committed before the mail leaves; one whose worker was killed becomes uncertain, which the
    page of the activity shows.
    """
    rows = HomeVisitFollowUp.objects.filter(pk=UUID(follow_up_id), done_at=None)

    def told(row: HomeVisitFollowUp) -> None:
        people = people_of(row.report.activity)
        record("home-visit-report.reminded", row.report, by=None, subject_ids=people)

    def mails(claimed: list[HomeVisitFollowUp]) -> Any:
        activity = claimed[0].report.activity
        # What is to be done, and for whom, stands on the page alone.
        path = f"/admin/activities/inspect/{activity.pk}/"
        subject = _("Something is to be done after a home visit")
        for reader in coordinators_at(activity.local_association.path):
            if reader.email:
                yield (
                    f"follow-up.{follow_up_id}.{reader.pk}",
                    letter(reader, context.organization, subject, "mail/follow_up.txt", path),
                )

    outcome = remind_once(
        rows.select_related("report__activity__local_association"),
        attempt=context.attempt,
        told=told,
        mails=mails,
    )
    return {"outcome": outcome.value} if outcome else {}
