"""Assignments and what belongs to them: readings and answers.

Lists and details tell who, when and in which state; the content comes as the answer of `open` alone.
"""

import base64
from collections.abc import Callable
from typing import Any

from django.db.models import Q
from django.http import HttpResponse
from django.urls import path
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from api.associations import PersonSummarySerializer, ReasonSerializer
from api.core.actions import Action
from api.core.entities import EntityViewSet
from api.core.query import Query
from api.core.routes import addresses
from api.core.serializers import (
    BASE_FIELDS,
    BodySerializer,
    EntitySerializer,
    MemberField,
    ScopedRelatedField,
)
from api.core.synced import Synced
from api.core.views import MemberView
from domain.assignments import opening, rules
from domain.assignments.answering import accept_assignment, decline_assignment
from domain.assignments.choices import PARTS, AssignmentStatus
from domain.assignments.consent_text import current
from domain.assignments.models import (
    CHANGE,
    Assignment,
    AssignmentConsent,
    AssignmentReadReceipt,
)
from domain.assignments.repeating import tell_again
from domain.assignments.states import OPEN_STATES, READABLE, STEPS
from domain.audit.guard import recorded
from domain.config.choices import Area
from domain.identity.models import User
from domain.people.models import Contact

TAG = "Assignments"


class AssignmentContentSerializer(BodySerializer):
    name = serializers.CharField(max_length=PARTS["name"], required=False, allow_blank=True)
    address = serializers.CharField(max_length=PARTS["address"], required=False, allow_blank=True)
    phone = serializers.CharField(max_length=PARTS["phone"], required=False, allow_blank=True)
    medical_summary = serializers.CharField(
        max_length=PARTS["medical_summary"], required=False, allow_blank=True
    )
    message = serializers.CharField(max_length=PARTS["message"], required=False, allow_blank=True)


class AssignmentSerializer(EntitySerializer):
    recipient = MemberField(queryset=User.objects.all())
    contact = ScopedRelatedField(queryset=Contact.objects.all(), required=False, allow_null=True)
    content = AssignmentContentSerializer(
        write_only=True, help_text="Sealed; read by the answer of `open`, and nowhere else."
    )

    class Meta:
        model = Assignment
        fields = [
            *(*BASE_FIELDS, "recipient", "sender", "contact", "local_association", "role_context"),
            *("status", "expires_at", "sent_at", "opened_at", "accepted_at", "declined_at"),
            *("withdrawn_at", "completed_at", "expired_at", "content_destroyed_at", "content"),
        ]
        read_only_fields = [
            *("sender", "status", "sent_at", "opened_at", "accepted_at", "declined_at", "withdrawn_at"),
            *("completed_at", "expired_at", "content_destroyed_at"),
        ]
        create_only_fields = ["contact", "local_association"]
        expansions = {"recipient": PersonSummarySerializer, "sender": PersonSummarySerializer}
        extra_kwargs = {
            "local_association": {
                "required": False,
                "help_text": "Needed where there is no contact; otherwise the contact's.",
            },
            "expires_at": {"required": False, "help_text": "In 30 days unless given."},
        }


class AssignmentFilters(filters.FilterSet):
    received = filters.BooleanFilter(method="by_received", label="Sent to the caller, or not.")
    sent_before = filters.IsoDateTimeFilter(field_name="sent_at", lookup_expr="lt")
    sent_after = filters.IsoDateTimeFilter(field_name="sent_at", lookup_expr="gt")

    class Meta:
        model = Assignment
        fields = ["status", "role_context", "recipient", "sender", "contact", "local_association"]

    def by_received(self, queryset, name, value):
        mine = Q(recipient=self.request.user.pk)
        return queryset.filter(mine) if value else queryset.exclude(mine)


class OpenAssignmentSerializer(BodySerializer):
    device_key = serializers.UUIDField(
        required=False,
        allow_null=True,
        help_text="A key of the caller's of the purpose `seal`: the content comes sealed to it.",
    )


class SealedContentSerializer(serializers.Serializer):
    device_key = serializers.UUIDField()
    ciphertext = serializers.CharField(
        help_text="Base64: the encapsulated key (32 bytes) and the ciphertext; HPKE (RFC 9180), base mode, "
        "X25519, HKDF-SHA256, AES-256-GCM."
    )
    info = serializers.CharField()
    aad = serializers.CharField(
        help_text="Organisation, assignment and key. HPKE's info is `info` and `aad`, each with its length "
        "in four bytes before it."
    )


