"""Who may give which role to whom; that others learn of it, and that somebody always administers.

Part of the area's rules.
"""

from collections.abc import Iterable
from datetime import date

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from domain.associations.models import LocalAssociation
from domain.config.queries import current_organization
from domain.core.errors import InvalidState, NotAllowed
from domain.core.scope import EVERYWHERE
from domain.identity.choices import MembershipStatus
from domain.identity.models import Membership, User
from tenants.db import connection
from tenants.jobs import enqueue

from .choices import GIVEN_HERE, Role
from .models import RoleAssignment
from .queries import scope_for
from .roles import CONFIDENTIAL, PERMISSIONS, SEE_CONTACTS

# Seed of the lock under which administrators are taken away: two may not each rely on the other.
ADMINISTRATORS_LOCK = 11
# The job that tells the other administrators (`warning_jobs`).
WARN = "access.warn_administrators"
ADMINISTERING = (Role.ORG_ADMIN, Role.PLATFORM_STAFF)


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


def require_somebody_else(
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


def require_another_administrator(user: User) -> None:
    """Raise InvalidState where this person alone administers the organisation until further notice."""
    held = RoleAssignment.objects.filter(user=user).holding().values_list("role", flat=True)
    keep_an_administrator(held, without=user)


def keep_an_administrator(roles: Iterable[str], *, without: User | None = None) -> None:
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
