"""Where one is signed in."""

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from api.core.errors import NotFound
from api.core.query import Query
from api.core.views import MemberView
from domain.identity.choices import SessionOrigin
from domain.identity.ending import end_other_sessions, end_own_session, own_sessions


class SessionSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    organization = serializers.CharField(source="organization.short_name")
    origin = serializers.ChoiceField(choices=SessionOrigin.choices, help_text="mobile: an app.")
    device_name = serializers.CharField()
    platform = serializers.CharField()
    app_version = serializers.CharField()
    network = serializers.CharField(
        help_text="/24 or /48 of the address the session was opened from; may be empty."
    )
    created_at = serializers.DateTimeField()
    last_seen_at = serializers.DateTimeField(help_text="To within five minutes.")
    expires_at = serializers.DateTimeField()
    is_current = serializers.SerializerMethodField(help_text="Whether it is the session that asks.")

    def get_is_current(self, session) -> bool:
        return session.pk == self.context["current"]


class SessionListSerializer(serializers.Serializer):
    results = SessionSerializer(many=True)


class EndedSerializer(serializers.Serializer):
    ended = serializers.IntegerField(help_text="How many sessions were ended.")


class SessionsView(MemberView):
    """One's own open sessions in all organisations, the latest used first; and an end to all the others."""

    @extend_schema(operation_id="listSessions", parameters=[Query], responses=SessionListSerializer)
    def get(self, request):
        sessions = own_sessions(request.user)
        body = SessionSerializer(sessions, many=True, context={"current": request.auth.pk})
        return Response({"results": body.data})

    @extend_schema(operation_id="endOtherSessions", parameters=[Query], responses={200: EndedSerializer})
    def delete(self, request):
        ended = end_other_sessions(request.user, keep=request.auth, reason="ended-by-owner", by=request.user)
        return Response({"ended": ended})


class SessionView(MemberView):
    """End one of one's sessions; its tokens are refused from the next request on."""

    @extend_schema(
        operation_id="endSession",
        parameters=[Query],
        responses={204: OpenApiResponse(description="The session has ended.")},
    )
    def delete(self, request, id):
        if not end_own_session(request.user, id):
            raise NotFound
        return Response(status=204)
