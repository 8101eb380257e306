"""Who is asking: built once per request, used by every `visible_to`."""

from dataclasses import dataclass, field
from uuid import UUID


@dataclass(frozen=True)
class Scope:
    """The caller's standing in the current organisation.

    `user_id` is None for anyone not signed in; `roles` are keys of `domain.access.roles`; `permissions`
    are "app.codename" strings.
    """

    schema_name: str
    user_id: UUID | None = None
    roles: frozenset[str] = frozenset()
    permissions: frozenset[str] = frozenset()
    is_member: bool = False
    locales: tuple[str, ...] = field(default=("nb", "nn", "en"))

    def can(self, permission: str) -> bool:
        return permission in self.permissions
