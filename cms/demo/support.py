"""Support access in the demo: one request that waits, one access that holds, one that is over."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django_tenants.utils import schema_context

from domain.identity.choices import PlatformRole
from domain.identity.models import SupportAccessGrant, User
from domain.identity.support import approve_grant, request_grant
from tenants.db import connection
from tenants.models import Organization

from .organizations import PASSWORD

ORGANIZATION, ADMIN = "nhf", "admin@nhf.example"
# (e-mail, first name, last name): staff who support; the owner of the platform asks as well.
SUPPORTERS = [
    ("owner@meander.example", "Unni", "Berg"),
    ("support@meander.example", "Mathias", "Lund"),
    ("support2@meander.example", "Sunniva", "Aas"),
]
# (who, areas, access, hours, what for, what becomes of it)
REQUESTS = [
    (2, ["members"], "read", 4, "Medlemslisten viser for få personer etter importen", "ended"),
    (1, ["faqs", "files"], "write", 72, "Bilder vises ikke i spørsmål og svar", "active"),
    (0, ["local_associations", "settings"], "read", 24, "Lokallag mangler i treet", "pending"),
]


@transaction.atomic
def seed_support() -> bool:
    """Ask and answer as people would; False if the organisation has grants already."""
    organization = Organization.objects.get(schema_name=ORGANIZATION)
    if SupportAccessGrant.objects.filter(organization=organization).exists():
        return False
    people = [_supporter(*one) for one in SUPPORTERS]
    with schema_context(ORGANIZATION):
        admin = User.objects.get(email=ADMIN)
        for who, areas, access, hours, reason, outcome in REQUESTS:
            grant = request_grant(
                organization,
                areas=areas,
                access=access,
                reason=reason,
                ends_at=timezone.now() + timedelta(hours=hours),
                by=people[who],
            )
            if outcome != "pending":
                approve_grant(grant, by=admin)
            if outcome == "ended":
                _let_time_pass(grant, timedelta(days=9))
    return True


def _supporter(email: str, first: str, last: str) -> User:
    return User.objects.filter(email=email).first() or User.objects.create_user(
        email,
        PASSWORD,
        first_name=first,
        last_name=last,
        platform_role=PlatformRole.SUPPORT,
        language="nb",
    )


def _let_time_pass(grant: SupportAccessGrant, time: timedelta) -> None:
    with connection.as_owner():
        SupportAccessGrant.objects.filter(pk=grant.pk).update(
            starts_at=grant.starts_at - time,
            ends_at=grant.ends_at - time,
            approved_at=grant.starts_at - time,
            created_at=grant.starts_at - time,
        )
