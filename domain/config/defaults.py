"""What a new organisation has of this area."""

from tenants.models import Organization

from .choices import PLATFORM_ONLY_AREAS, Area
from .models import FeatureArea, OrganizationSettings


def create_defaults(organization: Organization) -> None:
    """One settings row and a row per area; safe to repeat."""
    if not OrganizationSettings.objects.filter(singleton=True).exists():
        OrganizationSettings.objects.create(singleton=True)
    known = set(FeatureArea.objects.values_list("area", flat=True))
    FeatureArea.objects.bulk_create(
        FeatureArea(area=area, enabled=organization.is_platform or area not in PLATFORM_ONLY_AREAS)
        for area in Area
        if area.value not in known
    )
