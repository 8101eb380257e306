"""Passkeys: /api/v1/auth/passkeys/. Options and answers have the JSON form of WebAuthn level 3, so that what
the device's own calls take and give is passed through unchanged."""

from secrets import token_urlsafe
from typing import Any

from django.urls import URLPattern, URLResolver, path
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from api.core.errors import NotFound
from api.core.fields import UtcDateTimeField
from api.core.limits import address_of
from api.core.query import Query
from api.core.views import MemberView, PublicView
from domain.identity import passkeys
from domain.identity.models import PasskeyCredential
from domain.identity.passkey_questions import Asker

from .tokens import DeviceSerializer, SignedInSerializer, device_of, signed_in
from .verification import VerifiedSerializer

CREDENTIAL_HELP = "What the device answered, in the JSON form of WebAuthn level 3 (`toJSON()`)."


class CredentialField(serializers.JSONField):
    """An answer of an authenticator. What it holds is judged by the rules; here only that it is an object."""

    def __init__(self, **kwargs):
        super().__init__(help_text=CREDENTIAL_HELP, **kwargs)

    def to_internal_value(self, data):
        if not isinstance(data, dict):
            raise serializers.ValidationError(_("An object is expected here."), code="invalid")
        return data


class PasskeySerializer(serializers.ModelSerializer):
    """A passkey of the person who is signed in."""

    created_at = UtcDateTimeField(read_only=True)
    last_used_at = UtcDateTimeField(read_only=True, allow_null=True)
    name = serializers.CharField(max_length=passkeys.LONGEST_NAME)

    class Meta:
        model = PasskeyCredential
        fields = ["id", "name", "created_at", "last_used_at", "backup_eligible", "backed_up", "aaguid"]
        read_only_fields = ["backup_eligible", "backed_up", "aaguid"]
        extra_kwargs = {
            "backup_eligible": {"help_text": "Whether it may be synchronised to other devices."},
            "backed_up": {"help_text": "Whether it is, as of its last use."},
            "aaguid": {"help_text": "The model of the authenticator, where it names one."},
        }


class PasskeysSerializer(serializers.Serializer):
    results = PasskeySerializer(many=True)


class OptionsSerializer(serializers.Serializer):
    options = serializers.JSONField(
        help_text="`publicKey` of the device's call, in the JSON form of WebAuthn level 3; for 5 minutes."
    )


class SignInOptionsSerializer(OptionsSerializer):
    ceremony = serializers.CharField(
        help_text="Send it with the answer: it shows that the answer comes from whoever asked."
    )


class RegistrationSerializer(serializers.Serializer):
    credential = CredentialField()
    name = serializers.CharField(
        max_length=passkeys.LONGEST_NAME, required=False, default="", allow_blank=True
    )


class SignInSerializer(serializers.Serializer):
    ceremony = serializers.CharField(max_length=100)
    credential = CredentialField()
    device = DeviceSerializer()


class ConfirmationSerializer(serializers.Serializer):
    credential = CredentialField()


class RenameSerializer(serializers.Serializer):
    name = serializers.CharField(max_length=passkeys.LONGEST_NAME)


class _MemberCeremony(MemberView):
    stores_answers = False

    @property
    def asker(self) -> Asker:
        session: Any = self.request.auth
        return Asker(self.organization, f"session {session.pk}", session, address_of(self.request))


class RegistrationOptionsView(_MemberCeremony):
    """Begin to make a passkey. Needs a fresh verification: 403 `step-up-required` without."""

    @extend_schema(
        operation_id="beginPasskeyRegistration",
        parameters=[Query],
        request=None,
        responses={200: OptionsSerializer},
    )
    def post(self, request):
        return Response({"options": passkeys.registration_options(request.user, asker=self.asker)})


class RegistrationView(_MemberCeremony):
    """Keep the passkey that the device made. The person is told by e-mail."""

    @extend_schema(
        operation_id="registerPasskey",
        parameters=[Query],
        request=RegistrationSerializer,
        responses={201: PasskeySerializer},
    )
    def post(self, request):
        body = RegistrationSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        passkey = passkeys.register(asker=self.asker, by=request.user, **body.validated_data)
        return Response(PasskeySerializer(passkey).data, status=201)


