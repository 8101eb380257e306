"""Who may do what in this organisation. Tables of the organisation's schema."""

from .assignments import Invitation, RoleAssignment
from .groups import UserGroup, UserPermission

__all__ = ["Invitation", "RoleAssignment", "UserGroup", "UserPermission"]
