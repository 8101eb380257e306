"""What a new organisation has of this area: a key of its own, made after the copy."""

from tenants.choices import OrganizationKind
from tenants.models import Organization

from .models import OrganizationKey
from .rules import make_key


def create_defaults(organization: Organization) -> None:
    """The first version of its key; safe to repeat. The template has none, or its copies would share it."""
    if organization.kind != OrganizationKind.TEMPLATE and not OrganizationKey.objects.exists():
        make_key(1)
