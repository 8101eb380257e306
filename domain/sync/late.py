"""Phones of people who have left: what waited there is taken for three days more, for others to look at."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from domain.associations.models import LocalAssociationMembership
from domain.identity.choices import MembershipStatus
from domain.identity.models import Membership, UserSession

from .models import SyncDevice

TAKEN_FOR = timedelta(hours=72)
# As `domain.access.memberships` ends sessions with a membership.
ENDED_BY_LEAVING = f"membership-{MembershipStatus.LEFT}"


@dataclass(frozen=True)
class Leaver:
    """Somebody who has left, by a session that ended with that; `until` their phone may send."""

    session: UserSession
    until: datetime

    @property
    def is_late(self) -> bool:
        return timezone.now() >= self.until

    @property
    def place(self) -> str:
        """The path of the local association they were of last; "" where they were of none."""
        held = LocalAssociationMembership.objects.filter(user=self.session.user_id)
        last = held.select_related("association").order_by("-is_primary", "-valid_from").first()
        return last.association.path if last is not None else ""

    def device(self, device_id: str) -> SyncDevice | None:
        """Their device of this name, which called before they left and wasn't ended."""
        known = SyncDevice.objects.filter(user=self.session.user_id, ended_at__isnull=True)
        return known.filter(device_id=device_id).first()


def leaver_of(session_id: UUID | None) -> Leaver | None:
    """Whom a session was of that ended because its person left this organisation; None for any other."""
    session: Any = (
        UserSession.objects.here()
        .select_related("user")
        .filter(pk=session_id, revoked_reason=ENDED_BY_LEAVING, user__is_active=True)
        .first()
        if session_id
        else None
    )
    if session is None:
        return None
    left = Membership.objects.filter(
        user=session.user_id, organization=session.organization_id, status=MembershipStatus.LEFT
    ).first()
    if left is None or left.left_at is None:
        return None
    return Leaver(session, left.left_at + TAKEN_FOR)
