"""What a new organisation has of this area."""

from tenants.models import Organization

from .choices import PLATFORM_ONLY_AREAS, Area
from .models import FeatureArea, OrganizationSettings


def create_defaults(organization: Organization) -> None:
    """One settings row and a row per area; safe to repeat."""
    OrganizationSettings.objects.get_or_create(singleton=True)
    for area in Area:
        FeatureArea.objects.get_or_create(
            area=area, defaults={"enabled": organization.is_platform or area not in PLATFORM_ONLY_AREAS}
        )
