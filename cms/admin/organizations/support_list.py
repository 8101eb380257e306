"""What the platform's staff have asked an organisation for."""

from domain.identity.choices import GrantStatus, SupportArea
from domain.identity.models import SupportAccessGrant
from tenants.models import Organization

SHOWN = 10
_ICONS = {GrantStatus.ACTIVE: "key", GrantStatus.PENDING: "time", GrantStatus.UPCOMING: "calendar-alt"}


def asked_of(organization: Organization) -> list[SupportAccessGrant]:
    """The latest requests, with what the page shows of each."""
    found = list(
        SupportAccessGrant.objects.with_status()
        .filter(organization=organization)
        .select_related("requested_by")[:SHOWN]
    )
    for grant in found:
        status = GrantStatus(grant.status)
        grant.status_label, grant.icon = status.label, _ICONS.get(status, "check")
        grant.area_labels = [SupportArea(area).label for area in grant.areas]
        grant.can_end = status in (GrantStatus.ACTIVE, GrantStatus.UPCOMING)
    return found