class OpenedAssignmentSerializer(serializers.Serializer):
    assignment = serializers.UUIDField()
    status = serializers.CharField()
    receipt = serializers.UUIDField(help_text="Of this reading; `close` may name it.")
    opened_at = serializers.DateTimeField(help_text="This time.")
    content = AssignmentContentSerializer(allow_null=True, help_text="null where it was sealed to a device.")
    sealed = SealedContentSerializer(allow_null=True)


class CloseReadingSerializer(BodySerializer):
    receipt = serializers.UUIDField(
        required=False, allow_null=True, help_text="The reading; the latest open one unless given."
    )


class AcceptAssignmentSerializer(BodySerializer):
    text_sha256 = serializers.RegexField(
        r"^[0-9a-fA-F]{64}\Z", help_text="Of the words that were shown (`assignment-consent-text/`)."
    )


class DeclineAssignmentSerializer(BodySerializer):
    reason = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")


def _opened(opened: opening.Opened) -> Response:
    sealed = None
    if opened.sealed is not None and opened.device_key is not None:
        key = opened.device_key.pk
        sealed = {
            "device_key": str(key),
            "ciphertext": base64.b64encode(opened.sealed).decode(),
            "info": opening.INFO.decode(),
            "aad": opening.associated_data(opened.assignment.pk, key).decode(),
        }
    body = {
        "assignment": str(opened.assignment.pk),
        "status": opened.assignment.status,
        "receipt": str(opened.receipt.pk),
        "opened_at": opened.receipt.opened_at,
        "content": opened.content,
        "sealed": sealed,
    }
    return Response(body, headers={"Cache-Control": "no-store"})


class AssignmentViewSet(EntityViewSet):
    """What coordinators send peer mentors. Who it is about and why is sealed: `open` shows it, to the
    recipient, who has just proved who they are, and leaves a receipt."""

    path, noun, tag = "assignments", "Assignment", TAG
    area = Area.ASSIGNMENTS
    queryset = Assignment.objects.all()
    serializer_class = AssignmentSerializer
    synced = Synced(push=("accept", "decline"))
    filterset_class = AssignmentFilters
    ordering_fields = ("id", "created_at", "updated_at", "expires_at")
    verbs = ("list", "retrieve", "create", "update")
    place = "local_association__path"
    when = {"update": Q(status__in=STEPS["send"].sources)}
    create_rule = staticmethod(lambda *, values, by: rules.write_assignment(by=by, **values))
    update_rule = staticmethod(rules.change_assignment)
    actions = (
        Action(
            "send",
            rules.send_assignment,
            "Give a draft to its recipient, who must be one that may be assigned today.",
            permission=CHANGE,
            from_states=STEPS["send"].sources,
            to_state=STEPS["send"].target,
        ),
        Action(
            "open",
            opening.open_assignment,
            "Read the content: the recipient alone, after a step-up. Leaves a receipt; never stored.",
            from_states=READABLE,
            to_state=STEPS["open"].target,
            body=OpenAssignmentSerializer,
        ),
        Action(
            "close",
            opening.close_reading,
            "Note that it was put away.",
            from_states=tuple(state for state in READABLE if state != STEPS["send"].target),
            body=CloseReadingSerializer,
        ),
        Action(
            "accept",
            accept_assignment,
            "Take it on, agreeing to the words that were shown.",
            from_states=STEPS["accept"].sources,
            to_state=STEPS["accept"].target,
            body=AcceptAssignmentSerializer,
        ),
        Action(
            "decline",
            decline_assignment,
            "Say no, read or not; the content is destroyed.",
            from_states=STEPS["decline"].sources,
            to_state=STEPS["decline"].target,
            body=DeclineAssignmentSerializer,
        ),
        Action(
            "withdraw",
            rules.withdraw_assignment,
            "Take it back; the content is destroyed at once, for everybody.",
            permission=CHANGE,
            from_states=OPEN_STATES,
            to_state=STEPS["withdraw"].target,
            body=ReasonSerializer,
        ),
        Action(
            "tell-again",
            tell_again,
            "Mail the coordinator again that it waits unopened, where the first mail may not have arrived.",
            permission=CHANGE,
            from_states=(AssignmentStatus.SENT,),
        ),
        Action(
            "complete",
            rules.complete_assignment,
            "Say that it was done; it counts for the honorarium.",
            from_states=STEPS["complete"].sources,
            to_state=STEPS["complete"].target,
        ),
    )

    @property
    def stores_answers(self) -> bool:  # type: ignore[override]
        return self.action != "act_open"

    def condition(self, verb: str) -> Q:
        condition = super().condition(verb)
        mine = Q(recipient=self.scope.user_id)
        if verb in ("open", "close", "accept", "decline"):
            condition &= mine
        elif verb == "complete":
            condition &= mine | self.scope.within(CHANGE, self.place)
        return condition

    @classmethod
    def action_handler(cls, action: Action) -> Callable[..., HttpResponse]:
        if action.name != "open":
            return super().action_handler(action)

        @extend_schema(responses=OpenedAssignmentSerializer)
        def handler(self: Any, request, **path) -> HttpResponse:
            def read(entity: Assignment, version: int | None) -> HttpResponse:
                made = OpenAssignmentSerializer(
                    data=request.data or {}, context=self.get_serializer_context()
                )
                values = self.body(made)
                with recorded(entity, what="assignments open"):
                    return _opened(
                        opening.open_assignment(
                            entity, by=request.user, session=request.auth, version=version, **values
                        )
                    )

            return self.on_row(action.name, read)

        handler.__name__, handler.__doc__ = action.method_name, action.summary
        return handler


