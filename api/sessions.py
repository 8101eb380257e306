"""Who is signed in to the organisation: /api/v1/sessions/.

A person's own sessions in all their organisations are `auth/sessions/`; why there are two:
docs/decisions/0004-two-lists-of-sessions.md.
"""

from django.db.models import Q
from django.db.models.functions import Greatest
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from api.associations import NeededReasonSerializer, PersonSummarySerializer, ReasonSerializer
from api.auth.sessions import EndedSerializer
from api.core.actions import Action
from api.core.entities import EntityViewSet
from api.core.query import Query
from api.core.routes import addresses
from api.core.serializers import EntitySerializer
from api.core.views import MemberView
from domain.access.breaches import end_all_sessions
from domain.access.sessions import end_session_here
from domain.core.errors import NotAllowed
from domain.identity.models import UserSession
from domain.identity.verification import require_recent

CHANGE_SESSION = "identity.change_usersession"


class UserSessionSerializer(EntitySerializer):
    class Meta:
        model = UserSession
        fields = [
            *("id", "user", "origin", "device_name", "platform", "app_version"),
            *("created_at", "last_seen_at", "expires_at", "revoked_at", "revoked_reason"),
        ]
        read_only_fields = fields
        extra_kwargs = {
            "last_seen_at": {"help_text": "To within five minutes."},
            "revoked_reason": {"help_text": "Stable key; empty while it is open."},
        }
        expansions = {"user": PersonSummarySerializer}


class UserSessionFilters(filters.FilterSet):
    open = filters.BooleanFilter(method="by_end", label="Only those that are open, or that have ended.")

    class Meta:
        model = UserSession
        fields = ["user", "origin", "platform"]

    def by_end(self, queryset, name, value):
        now = UserSession.objects.open().order_by().values("pk")
        return queryset.filter(pk__in=now) if value else queryset.exclude(pk__in=now)


class UserSessionViewSet(EntityViewSet):
    """Devices and browsers signed in to this organisation: one's own, and for administrators everybody's.

    Where someone is signed in elsewhere, and from which network, is theirs alone: `auth/sessions/`.
    """

    path, noun, tag = "sessions", "UserSession", "Members"
    # What changes is when it was last used, and that it ended.
    queryset = UserSession.objects.annotate(changed_at=Greatest("last_seen_at", "revoked_at"))
    updated_field = "changed_at"
    serializer_class = UserSessionSerializer
    filterset_class = UserSessionFilters
    search_fields = ("user__name_search", "device_name")
    ordering_fields = ("created_at", "last_seen_at", "id")
    bulk = ("end",)
    actions = (
        Action(
            "end",
            end_session_here,
            "End it: its tokens are refused from the next request on.",
            body=ReasonSerializer,
        ),
    )

    def condition(self, verb: str) -> Q:
        condition = super().condition(verb)
        if verb == "end":
            condition &= Q(revoked_at__isnull=True, expires_at__gt=timezone.now())
            if not self.scope.can(CHANGE_SESSION):
                condition &= Q(user=self.scope.user_id)
        return condition


class EndAllSessionsView(MemberView):
    """For a suspected break-in: everybody's sessions in this organisation end, but the one that asks."""

    @extend_schema(
        operation_id="endAllSessions",
        parameters=[Query],
        request=NeededReasonSerializer,
        responses={200: EndedSerializer},
        tags=["Members"],
        summary="End all sessions of the organisation. Asks for a fresh proof of who one is.",
    )
    def post(self, request):
        if not self.scope.can(CHANGE_SESSION):
            raise NotAllowed(_("You may not do this."))
        require_recent(request.auth)
        body = NeededReasonSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        ended = end_all_sessions(by=request.user, reason=body.validated_data["reason"], keep=request.auth)
        return Response({"ended": ended})


urlpatterns = [
    *addresses(UserSessionViewSet),
    path(f"{UserSessionViewSet.path}/end-all/", EndAllSessionsView.as_view()),
]
