"""One person, several organisations."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from api.core.errors import NotFound
from api.core.limits import address_of
from api.core.query import Query
from api.core.views import MemberView
from domain.audit.context import network_of
from domain.identity.choices import MembershipStatus
from domain.identity.elsewhere import memberships_of
from domain.identity.switching import UnknownMembershipError, can_enter, host_of, switch

from .tokens import TokensSerializer, token_members


class MemberOrganizationSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField()
    short_name = serializers.CharField()
    slug = serializers.CharField()
    brand_color = serializers.CharField()
    host = serializers.SerializerMethodField(help_text="Where its API answers.")

    def get_host(self, organization) -> str:
        return host_of(organization)


class OwnMembershipSerializer(serializers.Serializer):
    organization = MemberOrganizationSerializer()
    status = serializers.ChoiceField(choices=MembershipStatus.choices)
    title = serializers.CharField(source="display_title")
    roles = serializers.ListField(
        child=serializers.CharField(), source="roles_summary", help_text="For display; rights are in `me/`."
    )
    reach = serializers.CharField(
        source="reach_summary", help_text="The local associations the roles hold for; empty: all."
    )
    can_switch = serializers.SerializerMethodField()
    is_current = serializers.SerializerMethodField(help_text="Whether it is the organisation asked.")

    def get_can_switch(self, membership) -> bool:
        return can_enter(membership)

    def get_is_current(self, membership) -> bool:
        return membership.organization_id == self.context["current"]


class OwnMembershipListSerializer(serializers.Serializer):
    results = OwnMembershipSerializer(many=True)


class OwnMembershipsView(MemberView):
    """The organisations the person belongs to, by name."""

    @extend_schema(
        operation_id="listOwnMemberships", parameters=[Query], responses=OwnMembershipListSerializer
    )
    def get(self, request):
        found = memberships_of(request.auth)
        context = {"current": request.auth.organization_id}
        return Response({"results": OwnMembershipSerializer(found, many=True, context=context).data})


class SwitchSerializer(serializers.Serializer):
    organization = serializers.UUIDField(help_text="Its id, from `memberships/`.")


class SwitchedSerializer(TokensSerializer):
    host = serializers.CharField(help_text="The tokens are valid there, and nowhere else.")


class SwitchView(MemberView):
    """A new session of this device for another of the person's organisations. This session goes on."""

    stores_answers = False

    @extend_schema(
        operation_id="switchOrganization",
        parameters=[Query],
        request=SwitchSerializer,
        responses={200: SwitchedSerializer},
    )
    def post(self, request):
        body = SwitchSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        try:
            switched = switch(
                request.auth,
                organization_id=body.validated_data["organization"],
                network=network_of(address_of(request)),
            )
        except UnknownMembershipError as error:
            raise NotFound from error
        return Response({**token_members(switched.tokens), "host": switched.host})
