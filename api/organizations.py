"""The app's organisation picker: /api/v1/organizations/, on the platform's host only."""

from django.db.models import OuterRef, Subquery
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from api.core.errors import NotFound
from api.core.pagination import page_url, paginate
from api.core.query import ListQuery, sparse
from api.core.schema import page_of
from api.core.views import PublicView
from api.me import logo_url
from tenants.choices import OrganizationKind, OrganizationStatus
from tenants.models import Domain, Organization


class OrganizationQuery(ListQuery):
    search = serializers.CharField(required=False, max_length=200, help_text="Part of the name.")


class ListedOrganizationSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField()
    short_name = serializers.CharField()
    host = serializers.SerializerMethodField(help_text="Where its API answers; with the port, if unusual.")
    logo_url = serializers.SerializerMethodField()

    def get_host(self, organization) -> str:
        return f"{organization.host}{self.context['port']}"

    def get_logo_url(self, organization) -> str | None:
        origin = f"{self.context['scheme']}://{self.get_host(organization)}"
        return logo_url(organization, lambda path: origin + path)


class OrganizationListView(PublicView):
    """Organisations that agreed to be listed, by name."""

    authentication_classes = []
    query_class = OrganizationQuery
    cache_control = "public, max-age=0, must-revalidate"

    @extend_schema(
        operation_id="listOrganizations",
        parameters=[OrganizationQuery],
        responses=page_of(ListedOrganizationSerializer),
        auth=[],
    )
    def get(self, request):
        if not self.organization.is_platform:
            raise NotFound
        host = Domain.objects.filter(tenant=OuterRef("pk"), is_primary=True).values("domain")
        organizations = Organization.objects.filter(
            kind=OrganizationKind.ORGANIZATION, status=OrganizationStatus.ACTIVE, is_listed=True
        ).annotate(host=Subquery(host))
        for word in self.query.get("search", "").split():
            organizations = organizations.filter(name__icontains=word)
        page = paginate(
            organizations,
            ordering=("name", "id"),
            page_size=self.query["page_size"],
            cursor=self.query.get("cursor"),
        )
        _name, colon, port = request.get_host().partition(":")
        context = {"scheme": request.scheme, "port": colon + port}
        rows = ListedOrganizationSerializer(page.items, many=True, context=context).data
        known = set(ListedOrganizationSerializer().fields)
        names = self.query.get("fields")
        sparse({}, names, known)
        body = {
            "results": [sparse(row, names, known) for row in rows],
            "next": page_url(request, page.next),
            "previous": page_url(request, page.previous),
        }
        if "count" in self.query:
            body["count"] = organizations.count()
        return Response(body)
