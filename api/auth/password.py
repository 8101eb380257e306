"""Signing in with a password and out, and another password."""

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from api.core.limits import address_of
from api.core.query import Query
from api.core.views import MemberView, PublicView
from domain.identity.passwords import change_password, request_reset, reset_password
from domain.identity.rules import sign_out
from domain.identity.second_step import SecondStep, finish, sign_in

from .passkeys import CredentialField
from .tokens import DeviceSerializer, SignedInSerializer, device_of, signed_in
from .verification import RecentlyVerified


class PasswordSerializer(serializers.Serializer):
    email = serializers.CharField(max_length=254)
    password = serializers.CharField(max_length=1024, trim_whitespace=False)
    device = DeviceSerializer()


class SecondStepSerializer(serializers.Serializer):
    second_step_required = serializers.BooleanField(help_text="Always true.")
    ceremony = serializers.CharField(help_text="Send it with the answer, within five minutes.")
    options = serializers.JSONField(
        help_text="`publicKey` of the device's call, in the JSON form of WebAuthn level 3."
    )


class PasswordView(PublicView):
    """Sign in with e-mail address and password.

    Where the organisation asks for a passkey as well, the answer is 202 with a question for it.

    The answer is the same for an unknown address, a wrong password and someone who is no member here.
    """

    stores_answers = False
    authentication_classes = []  # An expired token must not keep anyone from signing in again.

    @extend_schema(
        operation_id="signIn",
        parameters=[Query],
        request=PasswordSerializer,
        responses={200: SignedInSerializer, 202: SecondStepSerializer},
        auth=[],
    )
    def post(self, request):
        body = PasswordSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        given = body.validated_data
        result = sign_in(
            email=given["email"],
            password=given["password"],
            organization=self.organization,
            device=device_of(given["device"]),
            address=address_of(request),
        )
        if isinstance(result, SecondStep):
            asked = {"ceremony": result.ceremony, "options": result.options}
            return Response({"second_step_required": True, **asked}, status=202)
        return signed_in(result)


class SecondStepAnswerSerializer(serializers.Serializer):
    ceremony = serializers.CharField(max_length=500)
    credential = CredentialField(required=False)
    code = serializers.CharField(
        max_length=100, required=False, help_text="A recovery code, instead of the passkey; it is used up."
    )
    device = DeviceSerializer()

    def validate(self, data):
        if ("credential" in data) == ("code" in data):
            raise serializers.ValidationError(
                {"credential": [_("Send the answer of a passkey or a recovery code, one of them.")]}
            )
        return data


class SecondStepView(PublicView):
    """Finish signing in: the answer of a passkey, or a recovery code, after the password."""

    stores_answers = False
    authentication_classes = []

    @extend_schema(
        operation_id="finishSignIn",
        parameters=[Query],
        request=SecondStepAnswerSerializer,
        responses={200: SignedInSerializer},
        auth=[],
    )
    def post(self, request):
        body = SecondStepAnswerSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        given = body.validated_data
        return signed_in(
            finish(
                ceremony=given["ceremony"],
                credential=given.get("credential"),
                code=given.get("code", ""),
                organization=self.organization,
                device=device_of(given["device"]),
                address=address_of(request),
            )
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


class NewPasswordSerializer(serializers.Serializer):
    new_password = serializers.CharField(max_length=1024, trim_whitespace=False)


class ChangePasswordView(MemberView):
    """Choose another password; every other session of the person ends, in all organisations.

    Needs a recent proof of who one is (`step-up/`): the old password isn't asked for here.
    """

    stores_answers = False
    permission_classes = [*MemberView.permission_classes, RecentlyVerified]

    @extend_schema(
        operation_id="changePassword",
        parameters=[Query],
        request=NewPasswordSerializer,
        responses={204: OpenApiResponse(description="The password is changed.")},
    )
    def post(self, request):
        body = NewPasswordSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        change_password(request.auth, password=body.validated_data["new_password"])
        return Response(status=204)


class ResetRequestSerializer(serializers.Serializer):
    email = serializers.CharField(max_length=254)


class ResetRequestedSerializer(serializers.Serializer):
    detail = serializers.CharField()


class ResetView(PublicView):
    """Ask for a mail with a link for choosing a new password.

    The answer and the time it takes are the same whether or not somebody here has the address.
    """

    stores_answers = False
    authentication_classes = []

    @extend_schema(
        operation_id="requestPasswordReset",
        parameters=[Query],
        request=ResetRequestSerializer,
        responses={202: ResetRequestedSerializer},
        auth=[],
    )
    def post(self, request):
        body = ResetRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        request_reset(
            email=body.validated_data["email"],
            organization=self.organization,
            address=address_of(request),
        )
        text = _("If an account here has this address, a mail with a link is on its way.")
        return Response({"detail": text}, status=202)


class ResetConfirmSerializer(serializers.Serializer):
    user_id = serializers.UUIDField(help_text="From the link.")
    token = serializers.CharField(max_length=100, help_text="From the link.")
    new_password = serializers.CharField(max_length=1024, trim_whitespace=False)


class ResetConfirmView(PublicView):
    """Choose a password by a link from a mail. Works once; every session of the person ends."""

    stores_answers = False
    authentication_classes = []

    @extend_schema(
        operation_id="confirmPasswordReset",
        parameters=[Query],
        request=ResetConfirmSerializer,
        responses={204: OpenApiResponse(description="The password is set: sign in with it.")},
        auth=[],
    )
    def post(self, request):
        body = ResetConfirmSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        given = body.validated_data
        reset_password(
            user_id=given["user_id"],
            token=given["token"],
            password=given["new_password"],
            organization=self.organization,
        )
        return Response(status=204)
