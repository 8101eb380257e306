"""Giving, changing and ending roles; suspending a member and letting one go."""

from datetime import date, timedelta

from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from domain.associations.models import LocalAssociation
from domain.audit.rules import record
from domain.core.errors import InvalidInput, InvalidState, NotAllowed
from domain.core.scope import EVERYWHERE
from domain.identity.choices import MembershipStatus
from domain.identity.models import Membership, User, UserSession
from tenants.db import connection

from .choices import GIVEN_HERE, Role
from .models import RoleAssignment, UserGroup
from .queries import scope_for
from .roles import PERMISSIONS


@transaction.atomic
def assign_role(
    user: User,
    role: Role,
    *,
    by: User | None,
    local_association: LocalAssociation | None = None,
    valid_from: date | None = None,
    valid_to: date | None = None,
    is_deputy: bool = False,
) -> RoleAssignment:
    """Give a person a role in the organisation that is selected, or in a chapter and those below it.

    Without dates from today until further notice; returns the assignment they have already where one holds
    for the same place in that time. Raises NotAllowed, or InvalidInput for dates or a place that won't do.
    """
    require_right_to_give(role, by=by, local_association=local_association)
    start = valid_from or timezone.localdate()
    same = RoleAssignment.objects.filter(user=user, role=role, local_association=local_association)
    held = same.filter(valid_from__lte=start, valid_to=None).first()
    if held is not None:
        return held
    assignment = RoleAssignment(
        user=user,
        role=role,
        local_association=local_association,
        valid_from=start,
        valid_to=valid_to,
        is_deputy=is_deputy,
        created_by=by,
        updated_by=by,
    )
    _check(assignment)
    assignment.save()
    record(
        "role.assigned",
        user,
        by=by,
        changes={
            "role": (None, assignment.role),
            "local_association": (None, str(local_association) if local_association else None),
            "valid_from": (None, assignment.valid_from),
            "valid_to": (None, assignment.valid_to),
        },
    )
    refresh_groups(user)
    return assignment


@transaction.atomic
def change_role(
    assignment: RoleAssignment,
    *,
    by: User | None,
    valid_from: date | None = None,
    valid_to: date | None = None,
    is_deputy: bool = False,
) -> RoleAssignment:
    """Change the dates of a role or whether it is a deputy's; who has it, and where, stays.

    Raises NotAllowed, InvalidInput, or InvalidState when nobody would administer the organisation.
    """
    require_right_to_give(assignment.role, by=by, local_association=assignment.local_association)
    before = {name: getattr(assignment, name) for name in ("valid_from", "valid_to", "is_deputy")}
    assignment.valid_from = valid_from or assignment.valid_from
    assignment.valid_to = valid_to
    assignment.is_deputy = is_deputy
    assignment.updated_by = by
    _check(assignment)
    assignment.save()
    _keep_an_administrator(assignment.role)
    changes = {name: (old, getattr(assignment, name)) for name, old in before.items()}
    changes = {name: pair for name, pair in changes.items() if pair[0] != pair[1]}
    if changes:
        record("role.changed", assignment.user, by=by, changes={"role": (assignment.role,) * 2, **changes})
    refresh_groups(assignment.user)
    return assignment


@transaction.atomic
def end_role(assignment: RoleAssignment, *, by: User | None, reason: str = "") -> None:
    """End a role at once: yesterday was its last day, and one that began today never held.

    Raises NotAllowed, or InvalidState when nobody would administer the organisation.
    """
    require_right_to_give(assignment.role, by=by, local_association=assignment.local_association)
    today, user, before = timezone.localdate(), assignment.user, assignment.valid_to
    if before is not None and before < today:
        raise InvalidState(_("This role has ended already."))
    if assignment.valid_from >= today:
        assignment.delete()
    else:
        assignment.valid_to = today - timedelta(days=1)
        assignment.updated_by = by
        assignment.save()
    _keep_an_administrator(assignment.role)
    record(
        "role.ended",
        user,
        by=by,
        reason=reason,
        changes={"role": (assignment.role, None), "valid_to": (before, today - timedelta(days=1))},
    )
    refresh_groups(user)


@transaction.atomic
def suspend_member(membership: Membership, *, by: User | None, reason: str = "") -> None:
    """Shut a member out until further notice; their sessions here end with this transaction."""
    _change_status(
        membership, MembershipStatus.SUSPENDED, by=by, reason=reason, action="membership.suspended"
    )


