"""Reports of home visits: /api/v1/home-visit-reports/."""

from typing import Any, ClassVar

from django.http import HttpResponse
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from api.core.actions import Action
from api.core.entities import EntityViewSet
from api.core.errors import NotFound
from api.core.serializers import BASE_FIELDS, BodySerializer, EntitySerializer, LimitedList
from api.core.synced import Synced
from domain.activities.models import HomeVisitFollowUp, HomeVisitReport
from domain.activities.visits import (
    MOST_FOLLOW_UPS,
    SEALED,
    change_report,
    finish_follow_up,
    remind_again,
    write_report,
)
from domain.config.choices import Area
from domain.encryption.reading import read_sealed_rows

from .activities import OfActivityView


class FollowUpSerializer(EntitySerializer):
    class Meta:
        model = HomeVisitFollowUp
        fields = ["id", "what", "due_on", "done_at", "done_by"]
        read_only_fields = ["done_at", "done_by"]


class NewFollowUpSerializer(BodySerializer):
    what = serializers.CharField(max_length=200, help_text="Nothing about health.")
    due_on = serializers.DateField()

    class Meta:
        list_serializer_class = LimitedList


def _sealed(words: str) -> serializers.CharField:
    return serializers.CharField(
        write_only=True, required=False, allow_blank=True, max_length=5000, help_text=words
    )


class HomeVisitReportSerializer(EntitySerializer):
    follow_ups = FollowUpSerializer(many=True, read_only=True)
    health_status = _sealed("Sealed; read at `content/`. Empty removes it.")
    assistive_devices = _sealed("Sealed; read at `content/`. Empty removes it.")
    new_follow_ups = NewFollowUpSerializer(  # type: ignore[call-arg]
        many=True,
        write_only=True,
        required=False,
        max_length=MOST_FOLLOW_UPS,
        help_text=f"Replaces those that aren't done. At most {MOST_FOLLOW_UPS}.",
    )

    class Meta:
        model = HomeVisitReport
        fields = [
            *(*BASE_FIELDS, "activity", "course_interest", "is_urgent", "alerted_at", "follow_ups"),
            *("health_status", "assistive_devices", "new_follow_ups"),
        ]
        read_only_fields = ["alerted_at"]
        create_only_fields = ["activity"]
        # That there is one already is for the rule to say.
        extra_kwargs: ClassVar[dict[str, Any]] = {"activity": {"validators": []}}


class HomeVisitReportFilters(filters.FilterSet):
    open = filters.BooleanFilter(method="by_open", label="With something left to do, or without.")

    class Meta:
        model = HomeVisitReport
        fields = ["activity", "course_interest", "is_urgent"]

    def by_open(self, queryset, name, value):
        waiting = HomeVisitFollowUp.objects.filter(done_at=None).order_by().values("report")
        return queryset.filter(pk__in=waiting) if value else queryset.exclude(pk__in=waiting)


class FinishSerializer(BodySerializer):
    follow_up = serializers.UUIDField()


def _named(values):
    return {("follow_ups" if name == "new_follow_ups" else name): each for name, each in values.items()}


class HomeVisitReportViewSet(EntityViewSet):
    """The form after a home visit, one per activity. What it says of health is read at `content/`."""

    path, noun, tag = "home-visit-reports", "HomeVisitReport", "Activities"
    area = Area.ACTIVITIES
    queryset = HomeVisitReport.objects.all()
    serializer_class = HomeVisitReportSerializer
    synced = Synced(
        push=("create", "update", "finish-follow-up"), columns={"new_follow_ups": ("follow_ups",)}
    )
    filterset_class = HomeVisitReportFilters
    ordering_fields = ("id", "created_at", "updated_at")
    verbs = ("list", "retrieve", "create", "update")
    permissions = {"create": "", "update": ""}
    create_rule = staticmethod(lambda *, values, by: write_report(by=by, **_named(values)))
    update_rule = staticmethod(
        lambda row, *, changes, by, version: change_report(
            row, changes=_named(changes), by=by, version=version
        )
    )
    actions = (
        Action(
            "remind-again",
            remind_again,
            "Mail the coordinators of a follow-up again, where the first mail may not have arrived.",
            body=FinishSerializer,
        ),
        Action("finish-follow-up", finish_follow_up, "Say that something was done.", body=FinishSerializer),
    )


class VisitContentSerializer(serializers.Serializer):
    health_status = serializers.CharField(allow_null=True)
    assistive_devices = serializers.CharField(allow_null=True)


class VisitContentView(OfActivityView):
    """What a report says of somebody's health. Each reading is on the record."""

    @extend_schema(
        operation_id="readHomeVisitContent",
        responses=VisitContentSerializer,
        tags=["Activities"],
        summary="Open what a report of a home visit says of health; that it was opened is recorded.",
    )
    def get(self, request, **path) -> HttpResponse:
        key = self.kwargs["id"]
        found = read_sealed_rows(HomeVisitReport, [key], SEALED, by=request.user, scope=self.scope)
        if key not in found:
            raise NotFound
        return Response(found[key], headers={"Cache-Control": "no-store"})
