"""Fresh proof of who one is, for sensitive calls.

permission_classes = [*MemberView.permission_classes, RecentlyVerified]
"""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import BasePermission
from rest_framework.response import Response

from api.core.query import Query
from api.core.views import MemberView
from domain.identity.verification import confirm_with_password, require_recent


class RecentlyVerified(BasePermission):
    """Refuses with the problem `step-up-required` (403) unless the person has just proved who they are."""

    def has_permission(self, request, view) -> bool:
        require_recent(request.auth)
        return True


class StepUpSerializer(serializers.Serializer):
    password = serializers.CharField(max_length=1024, trim_whitespace=False)


class VerifiedSerializer(serializers.Serializer):
    verified_at = serializers.DateTimeField()


class StepUpView(MemberView):
    """Prove by password who one is; for a few minutes, sensitive calls of this session are then answered."""

    stores_answers = False

    @extend_schema(
        operation_id="stepUp", parameters=[Query], request=StepUpSerializer, responses=VerifiedSerializer
    )
    def post(self, request):
        body = StepUpSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        confirm_with_password(request.auth, password=body.validated_data["password"])
        return Response({"verified_at": request.auth.verified_at})
