"""Who may come in: the one condition that every way of signing in asks."""

from django.db.models import Exists, OuterRef, Q

from tenants.models import Organization

from .choices import MembershipStatus
from .models import Membership, SupportAccessGrant


def is_member(organization: Organization) -> Q:
    """Of a User: whether they are an active member of the organisation."""
    return Q(
        Exists(
            Membership.objects.filter(
                user=OuterRef("pk"), organization=organization, status=MembershipStatus.ACTIVE
            )
        )
    )


def may_enter(organization: Organization) -> Q:
    """Of a User: whether they are an active member, or support whom the organisation lets in just now."""
    grant = SupportAccessGrant.objects.in_force().filter(
        requested_by=OuterRef("pk"), organization=organization
    )
    return is_member(organization) | Q(Exists(grant))
