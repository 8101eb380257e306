"""Telling coordinators of an urgent home visit, by e-mail and without a word about anybody."""

from uuid import UUID

from django.core.mail import EmailMessage
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from domain.access.choices import Role
from domain.access.jobs import address_of, sender
from domain.access.models import RoleAssignment
from domain.certification.queries import today_here
from domain.identity.choices import MembershipStatus
from domain.identity.models import Membership, User
from tenants.jobs import JobContext, job
from tenants.models import Organization

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
            _mail(row, reader, context.organization).send()
            sent += 1
    return {"sent": sent}


def coordinators_at(path: str) -> list[User]:
    """The coordinators of an association or of one above it; where there is none, of the organisation."""
    above = {path[:end] for end, sign in enumerate(path, start=1) if sign == "/"}
    holders = RoleAssignment.objects.filter(role=Role.COORDINATOR).holding(today_here())
    chosen = holders.filter(Q(local_association__path__in=above))
    if not chosen.exists():
        chosen = holders.filter(local_association__isnull=True)
    members = Membership.objects.here().filter(status=MembershipStatus.ACTIVE, user__in=chosen.values("user"))
    return list(User.objects.filter(pk__in=members.values("user"), is_active=True).order_by("pk"))


def _mail(row: HomeVisitReport, reader: User, organization: Organization) -> EmailMessage:
    with (
        translation.override(reader.language or organization.default_language),
        timezone.override(organization.time_zone),
    ):
        values = {
            "person": reader,
            "organization": organization,
            "url": address_of(organization, f"/admin/activities/inspect/{row.activity_id}/"),
        }
        return EmailMessage(
            str(SUBJECT),
            render_to_string("mail/urgent_visit.txt", values),
            from_email=sender(organization.name),
            to=[reader.email or ""],
        )
