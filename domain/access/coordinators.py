"""Who coordinates somewhere: whom mails about what happens there go to."""

from collections.abc import Iterable
from datetime import date
from zoneinfo import ZoneInfo

from django.utils import timezone

from domain.config.queries import current_organization
from domain.identity.choices import MembershipStatus
from domain.identity.models import Membership, User

from .choices import Role
from .models import RoleAssignment


def coordinators_at(path: str, day: date | None = None) -> list[User]:
    """The coordinators of an association or of one above it; where there is none, of the organisation."""
    return coordinators_above([path], day)


def coordinators_above(paths: Iterable[str], day: date | None = None) -> list[User]:
    """The same for several associations at once."""
    above = {path[:end] for path in paths for end, sign in enumerate(path, start=1) if sign == "/"}
    day = day or timezone.localdate(timezone=ZoneInfo(current_organization().time_zone))
    holders = RoleAssignment.objects.filter(role=Role.COORDINATOR).holding(day)
    chosen = holders.filter(local_association__path__in=above)
    if not chosen.exists():
        chosen = holders.filter(local_association__isnull=True)
    return list(active_people().filter(pk__in=chosen.order_by().values("user")).order_by("pk"))


def active_people():
    """Whoever is an active member of the organisation that is selected, and has an account that is open."""
    members = Membership.objects.here().filter(status=MembershipStatus.ACTIVE)
    return User.objects.filter(pk__in=members.order_by().values("user"), is_active=True)
