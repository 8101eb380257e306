"""Accepting an invitation in the app."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from api.core.errors import NotFound
from api.core.limits import address_of
from api.core.query import Query
from api.core.views import MemberView, PublicView
from domain.access.accepting import accept_signed_in, accept_with_passkey, passkey_options
from domain.access.choices import Role
from domain.access.invitations import Acceptance, accept
from tenants.models import Organization

from .passkeys import CredentialField, OptionsSerializer


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
        return accepted(user)


def accepted(user):
    """What a new member learns, in the organisation they have joined."""
    roles = user.role_assignments.values_list("role", flat=True)
    answer = {"user_id": user.pk, "email": user.email, "roles": sorted(set(roles))}
    return Response(answer, status=201)


class InvitationLinkSerializer(serializers.Serializer):
    token = serializers.CharField(max_length=200, help_text="Of the link: `/invitation/<token>/`.")


class PasskeyAcceptanceSerializer(InvitationLinkSerializer):
    credential = CredentialField()


class InvitationPasskeyOptionsView(PublicView):
    """Begin to accept an invitation with the passkey of an account one has. Nobody is named."""

    stores_answers = False
    authentication_classes = []

    @extend_schema(
        operation_id="beginInvitationByPasskey",
        parameters=[Query],
        request=InvitationLinkSerializer,
        responses={200: OptionsSerializer},
        auth=[],
    )
    def post(self, request):
        body = InvitationLinkSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        options = passkey_options(
            body.validated_data["token"], organization=self.organization, address=address_of(request)
        )
        return Response({"options": options})


class InvitationPasskeyView(PublicView):
    """Become a member with an account one has, by its passkey. Its address must be the invited one."""

    stores_answers = False
    authentication_classes = []

    @extend_schema(
        operation_id="acceptInvitationByPasskey",
        parameters=[Query],
        request=PasskeyAcceptanceSerializer,
        responses={201: AcceptedSerializer},
        auth=[],
    )
    def post(self, request):
        body = PasskeyAcceptanceSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        user = accept_with_passkey(
            **body.validated_data, organization=self.organization, address=address_of(request)
        )
        return accepted(user)


class JoinSerializer(InvitationLinkSerializer):
    host = serializers.CharField(max_length=253, help_text="Of the link, without scheme and port.")


class JoinedSerializer(serializers.Serializer):
    organization = serializers.UUIDField(help_text="What `switch/` takes.")


class JoinView(MemberView):
    """Accept an invitation of another organisation while signed in to this one; then `switch/` goes there.

    The invitation must be to the address of one's account. Where it can't be used any more: 409.
    """

    stores_answers = False

    @extend_schema(
        operation_id="joinOrganization",
        parameters=[Query],
        request=JoinSerializer,
        responses={201: JoinedSerializer},
    )
    def post(self, request):
        body = JoinSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        host = body.validated_data["host"].strip().lower()
        organization = Organization.objects.filter(domains__domain=host).first()
        if organization is None:
            raise NotFound
        token = body.validated_data["token"]
        accept_signed_in(request.auth, token, organization=organization, address=address_of(request))
        return Response({"organization": organization.pk}, status=201)
