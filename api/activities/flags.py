"""Doubts about activities: /api/v1/activity-flags/."""

from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy
from django_filters import rest_framework as filters
from rest_framework import serializers

from api.core.actions import Action
from api.core.entities import EntityViewSet
from api.core.serializers import BASE_FIELDS, BodySerializer, EntitySerializer
from domain.activities.choices import FlagStatus
from domain.activities.deciding import confirm_flag, dismiss_flag, join_as_co_leader
from domain.activities.models import ActivityFlag
from domain.activities.models.flags import CHANGE_FLAG
from domain.config.choices import Area

from .activities import ActivitySerializer


class ActivityFlagSerializer(EntitySerializer):
    class Meta:
        model = ActivityFlag
        fields = [
            *(*BASE_FIELDS, "activity", "kind", "source", "other", "reason", "status", "decided_by"),
            *("decided_at", "note"),
        ]
        read_only_fields = fields
        expansions = {"activity": ActivitySerializer}


class ActivityFlagFilters(filters.FilterSet):
    below = filters.CharFilter(
        method="in_subtree",
        label="Path of the local association whose subtree is wanted.",
        validators=[RegexValidator(r"^(/[0-9]+)*/?\Z", gettext_lazy("Must be a path, for example /1/17/."))],
    )

    class Meta:
        model = ActivityFlag
        fields = ["activity", "kind", "source", "status"]

    def in_subtree(self, queryset, name, value):
        return queryset.filter(activity__local_association__path__startswith=f"{value.rstrip('/')}/")


class FlagNoteSerializer(BodySerializer):
    note = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")


OPEN = (FlagStatus.OPEN.value,)


class ActivityFlagViewSet(EntityViewSet):
    """Doubts of rules and people; activities are flagged by `activities/{id}/flag/`."""

    path, noun, tag = "activity-flags", "ActivityFlag", "Activities"
    area = Area.ACTIVITIES
    queryset = ActivityFlag.objects.all()
    serializer_class = ActivityFlagSerializer
    filterset_class = ActivityFlagFilters
    ordering_fields = ("id", "created_at", "updated_at")
    place = "activity__local_association__path"
    actions = (
        Action(
            "dismiss",
            dismiss_flag,
            "Say that all is well.",
            permission=CHANGE_FLAG,
            from_states=OPEN,
            to_state=FlagStatus.DISMISSED.value,
            body=FlagNoteSerializer,
        ),
        Action(
            "confirm",
            confirm_flag,
            "Say that the doubt is right: the activity doesn't count.",
            permission=CHANGE_FLAG,
            from_states=OPEN,
            to_state=FlagStatus.CONFIRMED.value,
            body=FlagNoteSerializer,
        ),
        Action(
            "join",
            join_as_co_leader,
            "They led it together: the leaders of this one lead the other, and this one is rejected.",
            permission=CHANGE_FLAG,
            from_states=OPEN,
            to_state=FlagStatus.CONFIRMED.value,
        ),
    )
