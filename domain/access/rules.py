"""Giving, changing and ending roles.

Who may give which is `giving`; suspending a member and letting one go is `memberships`.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from domain.associations.models import LocalAssociation
from domain.audit.rules import differences, record
from domain.core.errors import InvalidInput, InvalidState, StaleVersion
from domain.core.models import Entity
from domain.identity.choices import MembershipStatus
from domain.identity.models import Membership, User

from . import leaving
from .choices import FOR_A_PURPOSE, Role
from .giving import keep_an_administrator, require_right_to_give, require_somebody_else, warn_administrators
from .models import RoleAssignment, UserGroup

# Of a role what changes while it is the same role.
DATED = ("valid_from", "valid_to", "is_deputy")


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
    require_somebody_else(user, role, by=by, local_association=local_association, start=start, end=valid_to)
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
    require_somebody_else(
        row.user,
        row.role,
        by=by,
        local_association=row.local_association,
        start=row.valid_from,
        end=row.valid_to,
    )
    row.save()
    keep_an_administrator([row.role])
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
    keep_an_administrator([assignment.role])
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


def _locked_role(assignment: RoleAssignment, version: int | None) -> RoleAssignment:
    assignment.check_schema()
    row = (
        RoleAssignment.objects.select_for_update(of=("self",))
        .select_related("user", "local_association")
        .get(pk=assignment.pk)
    )
    check_version(row, version)
    return row


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
