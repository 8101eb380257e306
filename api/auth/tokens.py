"""What an app sends about its device, and what it gets."""

from rest_framework import serializers
from rest_framework.response import Response

from domain.identity.devices import Device
from domain.identity.sessions import Tokens


class DeviceSerializer(serializers.Serializer):
    name = serializers.CharField(max_length=100, help_text="As its owner knows it: “Karims iPhone”.")
    platform = serializers.CharField(max_length=20, help_text="ios, android, web, …")
    app_version = serializers.CharField(max_length=20)
    device_secret = serializers.CharField(
        required=False,
        max_length=100,
        help_text="What the device was given at an earlier sign-in: others' guesses then don't lock it out.",
    )


class TokensSerializer(serializers.Serializer):
    access_token = serializers.CharField(help_text="Send it as `Authorization: Bearer …`.")
    token_type = serializers.CharField(help_text="Always Bearer.")
    expires_in = serializers.IntegerField(help_text="Life of the access token in seconds.")
    refresh_token = serializers.CharField(help_text="Keep it safe: it stands for the password.")
    session_id = serializers.UUIDField()


class SignedInSerializer(TokensSerializer):
    device_secret = serializers.CharField(
        allow_null=True,
        help_text="For a device that wasn't known: keep it, and send it with the next sign-in. "
        "Null: go on using the one there is.",
    )


def device_of(given: dict) -> Device:
    """The device as a validated `DeviceSerializer` has it."""
    return Device(
        name=given["name"],
        platform=given["platform"],
        app_version=given["app_version"],
        secret=given.get("device_secret", ""),
    )


def token_members(tokens: Tokens) -> dict:
    """The members of `TokensSerializer`."""
    return {
        "access_token": tokens.access_token,
        "token_type": "Bearer",
        "expires_in": tokens.expires_in,
        "refresh_token": tokens.refresh_token,
        "session_id": tokens.session.pk,
    }


def signed_in(tokens: Tokens) -> Response:
    """The answer to a sign-in."""
    return Response({**token_members(tokens), "device_secret": tokens.device_secret or None})
