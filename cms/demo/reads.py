"""Who has read about whom in the demo: a coordinator, an administrator, and support while it was let in.

What people do in the demo is recorded as they do it; these few reads stand there from the beginning, so that
“who has read about this person” has something to show.
"""

from django.db import transaction
from django_tenants.utils import tenant_context

from cms.support_access import USED
from domain.access.models import RoleAssignment
from domain.audit.context import acting
from domain.audit.models import AuditEvent
from domain.audit.reading import Seen, note_seen
from domain.audit.rules import write
from domain.identity.models import Membership, SupportAccessGrant, User
from tenants.models import Organization

ORGANIZATION = "nhf"
ADMIN, COORDINATOR, MENTOR = "admin@nhf.example", "coordinator@nhf.example", "mentor@nhf.example"
# So many members stand on the pages that are read here.
PAGE = 12
# Pages that support looked at.
LOOKED_AT = ["/admin/", "/admin/content/faqs/", "/admin/images/"]


@transaction.atomic
def seed_reads() -> bool:
    """Read as people would; False if somebody has read about people already."""
    organization = Organization.objects.get(schema_name=ORGANIZATION)
    with tenant_context(organization):
        if AuditEvent.objects.filter(action__startswith="membership.", action__endswith=".read").exists():
            return False
        admin, coordinator = (User.objects.get(email=email) for email in (ADMIN, COORDINATOR))
        members = list(Membership.objects.here().select_related("user").order_by("joined_at", "pk"))
        mentor = next(member for member in members if member.user.email == MENTOR)
        page = [Seen(Seen.of(member).people) for member in members[:PAGE]]
        with acting(network="192.0.2.0/24"):
            note_seen(Membership, page, by=coordinator, verb="listed")
            note_seen(Membership, [Seen.of(mentor)], by=coordinator, verb="read")
            for member in members[:3]:
                note_seen(Membership, [Seen.of(member)], by=admin, verb="read")
            roles = RoleAssignment.objects.select_related("user")
            filters = {"filters": {"role": "coordinator"}}
            rows = [Seen(Seen.of(role).people) for role in roles]
            note_seen(RoleAssignment, rows, by=admin, verb="exported", changes=filters)
        _support(organization, page)
    return True


def _support(organization: Organization, page: list[Seen]) -> None:
    """Each who was let in has looked at some pages; where members were opened to them, at the list."""
    grants = SupportAccessGrant.objects.filter(organization=organization, approved_at__isnull=False)
    for grant in grants.select_related("requested_by").order_by("created_at"):
        staff = grant.requested_by
        with acting(grant_id=grant.pk, network="198.51.100.0/24"):
            for address in LOOKED_AT:
                write(
                    USED,
                    SupportAccessGrant._meta.label_lower,
                    str(grant.pk),
                    address,
                    by=staff,
                    changes={"request": (None, f"GET {address} 200")},
                )
            if "members" in grant.areas:
                note_seen(Membership, page, by=staff, verb="listed")
