"""Who may do what in this organisation. Tables of the organisation's schema."""

from .assignments import RoleAssignment
from .groups import UserGroup, UserPermission
from .invitations import Invitation
from .shares import AssociationShare

__all__ = ["AssociationShare", "Invitation", "RoleAssignment", "UserGroup", "UserPermission"]
