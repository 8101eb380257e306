"""What peer mentors do with and for people, and whether it counts for the grant."""

from .activities import Activity, ActivityContact, ActivityLeader
from .evidence import ActivityAttachment, ActivityDocument
from .flags import ActivityFlag
from .reports import HomeVisitFollowUp, HomeVisitReport
from .types import ActivityType

__all__ = [
    "Activity",
    "ActivityAttachment",
    "ActivityContact",
    "ActivityDocument",
    "ActivityFlag",
    "ActivityLeader",
    "ActivityType",
    "HomeVisitFollowUp",
    "HomeVisitReport",
]
