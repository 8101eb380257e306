"""Signing in and out: /api/v1/auth/."""

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from api.core.limits import address_of
from api.core.query import Query
from api.core.views import MemberView, PublicView
from domain.identity.rules import Device, sign_in, sign_out


class DeviceSerializer(serializers.Serializer):
    name = serializers.CharField(max_length=100, help_text="As its owner knows it: “Karims iPhone”.")
    platform = serializers.CharField(max_length=20, help_text="ios, android, web, …")
    app_version = serializers.CharField(max_length=20)


class PasswordSerializer(serializers.Serializer):
    email = serializers.CharField(max_length=254)
    password = serializers.CharField(max_length=1024, trim_whitespace=False)
    device = DeviceSerializer()


class TokensSerializer(serializers.Serializer):
    access_token = serializers.CharField(help_text="Send it as `Authorization: Bearer …`.")
    token_type = serializers.CharField(help_text="Always Bearer.")
    expires_in = serializers.IntegerField(help_text="Life of the access token in seconds.")
    refresh_token = serializers.CharField(help_text="Keep it safe: it stands for the password.")
    session_id = serializers.UUIDField()


class PasswordView(PublicView):
    """Sign in with e-mail address and password.

    The answer is the same for an unknown address, a wrong password and someone who is no member here.
    """

    stores_answers = False
    authentication_classes = []  # An expired token must not keep anyone from signing in again.

    @extend_schema(
        operation_id="signIn",
        parameters=[Query],
        request=PasswordSerializer,
        responses={200: TokensSerializer},
        auth=[],
    )
    def post(self, request):
        body = PasswordSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        given = body.validated_data
        tokens = sign_in(
            email=given["email"],
            password=given["password"],
            organization=self.organization,
            device=Device(**given["device"]),
            address=address_of(request),
        )
        return Response(
            {
                "access_token": tokens.access_token,
                "token_type": "Bearer",
                "expires_in": tokens.expires_in,
                "refresh_token": tokens.refresh_token,
                "session_id": tokens.session.pk,
            }
        )


class LogoutView(MemberView):
    """End this session; its tokens are refused from the next request on."""

    stores_answers = False

    @extend_schema(
        operation_id="signOut",
        parameters=[Query],
        request=None,
        responses={204: OpenApiResponse(description="The session has ended.")},
    )
    def post(self, request):
        sign_out(request.auth, by=request.user)
        return Response(status=204)