class AssignmentConsentSerializer(EntitySerializer):
    class Meta:
        model = AssignmentConsent
        fields = [
            *(*BASE_FIELDS, "assignment", "user", "response", "text_version", "text_sha256", "language"),
            *("responded_at", "reason"),
        ]
        read_only_fields = fields
        expansions = {"user": PersonSummarySerializer}


class AssignmentConsentFilters(filters.FilterSet):
    class Meta:
        model = AssignmentConsent
        fields = ["assignment", "user", "response"]


class AssignmentConsentViewSet(EntityViewSet):
    """The final answers to assignments: one's own, and those of local associations. Never changed."""

    path, noun, tag = "assignment-consents", "AssignmentConsent", TAG
    area = Area.ASSIGNMENTS
    queryset = AssignmentConsent.objects.all()
    serializer_class = AssignmentConsentSerializer
    filterset_class = AssignmentConsentFilters
    ordering_fields = ("id", "responded_at", "updated_at")


class AssignmentReadReceiptSerializer(EntitySerializer):
    class Meta:
        model = AssignmentReadReceipt
        fields = [*BASE_FIELDS, "assignment", "user", "session_id", "device_key_id", "opened_at", "closed_at"]
        read_only_fields = fields
        expansions = {"user": PersonSummarySerializer}


class AssignmentReadReceiptFilters(filters.FilterSet):
    class Meta:
        model = AssignmentReadReceipt
        fields = ["assignment", "user"]


class AssignmentReadReceiptViewSet(EntityViewSet):
    """Each reading of an assignment's content, written in the transaction that decrypted it."""

    path, noun, tag = "assignment-read-receipts", "AssignmentReadReceipt", TAG
    area = Area.ASSIGNMENTS
    queryset = AssignmentReadReceipt.objects.all()
    serializer_class = AssignmentReadReceiptSerializer
    filterset_class = AssignmentReadReceiptFilters
    ordering_fields = ("id", "opened_at", "updated_at")


class ConsentTextSerializer(serializers.Serializer):
    version = serializers.IntegerField()
    language = serializers.CharField()
    words = serializers.CharField()
    sha256 = serializers.CharField(help_text="To be sent with `accept`.")


class ConsentTextView(MemberView):
    """What is agreed to when an assignment is accepted, in the reader's language."""

    area = Area.ASSIGNMENTS

    @extend_schema(
        operation_id="getAssignmentConsentText",
        parameters=[Query],
        responses=ConsentTextSerializer,
        tags=[TAG],
        summary="The words to agree to when accepting an assignment.",
    )
    def get(self, request) -> Response:
        text = current(self.locale)
        return Response(
            {"version": text.version, "language": text.language, "words": text.words, "sha256": text.sha256}
        )


urlpatterns = [
    path("assignment-consent-text/", ConsentTextView.as_view()),
    *addresses(AssignmentViewSet),
    *addresses(AssignmentConsentViewSet),
    *addresses(AssignmentReadReceiptViewSet),
]
