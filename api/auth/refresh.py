"""The next pair of tokens."""

import base64
import binascii

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from api.core.query import Query
from api.core.views import PublicView
from domain.identity.refresh import Proof, refresh

from .tokens import TokensSerializer, token_members


class Base64Field(serializers.CharField):
    """Bytes in base64url, with or without padding. `size` is how many there must be."""

    def __init__(self, *, size: int, **kwargs):
        self.size = size
        super().__init__(max_length=2 * size, **kwargs)

    def to_internal_value(self, data):
        text = super().to_internal_value(data)
        try:
            value = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            value = b""
        if len(value) != self.size:
            self.fail("invalid")
        return value

    def to_representation(self, value):
        return base64.urlsafe_b64encode(bytes(value)).rstrip(b"=").decode()


class ProofSerializer(serializers.Serializer):
    timestamp = serializers.IntegerField(
        min_value=0, max_value=2**40, help_text="Now, in seconds since 1970."
    )
    signature = Base64Field(
        size=64,
        help_text="Ed25519, base64url, by the session's proof key over the three lines `meander refresh v1`, "
        "the SHA-256 of the refresh token in hexadecimal, and the timestamp, separated by line feeds.",
    )


class RefreshSerializer(serializers.Serializer):
    refresh_token = serializers.CharField(max_length=200)
    proof = ProofSerializer(
        required=False,
        help_text="Lets a device that missed an earlier answer have it again for 30 days, not 60 seconds.",
    )


class RefreshView(PublicView):
    """Exchange the refresh token for a new pair. Each is used once.

    If the answer is lost, send the same token again: until the new one is used, the same pair comes back, for
    60 seconds, or with `proof` for 30 days. An older token ends the session, and its owner is told.
    """

    stores_answers = False
    authentication_classes = []  # The access token has usually expired.

    @extend_schema(
        operation_id="refreshTokens",
        parameters=[Query],
        request=RefreshSerializer,
        responses={200: TokensSerializer},
        auth=[],
    )
    def post(self, request):
        body = RefreshSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        given = body.validated_data
        proof = Proof(**given["proof"]) if "proof" in given else None
        return Response(token_members(refresh(given["refresh_token"], proof=proof)))