@transaction.atomic
def resume_member(membership: Membership, *, by: User | None, reason: str = "") -> None:
    """Let a suspended member, or one who had left, back in with the roles that still hold."""
    _change_status(membership, MembershipStatus.ACTIVE, by=by, reason=reason, action="membership.resumed")


@transaction.atomic
def end_membership(membership: Membership, *, by: User | None, reason: str = "") -> None:
    """The person leaves: sessions here end, roles end today, the account and other organisations stay."""
    _change_status(membership, MembershipStatus.LEFT, by=by, reason=reason, action="membership.ended")
    today = timezone.localdate()
    for assignment in RoleAssignment.objects.filter(user=membership.user).holding(today):
        assignment.valid_to = today
        assignment.updated_by = by
        assignment.save()
    refresh_groups(membership.user)


def require_right_to_give(role: str, *, by: User | None, local_association: LocalAssociation | None) -> None:
    """Raise NotAllowed unless `by` may give and take this role there; None is the system itself.

    Nobody gives what they could not do themselves, so that no role leads to a higher one; an organisation's
    administrators give every role of it.
    """
    if by is None:
        return
    scope = scope_for(by)
    path = local_association.path if local_association else EVERYWHERE
    mine = scope.can("access.change_roleassignment", path)
    if not mine or (role not in GIVEN_HERE and role not in scope.roles):
        raise NotAllowed(_("You may not give or end this role there."), code="role-not-yours-to-give")
    if Role.ORG_ADMIN not in scope.roles and not PERMISSIONS[role] <= scope.permissions:
        raise NotAllowed(_("You may not give or end this role there."), code="role-not-yours-to-give")


def refresh_groups(user: User) -> None:
    """Make the mirrors of today's roles true: the person's groups here, and their membership's summary."""
    held = list(
        RoleAssignment.objects.filter(user=user)
        .holding()
        .select_related("local_association")
        .order_by("role")
    )
    roles = sorted({assignment.role for assignment in held})
    groups = {group.name: group for group in Group.objects.filter(name__in=Role.values)}
    UserGroup.objects.filter(user=user, group__name__in=Role.values).exclude(group__name__in=roles).delete()
    for role in roles:
        UserGroup.objects.get_or_create(user=user, group=groups[role])
    places = {str(assignment.local_association or "") for assignment in held}
    reach = "" if "" in places or not places else ", ".join(sorted(places))[:300]
    Membership.objects.filter(user=user, organization__schema_name=connection.schema_name).exclude(
        roles_summary=roles, reach_summary=reach
    ).update(roles_summary=roles, reach_summary=reach)
    for name in ("_perm_cache", "_user_perm_cache", "_group_perm_cache"):
        user.__dict__.pop(name, None)


def _change_status(
    membership: Membership, status: MembershipStatus, *, by: User | None, reason: str, action: str
) -> None:
    if by is not None and not scope_for(by).can("identity.change_membership"):
        raise NotAllowed(_("You may not change memberships."))
    if by is not None and by.pk == membership.user_id and status != MembershipStatus.ACTIVE:
        raise InvalidState(_("You can't shut yourself out: ask another administrator."), code="yourself")
    locked = Membership.objects.select_for_update().get(pk=membership.pk)
    before = locked.status
    if before == status:
        raise InvalidState(_("That is the membership's status already."))
    membership.status = status
    membership.left_at = timezone.now() if status == MembershipStatus.LEFT else None
    membership.updated_by = by
    membership.save()
    if status != MembershipStatus.ACTIVE:
        UserSession.objects.filter(
            user=membership.user_id, organization=membership.organization_id, revoked_at=None
        ).update(revoked_at=timezone.now(), revoked_reason=f"membership-{status}")
        for role in (
            RoleAssignment.objects.filter(user=membership.user_id).holding().values_list("role", flat=True)
        ):
            _keep_an_administrator(role)
    record(action, membership.user, by=by, reason=reason, changes={"status": (before, status.value)})


def _keep_an_administrator(role: str) -> None:
    """Refuse what takes the last one away who administers the organisation."""
    if role not in (Role.ORG_ADMIN, Role.PLATFORM_STAFF):
        return
    holders = RoleAssignment.objects.filter(role=role).holding().values("user")
    active = Membership.objects.filter(
        organization__schema_name=connection.schema_name, status=MembershipStatus.ACTIVE
    )
    if not active.filter(user__in=holders).exists():
        raise InvalidState(
            _("Someone must administer the organisation: give another person that role first."),
            code="last-administrator",
        )


def _check(assignment: RoleAssignment) -> None:
    try:
        assignment.full_clean(exclude=["user"])
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise InvalidInput(messages[0], field="" if field == "__all__" else field) from error
