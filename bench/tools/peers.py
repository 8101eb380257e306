"""The same rows the usual ways, inside our own stack: organisation, session, scope and middleware alike.

* `/peers/drf/`: a DRF ModelViewSet with the same authentication and scope.
* `/peers/recorded/`: the same, and what it showed goes on the record, by the rules for instances.
* `/peers/json/`: a view with the same authentication that returns what json_agg makes.
"""

from django.http import HttpResponse
from django.urls import include, path
from rest_framework import routers, serializers, viewsets
from rest_framework.pagination import CursorPagination
from rest_framework.permissions import IsAuthenticated
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.views import APIView

from bench.tools.columns import FIELDS
from cms.urls import urlpatterns as ours
from domain.associations.models import LocalAssociationMembership
from domain.audit.reading import RecordsReads
from tenants.db import connection


class MembershipSerializer(serializers.ModelSerializer):
    class Meta:
        model = LocalAssociationMembership
        fields = FIELDS


class Pages(CursorPagination):
    page_size = 25
    ordering = "id"


class MembershipViewSet(viewsets.ModelViewSet):
    serializer_class = MembershipSerializer
    permission_classes = [IsAuthenticated]
    renderer_classes = [JSONRenderer]
    pagination_class = Pages

    def get_queryset(self):
        return LocalAssociationMembership.objects.visible_to(self.request._request.caller_scope)


class RecordedViewSet(RecordsReads, MembershipViewSet):
    def list(self, request, *args, **kwargs):
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        answer = self.get_paginated_response(self.get_serializer(page, many=True).data)
        self.note_list(page)
        return answer

    def retrieve(self, request, *args, **kwargs):
        row = self.get_object()
        answer = Response(self.get_serializer(row).data)
        self.note_read(row)
        return answer


ROWS = """
SELECT coalesce(json_agg(r), '[]')::text FROM (
    SELECT id, created_at, updated_at, version, user_id AS "user", association_id AS association, is_primary,
           valid_from, valid_to
    FROM associations_localassociationmembership ORDER BY id LIMIT 25) AS r
"""
ROW = """
SELECT row_to_json(r)::text FROM (
    SELECT id, created_at, updated_at, version, user_id AS "user", association_id AS association, is_primary,
           valid_from, valid_to
    FROM associations_localassociationmembership WHERE id = %s) AS r
"""


class JsonView(APIView):
    permission_classes = [IsAuthenticated]

    def get(self, request, id=None):
        with connection.cursor() as cursor:
            if id is None:
                cursor.execute(ROWS)
            else:
                cursor.execute(ROW, [id])
            return HttpResponse(cursor.fetchone()[0], content_type="application/json")


router = routers.SimpleRouter()
router.register("drf", MembershipViewSet, basename="peer")
router.register("recorded", RecordedViewSet, basename="recorded-peer")
urlpatterns = [
    path("peers/json/", JsonView.as_view()),
    path("peers/json/<uuid:id>/", JsonView.as_view()),
    path("peers/", include(router.urls)),
    *ours,
]
