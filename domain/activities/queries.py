"""Reading activities: what waits for somebody's decision."""

from django.db.models import Exists, OuterRef, QuerySet

from domain.config.choices import Area
from domain.config.queries import is_enabled
from domain.core.scope import Scope

from .choices import FlagStatus
from .models import Activity, ActivityFlag, ActivityLeader
from .models.activities import APPROVE


def is_in_use() -> bool:
    return is_enabled(Area.ACTIVITIES)


def to_review(scope: Scope) -> QuerySet[Activity]:
    """What the caller may decide on, the oldest first: where the right holds, and not led by themselves."""
    led = ActivityLeader.objects.filter(activity=OuterRef("pk"), user=scope.user_id)
    return (
        Activity.objects.visible_to(scope)
        .waiting()
        .filter(scope.within(APPROVE, "local_association__path"))
        .exclude(Exists(led))
        .order_by("submitted_at", "pk")
    )


def with_flagged(rows: QuerySet[Activity]) -> QuerySet[Activity]:
    """With `is_flagged`: whether a flag waits for an answer."""
    flags = ActivityFlag.objects.filter(activity=OuterRef("pk"), status=FlagStatus.OPEN)
    return rows.annotate(is_flagged=Exists(flags))
