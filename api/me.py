"""Who the caller is here, and what they say of themselves: /api/v1/me/."""

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from api.core.conditional import etag_of, names_version
from api.core.errors import Problem
from api.core.fields import UtcDateTimeField
from api.core.query import Query
from api.core.schema import IF_MATCH
from api.core.serializers import refuse_members
from api.core.views import MemberView
from domain.access.models import RoleAssignment
from domain.config.queries import enabled_areas
from domain.config.terminology import terminology_etag
from domain.core.errors import StaleVersion
from domain.identity.choices import SupportAccess
from domain.identity.profile import change_profile
from tenants.models import LANGUAGE_CODES


class OwnUserSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    version = serializers.IntegerField()
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


class RolePlaceSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField()
    path = serializers.CharField(help_text="It includes what lies below: everything whose path begins so.")


class HeldRoleSerializer(serializers.Serializer):
    """A role that holds today. `role-assignments/` has those to come as well."""

    role = serializers.CharField(help_text="Stable key: peer_mentor, coordinator, org_admin, …")
    name = serializers.CharField(source="get_role_display", help_text="In the caller's language.")
    scope = serializers.SerializerMethodField(
        help_text="`organization`: the whole of it; `local_association`: that one and those below it."
    )
    local_association = RolePlaceSerializer(allow_null=True)
    is_deputy = serializers.BooleanField()
    valid_from = serializers.DateField()
    valid_to = serializers.DateField(allow_null=True)

    def get_scope(self, assignment) -> str:
        return "organization" if assignment.local_association_id is None else "local_association"


class OwnSupportSerializer(serializers.Serializer):
    """What the organisation lets the platform's support do here."""

    areas = serializers.ListField(child=serializers.CharField())
    access = serializers.ChoiceField(choices=SupportAccess.choices)
    ends_at = UtcDateTimeField()


class MeSerializer(serializers.Serializer):
    user = OwnUserSerializer()
    organization = OrganizationSerializer()
    session_id = serializers.UUIDField()
    roles = HeldRoleSerializer(many=True)
    permissions = serializers.ListField(child=serializers.CharField())
    support = OwnSupportSerializer(allow_null=True, help_text="null for members.")
    enabled_areas = serializers.ListField(child=serializers.CharField())
    terminology_etag = serializers.CharField(help_text="Changes when a word of `terminology` does.")


class ProfileSerializer(serializers.Serializer):
    """One's own profile; what is left out stays."""

    first_name = serializers.CharField(max_length=100, required=False)
    last_name = serializers.CharField(max_length=100, required=False)
    phone = serializers.CharField(
        max_length=40,
        required=False,
        allow_blank=True,
        help_text="As people write it; kept as E.164. Without a country it is Norwegian.",
    )
    language = serializers.ChoiceField(
        choices=LANGUAGE_CODES,
        required=False,
        allow_blank=True,
        help_text="nb, nn or en; empty: the organisation's.",
    )


def logo_url(organization, build_url) -> str | None:
    """Address of the logo, which the organisation's own host serves."""
    return build_url(reverse("branding_logo", args=[organization.logo.name])) if organization.logo else None


class MeView(MemberView):
    """The person signed in, their roles and permissions in this organisation, and what it uses.

    `PATCH` changes what the person says of themselves, in every organisation they belong to. E-mail address,
    password and passkeys have calls of their own below `auth/`.
    """

    @extend_schema(operation_id="getMe", parameters=[Query], responses=MeSerializer)
    def get(self, request):
        return Response(self.shown())

    @extend_schema(
        operation_id="updateMe",
        parameters=[
            Query,
            OpenApiParameter("If-Match", str, "header", description=str(IF_MATCH["description"])),
        ],
        request=ProfileSerializer,
        responses={200: MeSerializer},
    )
    def patch(self, request):
        body = ProfileSerializer(data=request.data, partial=True)
        if isinstance(request.data, dict):
            refuse_members(body, request.data)
        body.is_valid(raise_exception=True)
        header, person = request.headers.get("If-Match", "*").strip(), request.user
        try:
            if header != "*" and not names_version(header, person.version):
                raise StaleVersion(_("Someone else has changed this since you read it."))
            version = None if header == "*" else person.version
            change_profile(person, changes=body.validated_data, by=person, version=version)
        except StaleVersion as error:
            person.refresh_from_db(fields=["version"])
            raise Problem(
                error.code,
                str(error.message),
                status_code=412,
                headers={"ETag": f'"{person.version}"'},
            ) from error
        response = self.finalize_response(request, Response(self.shown()))
        return self.tagged(response)

    def conditional(self, request, response):
        return super().conditional(request, self.tagged(response))

    def tagged(self, response) -> HttpResponse:
        """With an entity tag that begins with the version of the person, as an entity's does."""
        response.render()
        person: Any = self.request.user
        digest = etag_of(response.content).strip('"')
        response["ETag"] = f'"{person.version}-{digest}"'
        return response

    def shown(self) -> dict:
        context, scope = {"build_url": self.request.build_absolute_uri}, self.scope
        held = RoleAssignment.objects.visible_to(scope).filter(user=scope.user_id).holding()
        roles = held.select_related("local_association").order_by("role", "local_association__path", "pk")
        return {
            "user": OwnUserSerializer(self.request.user).data,
            "organization": OrganizationSerializer(self.organization, context=context).data,
            "session_id": self.request.auth.pk,
            "roles": HeldRoleSerializer(roles, many=True).data,
            "permissions": sorted(scope.permissions),
            "support": OwnSupportSerializer(scope.support).data if scope.support else None,
            "enabled_areas": sorted(enabled_areas()),
            "terminology_etag": terminology_etag(),
        }
