"""Who the caller is here: /api/v1/me/."""

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from api.core.query import Query
from api.core.views import MemberView
from domain.access.choices import Role
from domain.config.queries import enabled_areas
from domain.config.terminology import terminology_etag


class UserSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    email = serializers.EmailField(allow_null=True)
    phone = serializers.CharField()
    first_name = serializers.CharField()
    last_name = serializers.CharField()
    language = serializers.CharField(help_text="nb, nn or en; empty: the organisation's.")


class OrganizationSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField()
    short_name = serializers.CharField()
    slug = serializers.CharField()
    default_language = serializers.CharField()
    time_zone = serializers.CharField()
    brand_color = serializers.CharField()
    logo_url = serializers.SerializerMethodField()

    def get_logo_url(self, organization) -> str | None:
        return logo_url(organization, self.context["build_url"])


class HeldRoleSerializer(serializers.Serializer):
    role = serializers.CharField(help_text="Stable key: peer_mentor, coordinator, org_admin, …")
    name = serializers.CharField(help_text="In the caller's language.")
    scope = serializers.CharField(help_text="`organization`: the whole of it.")


class MeSerializer(serializers.Serializer):
    user = UserSerializer()
    organization = OrganizationSerializer()
    session_id = serializers.UUIDField()
    roles = HeldRoleSerializer(many=True)
    permissions = serializers.ListField(child=serializers.CharField())
    enabled_areas = serializers.ListField(child=serializers.CharField())
    terminology_etag = serializers.CharField(help_text="Changes when a word of `terminology` does.")


def logo_url(organization, build_url) -> str | None:
    """Address of the logo, which the organisation's own host serves."""
    return build_url(reverse("branding_logo", args=[organization.logo.name])) if organization.logo else None


class MeView(MemberView):
    """The person signed in, their roles and permissions in this organisation, and what it uses."""

    @extend_schema(operation_id="getMe", parameters=[Query], responses=MeSerializer)
    def get(self, request):
        roles = [
            {"role": role.value, "name": str(role.label), "scope": "organization"}
            for role in Role
            if role.value in self.scope.roles
        ]
        context = {"build_url": request.build_absolute_uri}
        return Response(
            {
                "user": UserSerializer(request.user).data,
                "organization": OrganizationSerializer(self.organization, context=context).data,
                "session_id": request.auth.pk,
                "roles": roles,
                "permissions": sorted(self.scope.permissions),
                "enabled_areas": sorted(enabled_areas()),
                "terminology_etag": terminology_etag(),
            }
        )