class SignInOptionsView(PublicView):
    """Begin to sign in with a passkey. Nobody is named: the device offers the passkeys it has."""

    stores_answers = False
    authentication_classes = []  # An expired token must not keep anyone from signing in again.

    @extend_schema(
        operation_id="beginPasskeySignIn",
        parameters=[Query],
        request=None,
        responses={200: SignInOptionsSerializer},
        auth=[],
    )
    def post(self, request):
        ceremony = token_urlsafe(32)
        asker = Asker(self.organization, f"ceremony {ceremony}", address=address_of(request))
        return Response({"ceremony": ceremony, "options": passkeys.sign_in_options(asker=asker)})


class SignInView(PublicView):
    """Sign in with a passkey: the same tokens as with a password."""

    stores_answers = False
    authentication_classes = []

    @extend_schema(
        operation_id="signInWithPasskey",
        parameters=[Query],
        request=SignInSerializer,
        responses={200: SignedInSerializer},
        auth=[],
    )
    def post(self, request):
        body = SignInSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        given = body.validated_data
        asker = Asker(self.organization, f"ceremony {given['ceremony']}", address=address_of(request))
        return signed_in(
            passkeys.sign_in_with_passkey(
                credential=given["credential"], device=device_of(given["device"]), asker=asker
            )
        )


class StepUpOptionsView(_MemberCeremony):
    """Begin to confirm with a passkey that it is still you."""

    @extend_schema(
        operation_id="beginPasskeyConfirmation",
        parameters=[Query],
        request=None,
        responses={200: OptionsSerializer},
    )
    def post(self, request):
        return Response({"options": passkeys.step_up_options(request.user, asker=self.asker)})


class StepUpView(_MemberCeremony):
    """Prove by passkey who one is; for a few minutes, sensitive calls of this session are then answered."""

    @extend_schema(
        operation_id="confirmWithPasskey",
        parameters=[Query],
        request=ConfirmationSerializer,
        responses={200: VerifiedSerializer},
    )
    def post(self, request):
        body = ConfirmationSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        passkeys.confirm(asker=self.asker, by=request.user, **body.validated_data)
        return Response({"verified_at": request.auth.verified_at})


class PasskeysView(MemberView):
    """One's own passkeys, newest first."""

    @extend_schema(
        operation_id="listPasskeys", parameters=[Query], responses={200: PasskeysSerializer}, filters=False
    )
    def get(self, request):
        own = PasskeySerializer(passkeys.passkeys_of(request.user), many=True)
        return Response({"results": own.data})


class PasskeyView(_MemberCeremony):
    """One of one's own passkeys."""

    def passkey(self, id):
        owner: Any = self.request.user
        found = passkeys.passkeys_of(owner).filter(pk=id).first()
        if found is None:
            raise NotFound
        return found

    @extend_schema(
        operation_id="readPasskey", parameters=[Query], responses={200: PasskeySerializer}, filters=False
    )
    def get(self, request, id):
        return Response(PasskeySerializer(self.passkey(id)).data)

    @extend_schema(
        operation_id="renamePasskey",
        parameters=[Query],
        request=RenameSerializer,
        responses={200: PasskeySerializer},
    )
    def patch(self, request, id):
        passkey = self.passkey(id)
        body = RenameSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        passkeys.rename(passkey, name=body.validated_data["name"], by=request.user)
        return Response(PasskeySerializer(passkey).data)

    @extend_schema(
        operation_id="removePasskey",
        parameters=[Query],
        request=None,
        responses={204: OpenApiResponse(description="It opens nothing any more.")},
        description="Remove a passkey. Needs a fresh verification; the only way to sign in can't be removed. "
        "The person is told by e-mail.",
    )
    def delete(self, request, id):
        passkey = self.passkey(id)
        passkeys.remove(passkey, asker=self.asker, by=request.user)
        return Response(status=204)


urlpatterns: list[URLPattern | URLResolver] = [
    path("passkeys/", PasskeysView.as_view()),
    path("passkeys/<uuid:id>/", PasskeyView.as_view()),
    path("passkeys/registration/options/", RegistrationOptionsView.as_view()),
    path("passkeys/registration/verify/", RegistrationView.as_view()),
    path("passkeys/authentication/options/", SignInOptionsView.as_view()),
    path("passkeys/authentication/verify/", SignInView.as_view()),
    path("step-up/passkey/options/", StepUpOptionsView.as_view()),
    path("step-up/passkey/verify/", StepUpView.as_view()),
]
