"""Rules that look for duplicates and for what can hardly be, when an activity is submitted."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.db.models import DurationField, ExpressionWrapper, F, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from domain.audit.rules import record
from domain.grants.choices import GrantCategory

from .choices import ActivityStatus, FlagKind, FlagSource
from .models import Activity, ActivityFlag

# Minutes: longer than this in one piece is checked.
LONG = 12 * 60
# More than so many on one day by the same mentor are checked.
MANY = 8
# Of two that overlap, the other can't have begun earlier than the longest duration there may be.
FURTHEST = timedelta(days=7)


def overlapping(activity: Activity) -> QuerySet[Activity]:
    """Others of about the same time: what was rejected or is a draft doesn't count."""
    minutes = ExpressionWrapper(
        Coalesce(F("duration_minutes"), Value(0)) * Value(timedelta(minutes=1)), output_field=DurationField()
    )
    end = activity.ended_at
    rows = Activity.objects.exclude(pk=activity.pk).filter(
        status__in=(ActivityStatus.SUBMITTED, ActivityStatus.APPROVED),
        started_at__gte=activity.started_at - FURTHEST,
        started_at__lte=max(end, activity.started_at),
    )
    ends = ExpressionWrapper(F("started_at") + minutes, output_field=Activity._meta.get_field("started_at"))
    return rows.annotate(ends_at=ends).filter(
        Q(ends_at__gt=activity.started_at) | Q(started_at=activity.started_at)
    )


def suspicions(activity: Activity) -> Iterator[tuple[FlagKind, Activity | None]]:
    """What is doubtful about an activity, with the other one where it is about two."""
    leaders = list(activity.leaders.values_list("user", flat=True))
    contacts = set(activity.contact_links.values_list("contact", flat=True))
    for other in overlapping(activity).prefetch_related("leaders", "contact_links").order_by("pk")[:20]:
        same_mentor = any(leader.user_id in leaders for leader in other.leaders.all())
        others = {link.contact_id for link in other.contact_links.all()}
        shared = bool(contacts & others)
        if same_mentor and (shared or not contacts or not others):
            yield FlagKind.DUPLICATE, other
        elif not same_mentor and other.local_association_id == activity.local_association_id:
            in_group = activity.type.category in (GrantCategory.GROUP, GrantCategory.COURSE)
            if shared or (in_group and other.type_id == activity.type_id):
                yield FlagKind.JOINT, other
    if (activity.duration_minutes or 0) > LONG:
        yield FlagKind.TOO_LONG, None
    if activity.started_at > timezone.now():
        yield FlagKind.FUTURE, None
    same_day = Activity.objects.filter(day=activity.day, leaders__user__in=[u for u in leaders if u])
    if same_day.exclude(status=ActivityStatus.REJECTED).distinct().count() > MANY:
        yield FlagKind.TOO_MANY, None


def check(activity: Activity, *, by: Any) -> list[ActivityFlag]:
    """Flag what is doubtful, once: what somebody has dismissed isn't raised again. Gives the new ones."""
    raised = []
    known = {(flag.kind, flag.other_id): flag for flag in activity.flags.filter(source=FlagSource.RULE)}
    for kind, other in suspicions(activity):
        if (kind, other.pk if other else None) in known:
            continue
        flag = ActivityFlag(activity=activity, kind=kind, other=other, created_by=by, updated_by=by)
        flag.save(force_insert=True)
        record(
            "activity-flag.created",
            flag,
            by=by,
            changes={"kind": (None, str(FlagKind(kind).label))},
            subject_ids=[activity.mentor_id] if activity.mentor_id else [],
        )
        raised.append(flag)
    return raised
