"""Where a person belongs: rows about people are reached by the local associations that they are of."""

from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from domain.core.errors import NotAllowed
from domain.core.scope import EVERYWHERE, Scope
from domain.identity.models import User

from .standing import scope_of_user


def people_within(scope: Scope, permission: str) -> Any:
    """The people about whom the caller has the permission, as a query of users; None for everyone.

    Below the top those who belong to, or have a role in, an association there: now or later, not those who
    have left it.
    """
    if EVERYWHERE in scope.reach(permission):
        return None
    today = timezone.localdate()
    near = Q(pk__in=())
    for lookup, place in (
        ("association_memberships", "association"),
        ("role_assignments", "local_association"),
    ):
        reached = User.objects.filter(
            scope.within(permission, f"{lookup}__{place}__path"),
            Q(**{f"{lookup}__valid_to__isnull": True}) | Q(**{f"{lookup}__valid_to__gte": today}),
        )
        near |= Q(pk__in=reached.order_by().values("pk"))
    return User.objects.filter(near)


def about_people(scope: Scope, permission: str, column: str = "user") -> Q:
    """The condition that a row tells about one of them; `column` leads to the person."""
    people = people_within(scope, permission)
    return Q() if people is None else Q(**{f"{column}__in": people.order_by().values("pk")})


def own_or_within(scope: Scope, permission: str, column: str = "user") -> Q:
    """The condition of what the caller sees: their own rows, and those about people they reach."""
    if not scope.is_inside:
        return Q(pk__in=())
    reached = about_people(scope, permission, column)
    return reached | Q(**{column: scope.user_id}) if reached else reached


def check_may_about(by: Any, permission: str, user: Any) -> None:
    """Raise NotAllowed unless `by` has the permission about this person; None is the system itself."""
    if by is None:
        return
    people = people_within(scope_of_user(by), permission)
    if people is not None and not people.filter(pk=user.pk).exists():
        raise NotAllowed(_("You may not do this."))
