"""Giving and taking roles."""

from django.contrib.auth.models import Group
from django.db import transaction

from domain.audit.rules import record
from domain.identity.models import User

from .choices import Role
from .models import UserGroup


@transaction.atomic
def assign_role(user: User, role: Role, *, by: User | None) -> None:
    """Give a person a role in the organisation that is selected; does nothing where they have it."""
    _row, created = UserGroup.objects.get_or_create(user=user, group=Group.objects.get(name=role.value))
    if created:
        record("role.assigned", user, by=by, changes={"role": (None, role.value)})
    _forget_permissions(user)


def _forget_permissions(user: User) -> None:
    for name in ("_perm_cache", "_user_perm_cache", "_group_perm_cache"):
        user.__dict__.pop(name, None)
