"""Who is asking: built once per request, used by every `visible_to`."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db.models import Q

# The path of a role that holds for the whole organisation: every chapter's path begins with it.
EVERYWHERE = ""


@dataclass(frozen=True)
class Held:
    """A role the caller has today: in the subtree of chapters whose paths begin with `path`."""

    role: str
    permissions: frozenset[str] = frozenset()
    path: str = EVERYWHERE


@dataclass(frozen=True)
class Support:
    """The support access grant that lets the caller in, who is no member: how far, and until when."""

    grant_id: UUID
    areas: tuple[str, ...]
    access: str
    ends_at: datetime

    @property
    def may_write(self) -> bool:
        return self.access == "write"


@dataclass(frozen=True)
class Scope:
    """The caller's standing in the current organisation.

    `user_id` is None for anyone not signed in; `held` are the roles that hold today, each with what it may do
    and where; `permissions` are "app.codename" strings of any of them.
    """

    schema_name: str
    user_id: UUID | None = None
    roles: frozenset[str] = frozenset()
    permissions: frozenset[str] = frozenset()
    is_member: bool = False
    locales: tuple[str, ...] = field(default=("nb", "nn", "en"))
    held: tuple[Held, ...] = ()
    support: Support | None = None

    @property
    def is_inside(self) -> bool:
        """Whether it is somebody's at all: a member's, or support's that was let in."""
        return self.user_id is not None and (self.is_member or self.support is not None)

    def can(self, permission: str, path: str | None = None) -> bool:
        """Whether the caller may do this at all, or with a row that belongs to the chapter at `path`."""
        if path is None:
            return permission in self.permissions
        return any(path.startswith(start) for start in self.reach(permission))

    def reach(self, permission: str) -> tuple[str, ...]:
        """The chapter paths below which the permission holds; `("",)` is everywhere, `()` nowhere."""
        paths = {held.path for held in self.held if permission in held.permissions}
        return tuple(
            sorted(path for path in paths if not any(path != p and path.startswith(p) for p in paths))
        )

    def within(self, permission: str, column: str) -> Q:
        """The condition that a row's chapter path (`column`) lies where the permission holds."""
        reach = self.reach(permission)
        if EVERYWHERE in reach:
            return Q()
        nothing = Q(pk__in=())
        condition = nothing
        for path in reach:
            condition |= Q(**{f"{column}__startswith": path})
        return condition
