"""Reading assignments: what is overdue, and who can be given one."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from domain.access.choices import Role
from domain.access.models import RoleAssignment
from domain.certification.places import people_within
from domain.certification.standing import standings
from domain.config.choices import Area
from domain.config.queries import current_settings, is_enabled
from domain.core.scope import Scope
from domain.identity.choices import MembershipStatus
from domain.identity.models import Membership, User

from .choices import AssignmentStatus as S
from .models import ADD, Assignment
from .states import OPEN_STATES


def is_in_use() -> bool:
    return is_enabled(Area.ASSIGNMENTS)


def waiting_since(now: datetime | None = None) -> datetime:
    """What was sent before this and isn't opened is followed up."""
    return (now or timezone.now()) - timedelta(days=current_settings().escalation_days)


def unopened_too_long(now: datetime | None = None) -> QuerySet[Assignment]:
    return Assignment.objects.filter(status=S.SENT, sent_at__lte=waiting_since(now))


def expired(now: datetime) -> QuerySet[Assignment]:
    return Assignment.objects.filter(status__in=OPEN_STATES, expires_at__lte=now)


def kept_long_enough(now: datetime) -> QuerySet[Assignment]:
    """Completed ones whose content is still there, and needn't be."""
    kept = timedelta(days=current_settings().retention_assignments_days)
    return Assignment.objects.filter(
        status=S.COMPLETED,
        completed_at__lte=now - kept,
        content_destroyed_at__isnull=True,
    )


@dataclass(frozen=True)
class Candidate:
    """A mentor, and why they can't be given an assignment; empty where they can."""

    user: Any
    reason: str = ""


def candidates(scope: Scope, role_context: str) -> list[Candidate]:
    """The mentors whom the caller may send assignments to, each with what is in the way today."""
    today = timezone.localdate()
    holders = RoleAssignment.objects.filter(role=Role.PEER_MENTOR).holding(today)
    here = Membership.objects.here().filter(status=MembershipStatus.ACTIVE)
    users = User.objects.filter(
        Q(pk__in=holders.order_by().values("user")), Q(pk__in=here.order_by().values("user"))
    )
    near = people_within(scope, ADD)
    if near is not None:
        users = users.filter(pk__in=near.order_by().values("pk"))
    people = list(users.order_by("name_key", "pk"))
    found = standings(people, context=role_context)
    return [Candidate(user, found[user.pk].words) for user in people]
