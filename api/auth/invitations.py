"""Accepting an invitation in the app."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from api.core.limits import address_of
from api.core.query import Query
from api.core.views import PublicView
from domain.access.choices import Role
from domain.access.invitations import Acceptance, accept


class AcceptanceSerializer(serializers.Serializer):
    token = serializers.CharField(max_length=200, help_text="Of the link: `/invitation/<token>/`.")
    has_account = serializers.BooleanField(
        default=False, help_text="Whether `password` is that of an account which the address has already."
    )
    password = serializers.CharField(max_length=1024, trim_whitespace=False)
    first_name = serializers.CharField(max_length=100, required=False, allow_blank=True, default="")
    last_name = serializers.CharField(max_length=100, required=False, allow_blank=True, default="")


class AcceptedSerializer(serializers.Serializer):
    user_id = serializers.UUIDField()
    email = serializers.EmailField(help_text="What to sign in with.")
    roles = serializers.ListField(child=serializers.ChoiceField(choices=Role.choices))


class AcceptInvitationView(PublicView):
    """Become a member with the secret of an invitation's link: with a new account, or one's own.

    Works once. A secret that is unknown, used, withdrawn or expired is one and the same 409.
    """

    stores_answers = False
    authentication_classes = []

    @extend_schema(
        operation_id="acceptInvitation",
        parameters=[Query],
        request=AcceptanceSerializer,
        responses={201: AcceptedSerializer},
        auth=[],
    )
    def post(self, request):
        body = AcceptanceSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        given = dict(body.validated_data)
        user = accept(given.pop("token"), Acceptance(**given), address=address_of(request))
        roles = user.role_assignments.values_list("role", flat=True)
        answer = {"user_id": user.pk, "email": user.email, "roles": sorted(set(roles))}
        return Response(answer, status=201)
