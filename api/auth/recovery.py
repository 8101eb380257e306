"""Codes on paper."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from api.core.limits import address_of
from api.core.query import Query
from api.core.views import MemberView, PublicView
from domain.identity.recovery import codes_left, make_recovery_codes, sign_in_with_code

from .tokens import DeviceSerializer, SignedInSerializer, device_of, signed_in
from .verification import RecentlyVerified


class CodesLeftSerializer(serializers.Serializer):
    left = serializers.IntegerField(help_text="How many codes can still be used.")
    made_at = serializers.DateTimeField(allow_null=True, help_text="Null: there are none.")


class CodesSerializer(serializers.Serializer):
    codes = serializers.ListField(child=serializers.CharField(), help_text="Shown this once.")


class RecoveryCodesView(MemberView):
    """How many recovery codes there are; and ten new ones, which make those of before worthless."""

    stores_answers = False

    def get_permissions(self):
        needs_proof = [RecentlyVerified()] if self.request.method == "POST" else []
        return [*super().get_permissions(), *needs_proof]

    @extend_schema(operation_id="getRecoveryCodes", parameters=[Query], responses=CodesLeftSerializer)
    def get(self, request):
        left, made_at = codes_left(request.user)
        return Response(CodesLeftSerializer({"left": left, "made_at": made_at}).data)

    @extend_schema(
        operation_id="makeRecoveryCodes", parameters=[Query], request=None, responses={201: CodesSerializer}
    )
    def post(self, request):
        return Response({"codes": make_recovery_codes(request.auth)}, status=201)


class CodeSerializer(serializers.Serializer):
    email = serializers.CharField(max_length=254)
    code = serializers.CharField(max_length=100, help_text="Capitals, spaces and hyphens don't matter.")
    device = DeviceSerializer()


class RecoveryCodeView(PublicView):
    """Sign in with e-mail address and a recovery code, which is used up. Refusals are as with a password."""

    stores_answers = False
    authentication_classes = []

    @extend_schema(
        operation_id="signInWithRecoveryCode",
        parameters=[Query],
        request=CodeSerializer,
        responses={200: SignedInSerializer},
        auth=[],
    )
    def post(self, request):
        body = CodeSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        given = body.validated_data
        return signed_in(
            sign_in_with_code(
                email=given["email"],
                code=given["code"],
                organization=self.organization,
                device=device_of(given["device"]),
                address=address_of(request),
            )
        )
