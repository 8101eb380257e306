"""What is sent and answered, for the OpenAPI document; the reading is in `api.sync.mutations`."""

from rest_framework import serializers

from api.core.serializers import LimitedList
from domain.sync.choices import Operation
from domain.sync.models.devices import LONGEST_DEVICE_ID
from domain.sync.models.mutations import LONGEST_CLIENT_ID

MOST_MUTATIONS = 500
ANSWERS = ["applied", "merged", "rejected", "conflict"]
OUTCOMES = [*ANSWERS, "duplicate", "deferred"]


class MutationSerializer(serializers.Serializer):
    mutation_id = serializers.UUIDField(
        help_text="Made by the phone, once per change, and sent again with it."
    )
    resource = serializers.CharField(max_length=50, help_text="As in the address: `activities`.")
    op = serializers.ChoiceField(choices=Operation.choices)
    id = serializers.CharField(
        required=False,
        allow_null=True,
        max_length=LONGEST_CLIENT_ID,
        help_text="Of the row; or what this phone called it when it made it.",
    )
    client_id = serializers.CharField(
        required=False,
        allow_null=True,
        max_length=LONGEST_CLIENT_ID,
        help_text="What the phone calls a new row: 1 to 64 visible ASCII characters, for ever.",
    )
    action = serializers.CharField(required=False, allow_null=True, max_length=50)
    base_version = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=2**63 - 1,
        help_text="The version that the phone had when it was done; without it nothing is compared.",
    )
    occurred_at = serializers.DateTimeField(help_text="By the phone's clock, with its offset.")
    data = serializers.DictField(  # type: ignore[assignment]
        required=False, allow_null=True, help_text="The members that were changed, as the entity takes them."
    )

    class Meta:
        list_serializer_class = LimitedList


class PushSerializer(serializers.Serializer):
    device_id = serializers.CharField(max_length=LONGEST_DEVICE_ID, help_text="The installation's own.")
    schema_version = serializers.IntegerField(
        min_value=1, max_value=32_767, help_text="What the app was made for (`client-config/`)."
    )
    sent_at = serializers.DateTimeField(
        required=False, allow_null=True, help_text="By the phone's clock, which is measured by it."
    )
    queued = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=0,
        max_value=2**31 - 1,
        help_text="How many changes wait on the phone.",
    )
    oldest_queued_at = serializers.DateTimeField(required=False, allow_null=True)
    mutations = MutationSerializer(many=True, max_length=MOST_MUTATIONS)  # type: ignore[call-arg]


class MutationErrorSerializer(serializers.Serializer):
    pointer = serializers.CharField(help_text="Into the change: `#/data/theme`.")
    code = serializers.CharField()
    detail = serializers.CharField()


class ResultSerializer(serializers.Serializer):
    """What became of one change. Only the first two members are always there."""

    mutation_id = serializers.CharField(allow_null=True, help_text="As it was sent.")
    outcome = serializers.ChoiceField(choices=OUTCOMES)
    answer = serializers.ChoiceField(
        required=False,
        choices=ANSWERS,
        help_text="Of a duplicate: what was answered the first time.",
    )
    id = serializers.UUIDField(required=False, allow_null=True)
    client_id = serializers.CharField(required=False)
    version = serializers.IntegerField(required=False, allow_null=True)
    code = serializers.CharField(required=False, help_text="The slug of the problem (`/problems/…`).")
    detail = serializers.CharField(required=False)
    errors = MutationErrorSerializer(required=False, many=True)  # type: ignore[assignment]
    server = serializers.DictField(
        required=False, allow_null=True, help_text="In a conflict: the row as it is now, as its detail."
    )
    yours = serializers.DictField(required=False, allow_null=True, help_text="In a conflict: what was sent.")
    resolution = serializers.CharField(
        required=False, help_text="Of a duplicate that waited in the inbox: what was decided."
    )


class PushAnswerSerializer(serializers.Serializer):
    results = ResultSerializer(many=True)
    wipe = serializers.BooleanField(
        required=False, help_text="For who has left: remove what is kept, once nothing waits any more."
    )
    server_time = serializers.DateTimeField()
    schema_version = serializers.IntegerField(help_text="The newest that the server speaks.")
    clock_ahead_seconds = serializers.IntegerField(
        allow_null=True, help_text="Where the phone's clock is off by more than five minutes."
    )
