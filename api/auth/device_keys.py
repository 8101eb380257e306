"""Public keys of the phone."""

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from api.core.errors import NotFound
from api.core.query import Query
from api.core.views import MemberView
from domain.identity.device_keys import KEY_BYTES, own_keys, register_key, revoke_key
from domain.identity.models import DeviceKey

from .refresh import Base64Field
from .verification import RecentlyVerified


class DeviceKeySerializer(serializers.Serializer):
    id = serializers.UUIDField(read_only=True)
    purpose = serializers.ChoiceField(
        choices=DeviceKey.Purpose.choices,
        help_text="proof: Ed25519, proves the device at `refresh/`; seal: X25519, content is sealed to it.",
    )
    public_key = Base64Field(size=KEY_BYTES, help_text="32 bytes, base64url.")
    signature = Base64Field(
        size=64,
        required=False,
        write_only=True,
        help_text="Of a proof key: Ed25519 by it over the three lines `meander device key v1`, the id of the "
        "session and the public key in hexadecimal, separated by line feeds.",
    )
    session_id = serializers.UUIDField(read_only=True)
    device_name = serializers.CharField(source="session.device_name", read_only=True)
    created_at = serializers.DateTimeField(read_only=True)


class DeviceKeyListSerializer(serializers.Serializer):
    results = DeviceKeySerializer(many=True)


class DeviceKeysView(MemberView):
    """The person's keys, and one more of this session; it takes the place of the one of the same purpose."""

    stores_answers = False

    def get_permissions(self):
        needs_proof = [RecentlyVerified()] if self.request.method == "POST" else []
        return [*super().get_permissions(), *needs_proof]

    @extend_schema(operation_id="listDeviceKeys", parameters=[Query], responses=DeviceKeyListSerializer)
    def get(self, request):
        return Response({"results": DeviceKeySerializer(own_keys(request.user), many=True).data})

    @extend_schema(
        operation_id="registerDeviceKey",
        parameters=[Query],
        request=DeviceKeySerializer,
        responses={201: DeviceKeySerializer},
    )
    def post(self, request):
        body = DeviceKeySerializer(data=request.data)
        body.is_valid(raise_exception=True)
        key = register_key(request.auth, **body.validated_data)
        return Response(DeviceKeySerializer(key).data, status=201)


class DeviceKeyView(MemberView):
    """Trust one of one's keys no more."""

    @extend_schema(
        operation_id="revokeDeviceKey",
        parameters=[Query],
        responses={204: OpenApiResponse(description="The key is revoked.")},
    )
    def delete(self, request, id):
        key = own_keys(request.user).filter(pk=id).first()
        if key is None:
            raise NotFound
        revoke_key(key, by=request.user)
        return Response(status=204)
