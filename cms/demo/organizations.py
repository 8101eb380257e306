"""The demo organisations and the people in them."""

from collections.abc import Iterator

from django.conf import settings
from django_tenants.utils import schema_context

from domain.access.choices import Role
from domain.access.rules import assign_role
from domain.identity.choices import PlatformRole
from domain.identity.models import Membership, User
from tenants.choices import OrganizationKind
from tenants.models import Organization
from tenants.provisioning import NewOrganization, create_organization

PASSWORD = "likeperson-demo-2026"  # noqa: S105 - known to everyone; only where DEMO is on


def demo_organizations() -> list[NewOrganization]:
    host = settings.PLATFORM_HOST
    return [
        NewOrganization(
            schema_name=settings.PLATFORM_SCHEMA,
            kind=OrganizationKind.PLATFORM,
            name="Meander",
            short_name="Meander",
            slug="platform",
            host=host,
            contact_email=f"hei@{host}" if "." in host else "hei@meander.example",
        ),
        NewOrganization(
            schema_name="nhf",
            name="Norges Handikapforbund",
            short_name="NHF",
            host=f"nhf.{host}",
            contact_email="post@nhf.example",
            brand_color="#9b1b30",
            is_listed=True,
        ),
        NewOrganization(
            schema_name="blindeforbundet",
            name="Norges Blindeforbund",
            short_name="Blindeforbundet",
            host=f"blindeforbundet.{host}",
            contact_email="post@blindeforbundet.example",
            brand_color="#0b5394",
            is_listed=True,
        ),
    ]


# (e-mail, first name, last name, platform role, {schema: role})
PEOPLE: list[tuple[str, str, str, PlatformRole, dict[str, Role]]] = [
    ("admin@nhf.example", "Astrid", "Moen", PlatformRole.NONE, {"nhf": Role.ORG_ADMIN}),
    ("coordinator@nhf.example", "Karim", "Haddad", PlatformRole.NONE, {"nhf": Role.COORDINATOR}),
    ("mentor@nhf.example", "Solveig", "Nilsen", PlatformRole.NONE, {"nhf": Role.PEER_MENTOR}),
    (
        "admin@blindeforbundet.example",
        "Øyvind",
        "Strand",
        PlatformRole.NONE,
        {"blindeforbundet": Role.ORG_ADMIN},
    ),
    (
        "coordinator@blindeforbundet.example",
        "Ingrid",
        "Sára",
        PlatformRole.NONE,
        {"blindeforbundet": Role.COORDINATOR},
    ),
    (
        "mentor@blindeforbundet.example",
        "Amina",
        "Warsame",
        PlatformRole.NONE,
        {"blindeforbundet": Role.PEER_MENTOR},
    ),
    (
        "both@meander.example",
        "Bjørn",
        "Åsen",
        PlatformRole.NONE,
        {"nhf": Role.PEER_MENTOR, "blindeforbundet": Role.COORDINATOR},
    ),
    ("owner@meander.example", "Unni", "Berg", PlatformRole.OWNER, {"platform": Role.PLATFORM_STAFF}),
]


def seed_organizations() -> Iterator[Organization]:
    """Provision what is missing; yields each organisation that was made now."""
    for new in demo_organizations():
        if not Organization.objects.filter(schema_name=new.schema_name).exists():
            yield create_organization(new)


def seed_people() -> None:
    """Accounts, memberships and roles, each only where missing."""
    for email, first, last, platform_role, roles in PEOPLE:
        user = User.objects.filter(email=email).first() or User.objects.create_user(
            email, PASSWORD, first_name=first, last_name=last, platform_role=platform_role, language="nb"
        )
        for schema, role in roles.items():
            organization = Organization.objects.get(schema_name=schema)
            Membership.objects.get_or_create(user=user, organization=organization)
            with schema_context(schema):
                assign_role(user, role, by=None)
