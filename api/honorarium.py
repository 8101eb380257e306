"""What mentors are paid for assignments: thresholds, who reached them, and what is due."""

from datetime import date

from django.core.validators import MaxValueValidator, MinValueValidator
from django.urls import path
from django.utils.translation import gettext as _
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from api.assignments import TAG
from api.associations import PersonSummarySerializer
from api.core.entities import EntityViewSet
from api.core.query import Query
from api.core.routes import addresses
from api.core.serializers import BASE_FIELDS, EntitySerializer
from api.core.views import MemberView
from domain.assignments import honorarium
from domain.assignments.choices import HonorariumPeriod
from domain.assignments.models import VIEW_THRESHOLDS, HonorariumCrossing, HonorariumThreshold
from domain.config.choices import Area
from domain.core.errors import NotAllowed


class HonorariumThresholdSerializer(EntitySerializer):
    class Meta:
        model = HonorariumThreshold
        fields = [
            *(*BASE_FIELDS, "assignments_from", "rate", "currency", "period"),
            *("notify_coordinator", "valid_from", "valid_to"),
        ]
        create_only_fields = ["assignments_from", "currency", "period", "valid_from"]


class HonorariumThresholdFilters(filters.FilterSet):
    class Meta:
        model = HonorariumThreshold
        fields = ["period", "assignments_from"]


class HonorariumThresholdViewSet(EntityViewSet):
    """From which completed assignment of a period on how much is paid for each."""

    path, noun, tag = "honorarium-thresholds", "HonorariumThreshold", TAG
    area = Area.ASSIGNMENTS
    queryset = HonorariumThreshold.objects.all()
    serializer_class = HonorariumThresholdSerializer
    filterset_class = HonorariumThresholdFilters
    ordering_fields = ("assignments_from", "valid_from", "updated_at")
    verbs = ("list", "retrieve", "create", "update")
    create_rule = staticmethod(lambda *, values, by: honorarium.add_threshold(by=by, **values))
    update_rule = staticmethod(honorarium.change_threshold)


class HonorariumCrossingSerializer(EntitySerializer):
    class Meta:
        model = HonorariumCrossing
        fields = [*BASE_FIELDS, "mentor", "threshold", "period_start", "crossed_at", "notified_at"]
        read_only_fields = fields
        expansions = {"mentor": PersonSummarySerializer, "threshold": HonorariumThresholdSerializer}


class HonorariumCrossingFilters(filters.FilterSet):
    class Meta:
        model = HonorariumCrossing
        fields = ["mentor", "threshold", "period_start"]


class HonorariumCrossingViewSet(EntityViewSet):
    """That a mentor has reached a threshold in a period: one's own, and those of mentors one sees."""

    path, noun, tag = "honorarium-crossings", "HonorariumCrossing", TAG
    area = Area.ASSIGNMENTS
    queryset = HonorariumCrossing.objects.all()
    serializer_class = HonorariumCrossingSerializer
    filterset_class = HonorariumCrossingFilters
    ordering_fields = ("id", "crossed_at", "updated_at")


class HonorariumDueSerializer(serializers.Serializer):
    mentor = serializers.UUIDField()
    first_name = serializers.CharField()
    last_name = serializers.CharField()
    assignments = serializers.IntegerField(help_text="Completed in the period.")
    amount = serializers.DecimalField(max_digits=12, decimal_places=2)
    currency = serializers.CharField()


class HonorariumReportSerializer(serializers.Serializer):
    period = serializers.ChoiceField(choices=HonorariumPeriod.choices)
    first_day = serializers.DateField()
    last_day = serializers.DateField()
    lines = HonorariumDueSerializer(many=True)


class HonorariumReportQuery(Query):
    period = serializers.ChoiceField(
        choices=HonorariumPeriod.choices, default=HonorariumPeriod.YEAR.value, help_text="Counted in each."
    )
    day = serializers.DateField(
        required=False,
        validators=[MinValueValidator(date(2000, 1, 1)), MaxValueValidator(date(2100, 12, 31))],
        help_text="Any day of the period; today unless given.",
    )


class HonorariumReportView(MemberView):
    """What each mentor is due for the assignments they completed in a period."""

    area = Area.ASSIGNMENTS
    query_class = HonorariumReportQuery

    @extend_schema(
        operation_id="getHonorariumReport",
        parameters=[HonorariumReportQuery],
        responses=HonorariumReportSerializer,
        tags=[TAG],
        summary="The honorarium due per mentor in a period.",
    )
    def get(self, request) -> Response:
        if not self.scope.can(VIEW_THRESHOLDS):
            raise NotAllowed(_("You may not do this."))
        kind = self.query["period"]
        day = self.query.get("day")
        period = honorarium.period_of(day, kind) if day else honorarium.this_period(kind)
        lines = honorarium.report(period, self.scope)
        honorarium.note_report(lines, by=request.user, verb="listed")
        body = {
            "period": period.kind,
            "first_day": period.first,
            "last_day": period.last,
            "lines": [
                {
                    "mentor": str(line.mentor.pk),
                    "first_name": line.mentor.first_name,
                    "last_name": line.mentor.last_name,
                    "assignments": line.assignments,
                    "amount": f"{line.amount:.2f}",
                    "currency": line.currency,
                }
                for line in lines
            ],
        }
        return Response(body)


urlpatterns = [
    path("honorarium-report/", HonorariumReportView.as_view()),
    *addresses(HonorariumThresholdViewSet),
    *addresses(HonorariumCrossingViewSet),
]
