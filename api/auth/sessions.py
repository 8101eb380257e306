"""Where one is signed in."""

from typing import Any

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from api.core.errors import NotFound
from api.core.query import Query
from api.core.views import MemberView
from domain.identity.choices import SessionOrigin
from domain.identity.ending import (
    LONGEST_NAME,
    end_other_sessions,
    end_own_session,
    name_own_session,
    own_session,
    own_sessions,
)
from domain.identity.models import UserSession


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


class DeviceNameSerializer(serializers.Serializer):
    device_name = serializers.CharField(max_length=LONGEST_NAME)


class SessionView(MemberView):
    """One of one's own open sessions."""

    def session(self, id) -> UserSession:
        owner: Any = self.request.user
        found = own_session(owner, id)
        if found is None:
            raise NotFound
        return found

    def shown(self, session) -> dict:
        current: Any = self.request.auth
        return SessionSerializer(session, context={"current": current.pk}).data

    @extend_schema(operation_id="getSession", parameters=[Query], responses=SessionSerializer)
    def get(self, request, id):
        return Response(self.shown(self.session(id)))

    @extend_schema(
        operation_id="nameSession",
        parameters=[Query],
        request=DeviceNameSerializer,
        responses={200: SessionSerializer},
        description="Give the device another name.",
    )
    def patch(self, request, id):
        session = self.session(id)
        body = DeviceNameSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        named = name_own_session(session, name=body.validated_data["device_name"], by=request.user)
        return Response(self.shown(named))

    @extend_schema(
        operation_id="endSession",
        parameters=[Query],
        responses={204: OpenApiResponse(description="The session has ended.")},
        description="End it; its tokens are refused from the next request on.",
    )
    def delete(self, request, id):
        if not end_own_session(request.user, id):
            raise NotFound
        return Response(status=204)
