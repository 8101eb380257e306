"""The tree of local associations, who belongs where, and where mentors are."""

from .associations import (
    ADD,
    ADD_MEMBERSHIP,
    CHANGE,
    CHANGE_MEMBERSHIP,
    NAME_COLUMNS,
    VIEW,
    VIEW_MEMBERSHIPS,
    LocalAssociation,
    LocalAssociationEdge,
    LocalAssociationMembership,
)
from .locations import MentorLocation
from .municipalities import MunicipalityPosition

__all__ = [
    "ADD",
    "ADD_MEMBERSHIP",
    "CHANGE",
    "CHANGE_MEMBERSHIP",
    "NAME_COLUMNS",
    "VIEW",
    "VIEW_MEMBERSHIPS",
    "LocalAssociation",
    "LocalAssociationEdge",
    "LocalAssociationMembership",
    "MentorLocation",
    "MunicipalityPosition",
]
