"""What phones sent and nobody could take: /api/v1/sync/inbox/. And what phones call their rows."""

from django.db.models import Q
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from api.associations import PersonSummarySerializer
from api.core.actions import Action
from api.core.entities import EntityViewSet
from api.core.errors import NotFound
from api.core.rendering import to_json
from api.core.routes import addresses
from api.core.serializers import BASE_FIELDS, BodySerializer, EntitySerializer
from domain.audit.guard import recorded
from domain.sync.inbox import discard, resolvable
from domain.sync.models import ClientIdMapping, SyncMutation
from domain.sync.models.devices import LONGEST_DEVICE_ID

from .devices import SyncDeviceSerializer
from .resolving import open_entry, take
from .shapes import MutationErrorSerializer


class SyncInboxSerializer(EntitySerializer):
    class Meta:
        model = SyncMutation
        fields = [
            *(*BASE_FIELDS, "user", "device", "mutation_id", "resource", "op", "action", "row_id"),
            *("client_id", "base_version", "occurred_at", "occurred_offset_minutes", "outcome", "code"),
            *("resolution", "resolved_at", "resolved_by"),
        ]
        read_only_fields = fields
        extra_kwargs = {
            "created_at": {"help_text": "When it came."},
            "occurred_at": {"help_text": "By the phone's clock."},
            "code": {"help_text": "The slug of the problem, or `conflict`."},
            "resolution": {"help_text": "Empty while somebody has to decide."},
        }
        expansions = {"user": PersonSummarySerializer, "resolved_by": PersonSummarySerializer}


class SyncInboxDetailSerializer(SyncInboxSerializer):
    data = serializers.DictField(  # type: ignore[assignment]
        read_only=True, allow_null=True, help_text="What was sent; opened for this answer, on the record."
    )
    detail = serializers.CharField(read_only=True, help_text="Why it wasn't taken.")
    errors = MutationErrorSerializer(read_only=True, many=True)  # type: ignore[assignment]
    server = serializers.DictField(
        read_only=True, allow_null=True, help_text="The row as it is now, as its detail shows it."
    )
    is_hidden = serializers.BooleanField(
        read_only=True, help_text="It is about rows that the caller doesn't see: only its author may decide."
    )

    class Meta(SyncInboxSerializer.Meta):
        fields = [*SyncInboxSerializer.Meta.fields, "data", "detail", "errors", "server", "is_hidden"]
        read_only_fields = fields


class SyncInboxFilters(filters.FilterSet):
    open = filters.BooleanFilter(method="by_open", label="Waiting for a decision, or decided.")
    mine = filters.BooleanFilter(method="by_mine", label="The caller's own, or others'.")

    class Meta:
        model = SyncMutation
        fields = ["user", "device", "resource", "outcome", "mutation_id"]

    def by_open(self, queryset, name, value):
        return queryset.filter(resolution="") if value else queryset.exclude(resolution="")

    def by_mine(self, queryset, name, value):
        own = Q(user=self.request.user.pk)
        return queryset.filter(own) if value else queryset.exclude(own)


class TakeSerializer(BodySerializer):
    take = serializers.ChoiceField(
        choices=["mine", "edit"], required=False, default="mine", help_text="`edit`: with other `data`."
    )
    data = serializers.DictField(  # type: ignore[assignment]
        required=False,
        allow_null=True,
        help_text="For `edit`: the members to write, instead of those sent.",
    )
    row_version = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=2**31 - 1,
        help_text="Of `server` as it was compared with: refused if the same has changed since.",
    )

    def validate(self, attrs):
        if (attrs["take"] == "edit") != (attrs.get("data") is not None):
            words = _("Send the data with “edit”, and with nothing else.")
            raise serializers.ValidationError({"data": [ErrorDetail(words, code="required")]})
        return attrs


class SyncInboxViewSet(EntityViewSet):
    """What phones sent and could not be done: refused, or changed on both sides. One's own, and of those whom
    the caller looks after what is not personal. It keeps nothing else from being done."""

    path, noun, nouns, tag = "sync/inbox", "SyncInboxEntry", "SyncInboxEntries", "Sync"
    queryset = SyncMutation.objects.in_inbox()
    serializer_class = SyncInboxSerializer
    filterset_class = SyncInboxFilters
    ordering_fields = ("created_at", "id")
    actions = (
        Action("apply", take, "Take what the phone sent, as it is or edited.", body=TakeSerializer),
        Action("discard", discard, "Keep what is here: what the phone sent is gone."),
    )

    def condition(self, verb: str) -> Q:
        condition = super().condition(verb)
        return condition & resolvable(self.scope) if verb in ("apply", "discard") else condition

    def run_action(self, action, entity, values, version):
        if action.name != "apply":
            return super().run_action(action, entity, values, version)
        given = values.get("data") if values["take"] == "edit" else None
        with recorded(entity, what="sync inbox apply"):
            return take(
                entity,
                request=self.request,
                scope=self.scope,
                version=version,
                data=given,
                row_version=values.get("row_version"),
            )

    @extend_schema(responses=SyncInboxDetailSerializer)
    def retrieve(self, request, **path) -> HttpResponse:
        response = super().retrieve(request, **path)
        if response.status_code != 200 or self.query.get("fields"):
            return response
        entry = self.one(self.get_queryset()).select_related("device").first()
        if entry is None:
            raise NotFound
        opened = open_entry(entry, request=request, scope=self.scope)
        more = {
            "data": opened.data,
            "detail": opened.detail,
            "errors": list(opened.errors),
            "server": opened.server,
            "is_hidden": opened.is_hidden,
        }
        response.content = response.content[:-1] + b"," + to_json(more)[1:]
        # What is there may change without the entry.
        del response["ETag"]
        response["Cache-Control"] = "no-store"
        return response


class ClientIdSerializer(EntitySerializer):
    device_id = serializers.CharField(source="device.device_id", read_only=True, max_length=LONGEST_DEVICE_ID)

    class Meta:
        model = ClientIdMapping
        fields = [*BASE_FIELDS, "device", "device_id", "resource", "client_id", "server_id"]
        read_only_fields = fields
        expansions = {"device": SyncDeviceSerializer}


class ClientIdFilters(filters.FilterSet):
    device_id = filters.CharFilter(field_name="device__device_id", label="As the phone calls itself.")

    class Meta:
        model = ClientIdMapping
        fields = ["resource", "client_id", "server_id"]


class ClientIdViewSet(EntityViewSet):
    """What one's phones call the rows they made while offline, and which rows those are. For ever."""

    path, noun, tag = "sync/client-ids", "ClientId", "Sync"
    queryset = ClientIdMapping.objects.all()
    serializer_class = ClientIdSerializer
    filterset_class = ClientIdFilters
    ordering_fields = ("id", "created_at")
    verbs = ("list",)


urlpatterns = [*addresses(SyncInboxViewSet), *addresses(ClientIdViewSet)]
