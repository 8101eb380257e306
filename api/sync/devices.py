"""Devices that synchronise: /api/v1/sync-devices/."""

from django.db.models import Q
from django_filters import rest_framework as filters

from api.associations import NeededReasonSerializer, PersonSummarySerializer
from api.core.actions import Action
from api.core.entities import EntityViewSet
from api.core.routes import addresses
from api.core.serializers import BASE_FIELDS, EntitySerializer
from domain.sync.devices import end_device
from domain.sync.models import SyncDevice
from domain.sync.models.devices import END_DEVICES


class SyncDeviceSerializer(EntitySerializer):
    class Meta:
        model = SyncDevice
        fields = [
            *(*BASE_FIELDS, "user", "device_id", "name", "platform", "app_version", "last_seen_at"),
            *("last_push_at", "last_pull_at", "clock_ahead_seconds", "queued", "oldest_queued_at"),
            *("ended_at", "end_reason", "told_at"),
        ]
        read_only_fields = fields
        extra_kwargs = {
            "last_seen_at": {"help_text": "To within five minutes."},
            "queued": {"help_text": "How many changes waited there to be sent, when it last sent any."},
            "told_at": {"help_text": "When an ended device was told to wipe what it keeps."},
        }
        expansions = {"user": PersonSummarySerializer}


class SyncDeviceFilters(filters.FilterSet):
    ended = filters.BooleanFilter(field_name="ended_at", lookup_expr="isnull", exclude=True)

    class Meta:
        model = SyncDevice
        fields = ["user", "platform"]


class SyncDeviceViewSet(EntityViewSet):
    """Phones that keep something of the organisation: one's own, and for administrators everybody's."""

    path, noun, tag = "sync-devices", "SyncDevice", "Sync"
    queryset = SyncDevice.objects.all()
    serializer_class = SyncDeviceSerializer
    filterset_class = SyncDeviceFilters
    search_fields = ("user__name_search", "name")
    ordering_fields = ("last_seen_at", "created_at", "id")
    actions = (
        Action(
            "end",
            end_device,
            "End it: its session is over, and when it next calls it is told to wipe what it keeps.",
            body=NeededReasonSerializer,
        ),
    )

    def condition(self, verb: str) -> Q:
        condition = super().condition(verb)
        if verb == "end":
            condition &= Q(ended_at__isnull=True)
            if not self.scope.can(END_DEVICES):
                condition &= Q(user=self.scope.user_id)
        return condition


urlpatterns = addresses(SyncDeviceViewSet)
