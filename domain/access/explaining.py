"""What a person may do and see on a day, where, and because of what. Part of the area's queries."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from domain.associations.models import LocalAssociation, LocalAssociationMembership
from domain.core.scope import EVERYWHERE, Held, Scope
from domain.identity.choices import MembershipStatus
from domain.identity.models import Membership, User
from tenants.db import connection

from .abilities import ABILITIES, AREAS, Ability
from .models import AssociationShare, RoleAssignment, UserPermission
from .roles import PERMISSIONS, SHARED


@dataclass(frozen=True)
class Ground:
    """Why: a role, a share (`role` empty, with its reason) or a single permission (neither)."""

    role: str
    permissions: frozenset[str]
    path: str = EVERYWHERE
    place: LocalAssociation | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    is_deputy: bool = False
    reason: str = ""


@dataclass
class May:
    """One ability and its grounds."""

    ability: Ability
    grounds: list[Ground] = field(default_factory=list)

    @property
    def everywhere(self) -> bool:
        return any(ground.path == EVERYWHERE for ground in self.grounds)


@dataclass
class Explanation:
    """`areas` are those with an ability, in a fixed order; `sees` counts rows, by what they are."""

    day: date
    membership: Membership | None
    grounds: list[Ground]
    areas: list[tuple[Any, list[May]]]
    sees: dict[str, int]

    @property
    def is_in(self) -> bool:
        """Whether the person gets in at all."""
        return self.membership is not None and self.membership.status == MembershipStatus.ACTIVE


def grounds_on(user: User, day: date) -> list[Ground]:
    """The roles and exceptions that hold on a day."""
    roles = RoleAssignment.objects.filter(user=user).holding(day).select_related("local_association")
    grounds = [
        Ground(
            role=row.role,
            permissions=PERMISSIONS[row.role],
            path=row.local_association.path if row.local_association else EVERYWHERE,
            place=row.local_association,
            valid_from=row.valid_from,
            valid_to=row.valid_to,
            is_deputy=row.is_deputy,
        )
        for row in roles
    ]
    shares = AssociationShare.objects.filter(user=user).holding(day).select_related("content_object")
    grounds += [
        Ground(
            role="",
            permissions=SHARED,
            path=row.content_object.path,
            place=row.content_object,
            valid_from=row.valid_from,
            valid_to=row.valid_to,
            reason=row.reason,
        )
        for row in shares
    ]
    single = UserPermission.objects.filter(user=user).select_related("permission__content_type")
    names = frozenset(f"{p.permission.content_type.app_label}.{p.permission.codename}" for p in single)
    if names:
        grounds.append(Ground(role="", permissions=names))
    return grounds


def explain(user: User, day: date) -> Explanation:
    """What the person may do and see on a day, by the tree of local associations as it is now.

    Someone suspended, or who has left, may do nothing whatever their roles say; the grounds are shown still.
    """
    membership = Membership.objects.here().filter(user=user).first()
    grounds = grounds_on(user, day)
    is_in = membership is not None and membership.status == MembershipStatus.ACTIVE
    areas = []
    for area in AREAS:
        found = [
            May(ability, reasons)
            for ability in ABILITIES
            if ability.area is area
            and (reasons := [ground for ground in grounds if ability.permissions <= ground.permissions])
        ]
        if found and is_in:
            areas.append((area, found))
    scope = Scope(
        schema_name=connection.schema_name,
        user_id=user.pk,
        roles=frozenset(ground.role for ground in grounds if ground.role),
        permissions=frozenset().union(*(ground.permissions for ground in grounds)),
        is_member=is_in,
        held=tuple(Held(ground.role, ground.permissions, ground.path) for ground in grounds),
    )
    sees = {
        "members": Membership.objects.visible_to(scope).count(),
        "local_associations": LocalAssociation.objects.changeable_by(
            scope, "identity.view_membership"
        ).count(),
        "local_memberships": LocalAssociationMembership.objects.visible_to(scope).current().count(),
    }
    return Explanation(day, membership, grounds, areas, sees)
