"""Giving, changing and ending roles; suspending a member and letting one go."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from domain.associations.models import LocalAssociation
from domain.audit.rules import differences, record
from domain.config.queries import current_organization
from domain.core.errors import InvalidInput, InvalidState, NotAllowed, StaleVersion
from domain.core.models import Entity
from domain.core.scope import EVERYWHERE
from domain.identity.choices import MembershipStatus
from domain.identity.models import Membership, User, UserSession
from tenants.db import connection
from tenants.jobs import enqueue

from . import leaving
from .choices import FOR_A_PURPOSE, GIVEN_HERE, Role
from .models import RoleAssignment, UserGroup
from .queries import scope_for
from .roles import CONFIDENTIAL, PERMISSIONS, SEE_CONTACTS

# Seed of the lock under which administrators are taken away: two may not each rely on the other.
ADMINISTRATORS_LOCK = 11
# Of a role what changes while it is the same role.
DATED = ("valid_from", "valid_to", "is_deputy")
# The job that tells the other administrators (`warning_jobs`).
WARN = "access.warn_administrators"
ADMINISTERING = (Role.ORG_ADMIN, Role.PLATFORM_STAFF)


@transaction.atomic
def assign_role(
    user: User,
    role: str,
    *,
    by: User | None,
    local_association: LocalAssociation | None = None,
    valid_from: date | None = None,
    valid_to: date | None = None,
    is_deputy: bool = False,
    purpose: str = "",
) -> RoleAssignment:
    """Give a member a role in the organisation that is selected, or in a chapter and those below it.

    Without dates from today until further notice; returns the assignment they have already where one holds
    for the same place in that time. `purpose` says what a role of `FOR_A_PURPOSE` is for. Raises NotAllowed,
    also for who would open contacts to themselves, or InvalidInput for someone who is no member and for
    dates, a place or a purpose that won't do.
    """
    require_right_to_give(role, by=by, local_association=local_association)
    start = valid_from or timezone.localdate()
    _require_somebody_else(user, role, by=by, local_association=local_association, start=start, end=valid_to)
    purpose = " ".join(purpose.split())
    if role in FOR_A_PURPOSE and not purpose:
        raise InvalidInput(
            _("Say for which purpose: it stays with the role."), code="required", field="purpose"
        )
    _require_member(user)
    if local_association is not None and not local_association.is_active:
        raise InvalidInput(
            _("“%(name)s” is closed: choose another.") % {"name": local_association},
            code="closed-association",
            field="local_association",
        )
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
        purpose=purpose,
        created_by=by,
        updated_by=by,
    )
    _check(assignment)
    assignment.save()
    record(
        "role.assigned",
        user,
        by=by,
        subject_ids=[user.pk],
        reason=assignment.purpose,
        changes={
            "role": (None, assignment.role),
            "local_association": (None, str(local_association) if local_association else None),
            "valid_from": (None, assignment.valid_from),
            "valid_to": (None, assignment.valid_to),
        },
    )
    refresh_groups(user)
    warn_administrators(role, by=by, role_assignment=str(assignment.pk))
    return assignment


def administrators() -> QuerySet[User]:
    """Whoever administers the organisation that is selected, today."""
    holders = RoleAssignment.objects.filter(role=Role.ORG_ADMIN).holding().order_by().values("user")
    members = Membership.objects.here().filter(status=MembershipStatus.ACTIVE, user__in=holders)
    return User.objects.filter(pk__in=members.order_by().values("user"), is_active=True).order_by("pk")


def warn_administrators(role: str, *, by: User | None, is_longer: bool = False, **about: str) -> None:
    """Let the other administrators know that one of them lets somebody see contacts, or see them for longer.

    Nobody opens contacts to themselves; with a second address one could. In the caller's transaction.
    `about` is the role that was given or the invitation, by its id.
    """
    if by is None or SEE_CONTACTS not in PERMISSIONS[role] or Role.ORG_ADMIN not in scope_for(by).roles:
        return
    if not administrators().exclude(pk=by.pk).exists():
        return
    key = next(iter(about.values()))
    said = {"role": Role(role).value, "by": str(by.pk), "is_longer": is_longer}
    enqueue(WARN, current_organization(), key=key, **said, **about)


@transaction.atomic
def change_role(
    assignment: RoleAssignment, *, changes: Mapping[str, Any], by: User | None, version: int | None = None
) -> RoleAssignment:
    """Change the dates of a role or whether it is a deputy's; who has it, and where, stays.

    Raises NotAllowed, also for who would open contacts to themselves for longer; StaleVersion, InvalidInput
    (values that won't do, someone who has left), or InvalidState when nobody would administer the
    organisation.
    """
    unknown = sorted(set(changes) - set(DATED))
    if unknown:
        raise InvalidInput(_("This can't be set here."), code="not-editable", field=unknown[0])
    row = _locked_role(assignment, version)
    require_right_to_give(row.role, by=by, local_association=row.local_association)
    _require_member(row.user)
    found = differences({name: getattr(row, name) for name in DATED}, changes)
    if not found:
        return row
    first, last = row.valid_from, row.valid_to
    for name, value in changes.items():
        setattr(row, name, value)
    row.updated_by = by
    _check(row)
    _require_somebody_else(
        row.user,
        row.role,
        by=by,
        local_association=row.local_association,
        start=row.valid_from,
        end=row.valid_to,
    )
    row.save()
    _keep_an_administrator([row.role])
    record(
        "role.changed",
        row.user,
        by=by,
        changes={"role": (row.role, row.role), **found},
        subject_ids=[row.user_id],
    )
    refresh_groups(row.user)
    if row.valid_from < first or (last is not None and (row.valid_to is None or row.valid_to > last)):
        warn_administrators(row.role, by=by, role_assignment=str(row.pk), is_longer=True)
    return row


@transaction.atomic
def end_role(
    assignment: RoleAssignment, *, by: User | None, reason: str = "", version: int | None = None
) -> None:
    """End a role at once: yesterday was its last day, and one that began today never held.

    Raises NotAllowed, StaleVersion, or InvalidState when it has ended already or nobody would administer the
    organisation.
    """
    assignment = _locked_role(assignment, version)
    require_right_to_give(assignment.role, by=by, local_association=assignment.local_association)
    today, user, before = timezone.localdate(), assignment.user, assignment.valid_to
    if before is not None and before < today:
        raise InvalidState(_("This role has ended already."), code="ended")
    if assignment.valid_from >= today:
        assignment.delete()
    else:
        assignment.valid_to = today - timedelta(days=1)
        assignment.updated_by = by
        assignment.save()
    _keep_an_administrator([assignment.role])
    record(
        "role.ended",
        user,
        by=by,
        reason=reason,
        subject_ids=[user.pk],
        changes={"role": (assignment.role, None), "valid_to": (before, today - timedelta(days=1))},
    )
    leaving.forget_needless_location(user, by=by)
    refresh_groups(user)


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


def require_right_to_give(role: str, *, by: User | None, local_association: LocalAssociation | None) -> None:
    """Raise NotAllowed unless `by` may give and take this role there; None is the system itself.

    Nobody gives what they could not do themselves, so that no role leads to a higher one; an organisation's
    administrators give every role of it.
    """
    if by is None:
        return
    scope = scope_for(by)
    path = local_association.path if local_association else EVERYWHERE
    refused = NotAllowed(_("You may not give or end this role there."), code="role-not-yours-to-give")
    if role not in PERMISSIONS or not scope.can("access.change_roleassignment", path):
        raise refused
    if role not in GIVEN_HERE and role not in scope.roles:
        raise refused
    administers = not {Role.ORG_ADMIN, Role.PLATFORM_STAFF}.isdisjoint(scope.roles)
    if not administers and not all(scope.can(name, path) for name in PERMISSIONS[role]):
        raise refused


def _require_somebody_else(
    user: User,
    role: str,
    *,
    by: User | None,
    local_association: LocalAssociation | None,
    start: date,
    end: date | None,
) -> None:
    """Raise NotAllowed where somebody would open to themselves what they don't see there for as long.

    What another role of theirs shows them on all of those days they open to nobody anew.
    """
    if by is None or by.pk != user.pk or role not in PERMISSIONS or SEE_CONTACTS not in PERMISSIONS[role]:
        return
    today = timezone.localdate()
    if end is not None and end < today:
        return
    path = local_association.path if local_association else EVERYWHERE
    needed = CONFIDENTIAL & PERMISSIONS[role]
    held = RoleAssignment.objects.filter(user=user, valid_from__lte=max(start, today)).select_related(
        "local_association"
    )
    held = held.filter(valid_to=None) if end is None else held.filter(Q(valid_to=None) | Q(valid_to__gte=end))
    for each in held:
        place = each.local_association.path if each.local_association else EVERYWHERE
        if path.startswith(place) and needed <= PERMISSIONS[each.role]:
            return
    raise NotAllowed(
        _("You can't give yourself a role that shows contacts: ask another administrator."), code="yourself"
    )


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
    summary = {"roles_summary": roles, "reach_summary": reach}
    # By its key alone: an update that joins is planned badly among the policies of the shared tables.
    for pk in Membership.objects.here().filter(user=user).exclude(**summary).values_list("pk", flat=True):
        Membership.objects.filter(pk=pk).update(**summary)
    for name in ("_perm_cache", "_user_perm_cache", "_group_perm_cache"):
        user.__dict__.pop(name, None)


def check_version(row: Entity, version: int | None) -> None:
    """Raise StaleVersion where the row is another than the one that was read."""
    if version is not None and row.version != version:
        raise StaleVersion(_("Someone else has changed this since you opened it. Reload and try again."))


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


def _locked_role(assignment: RoleAssignment, version: int | None) -> RoleAssignment:
    assignment.check_schema()
    row = (
        RoleAssignment.objects.select_for_update(of=("self",))
        .select_related("user", "local_association")
        .get(pk=assignment.pk)
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
        _keep_an_administrator(held.values_list("role", flat=True))
    record(
        action,
        row.user,
        by=by,
        reason=reason[:500],
        changes={"status": (before, status.value)},
        subject_ids=[row.user_id],
    )
    return row


def require_another_administrator(user: User) -> None:
    """Raise InvalidState where this person alone administers the organisation until further notice."""
    held = RoleAssignment.objects.filter(user=user).holding().values_list("role", flat=True)
    _keep_an_administrator(held, without=user)


def _keep_an_administrator(roles: Iterable[str], *, without: User | None = None) -> None:
    """Refuse what takes the last one away who administers the organisation until further notice."""
    for role in sorted(set(roles) & set(ADMINISTERING)):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_advisory_xact_lock(hashtextextended(%s, %s))",
                [f"{connection.schema_name}.{role}", ADMINISTRATORS_LOCK],
            )
        lasting = RoleAssignment.objects.filter(role=role, valid_to=None).holding().values("user")
        active = Membership.objects.here().filter(status=MembershipStatus.ACTIVE, user__is_active=True)
        if without is not None:
            active = active.exclude(user=without)
        if not active.filter(user__in=lasting).exists():
            raise InvalidState(
                _(
                    "Someone must administer the organisation until further notice: give another person that "
                    "role first."
                ),
                code="last-administrator",
            )


def _require_member(user: User) -> None:
    """Raise InvalidInput unless the person belongs to the organisation; suspended ones keep their roles."""
    if not Membership.objects.here().filter(user=user).exclude(status=MembershipStatus.LEFT).exists():
        raise InvalidInput(_("This person is not a member of the organisation."), field="user")


def _check(assignment: RoleAssignment) -> None:
    try:
        assignment.clean_fields(exclude=["user"])
        assignment.validate_constraints()
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise InvalidInput(messages[0], field="" if field == "__all__" else field) from error
