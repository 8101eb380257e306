"""Support access, for whoever decides about it in the organisation: /api/v1/support-access-grants/."""

from typing import Any

from django.db.models import Q, QuerySet
from django_filters import rest_framework as filters
from rest_framework import serializers

from api.associations import ReasonSerializer
from api.core.actions import Action
from api.core.entities import EntityViewSet
from api.core.routes import addresses
from api.core.serializers import BASE_FIELDS, EntitySerializer
from domain.identity.choices import GrantStatus
from domain.identity.models import SupportAccessGrant, User
from domain.identity.models.support import status_expression
from domain.identity.support import CHANGE, approve_grant, decline_grant, revoke_grant


class SupportPersonSerializer(EntitySerializer):
    class Meta:
        model = User
        fields = ["id", "first_name", "last_name"]


class SupportAccessGrantSerializer(EntitySerializer):
    status = serializers.ChoiceField(
        choices=GrantStatus.choices, read_only=True, help_text="Follows from the times below."
    )

    class Meta:
        model = SupportAccessGrant
        fields = [
            *BASE_FIELDS,
            *("requested_by", "reason", "areas", "access", "starts_at", "ends_at", "status"),
            *("approved_by", "approved_at", "declined_at", "revoked_at", "decided_reason"),
        ]
        read_only_fields = fields
        expansions = {"requested_by": SupportPersonSerializer, "approved_by": SupportPersonSerializer}


class SupportAccessGrantFilters(filters.FilterSet):
    status = filters.ChoiceFilter(choices=GrantStatus.choices, label="Where it stands at this moment.")

    class Meta:
        model = SupportAccessGrant
        fields = ["access", "requested_by"]


class SupportAccessGrantViewSet(EntityViewSet):
    """What the platform's support asked for, and where it stands. They ask on the platform's own site."""

    path, noun, tag = "support-access-grants", "SupportAccessGrant", "Support access"
    queryset = SupportAccessGrant.objects.all()
    serializer_class = SupportAccessGrantSerializer
    filterset_class = SupportAccessGrantFilters
    ordering_fields = ("created_at", "starts_at", "ends_at", "id")
    compiled = False  # The status follows the clock.
    actions = (
        Action("approve", approve_grant, "Let them in for as long and far as asked.", permission=CHANGE),
        Action("decline", decline_grant, "Refuse the request.", permission=CHANGE, body=ReasonSerializer),
        Action(
            "revoke",
            revoke_grant,
            "End approved access at once; their sessions end with it.",
            permission=CHANGE,
            body=ReasonSerializer,
        ),
    )
    when = {
        "approve": Q(status=GrantStatus.PENDING),
        "decline": Q(status=GrantStatus.PENDING),
        "revoke": Q(status__in=[GrantStatus.ACTIVE, GrantStatus.UPCOMING]),
    }

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().annotate(status=status_expression())


urlpatterns = addresses(SupportAccessGrantViewSet)
