"""Suspending a member, letting them back in, and letting one go. Part of the area's rules."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from domain.audit.rules import record
from domain.core.errors import InvalidState, NotAllowed
from domain.core.scope import EVERYWHERE
from domain.identity.choices import MembershipStatus
from domain.identity.models import Membership, User, UserSession

from . import leaving
from .giving import keep_an_administrator
from .models import RoleAssignment
from .queries import scope_for
from .rules import check_version, refresh_groups


@transaction.atomic
def suspend_member(
    membership: Membership, *, by: User | None, reason: str = "", version: int | None = None
) -> Membership:
    """Shut a member out until further notice; their sessions here end with this transaction."""
    return _change_status(
        membership,
        MembershipStatus.SUSPENDED,
        by=by,
        reason=reason,
        version=version,
        action="membership.suspended",
    )


@transaction.atomic
def resume_member(
    membership: Membership, *, by: User | None, reason: str = "", version: int | None = None
) -> Membership:
    """Let a suspended member, or one who had left, back in with the roles that still hold."""
    return _change_status(
        membership,
        MembershipStatus.ACTIVE,
        by=by,
        reason=reason,
        version=version,
        action="membership.resumed",
    )


@transaction.atomic
def end_membership(
    membership: Membership, *, by: User | None, reason: str = "", version: int | None = None
) -> Membership:
    """The person leaves: sessions here end; roles, local memberships and what was shared end today, and
    invitations that they sent or could accept are withdrawn.

    The account and other organisations stay. Whoever comes back begins without roles.
    """
    membership = _change_status(
        membership, MembershipStatus.LEFT, by=by, reason=reason, version=version, action="membership.ended"
    )
    user = membership.user
    leaving.end_roles(user, by=by, reason=reason)
    leaving.end_shares(user, by=by, reason=reason)
    leaving.withdraw_invitations(user, by=by, reason=reason)
    leaving.leave_associations(user, by=by)
    leaving.forget_needless_location(user, by=by)
    refresh_groups(user)
    return membership


def locked_membership(membership: Membership, version: int | None = None) -> Membership:
    """The membership as it is now, locked. Raises DoesNotExist for one of another organisation."""
    row = (
        Membership.objects.here()
        .select_for_update(of=("self",))
        .select_related("user", "organization")
        .get(pk=membership.pk)
    )
    check_version(row, version)
    return row


def _change_status(
    membership: Membership,
    status: MembershipStatus,
    *,
    by: User | None,
    reason: str,
    version: int | None,
    action: str,
) -> Membership:
    if by is not None and not scope_for(by).can("identity.change_membership", EVERYWHERE):
        raise NotAllowed(_("You may not change memberships."))
    if by is not None and by.pk == membership.user_id and status != MembershipStatus.ACTIVE:
        raise InvalidState(_("You can't shut yourself out: ask another administrator."), code="yourself")
    row = locked_membership(membership, version)
    before = row.status
    if before == status:
        raise InvalidState(_("That is the membership's status already."))
    if before == MembershipStatus.LEFT and status == MembershipStatus.SUSPENDED:
        raise InvalidState(_("This person has left: there is nothing to suspend."))
    row.status = status
    row.left_at = timezone.now() if status == MembershipStatus.LEFT else None
    row.updated_by = by
    row.save()
    if status != MembershipStatus.ACTIVE:
        UserSession.objects.filter(
            user=row.user_id, organization=row.organization_id, revoked_at=None
        ).update(revoked_at=timezone.now(), revoked_reason=f"membership-{status}")
        held = RoleAssignment.objects.filter(user=row.user_id).holding()
        keep_an_administrator(held.values_list("role", flat=True))
    record(
        action,
        row.user,
        by=by,
        reason=reason[:500],
        changes={"status": (before, status.value)},
        subject_ids=[row.user_id],
    )
    return row
