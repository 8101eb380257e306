"""The caller's standing, in as few queries as it takes."""

from django.db import connection

from domain.core.scope import Scope


def scope_for(user, *, is_member: bool = True) -> Scope:
    """The scope of a user in the organisation that is selected; an anonymous one's for anyone else."""
    if user is None or not user.is_authenticated or not is_member:
        return Scope(schema_name=connection.schema_name)
    return Scope(
        schema_name=connection.schema_name,
        user_id=user.pk,
        roles=frozenset(user.groups.values_list("name", flat=True)),
        permissions=frozenset(user.get_all_permissions()),
        is_member=True,
    )
