"""Assignments that were answered lately."""

from datetime import datetime, time, timedelta, tzinfo

from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from domain.certification.queries import zone_here

from .models import Assignment


def answered_since(rows: QuerySet[Assignment], moment: datetime) -> QuerySet[Assignment]:
    """Those accepted or declined since then, the declined ones first, of each the latest first.

    With `answered_at`, and `is_refused` where it was declined.
    """
    return (
        rows.filter(Q(accepted_at__gte=moment) | Q(declined_at__gte=moment))
        .annotate(
            answered_at=Coalesce("declined_at", "accepted_at"),
            is_refused=ExpressionWrapper(Q(declined_at__isnull=False), output_field=BooleanField()),
        )
        .order_by("-is_refused", "-answered_at", "pk")
    )


def yesterday_began(zone: tzinfo | None = None) -> datetime:
    """When yesterday began by the organisation's clocks (`zone`, where it is known already)."""
    zone = zone or zone_here()
    day = timezone.localdate(timezone=zone) - timedelta(days=1)
    return datetime.combine(day, time.min, tzinfo=zone)
