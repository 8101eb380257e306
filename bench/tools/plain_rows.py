"""A DRF ModelViewSet over our rows in a Django site of its own: no organisations, no sign-in, no scope."""

from bench.tools import plain  # isort: split

from django.db import models
from django.urls import include, path
from rest_framework import routers, serializers, viewsets
from rest_framework.pagination import CursorPagination

from bench.tools.columns import FIELDS

application = plain.application


class Membership(models.Model):
    id = models.UUIDField(primary_key=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    version = models.PositiveIntegerField()
    user = models.UUIDField(db_column="user_id")
    association = models.UUIDField(db_column="association_id")
    is_primary = models.BooleanField()
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)

    class Meta:
        app_label = "plain"
        managed = False
        db_table = "associations_localassociationmembership"

    def __str__(self):
        return str(self.id)


class MembershipSerializer(serializers.ModelSerializer):
    class Meta:
        model = Membership
        fields = FIELDS


class Pages(CursorPagination):
    page_size = 25
    ordering = "id"


class MembershipViewSet(viewsets.ModelViewSet):
    queryset = Membership.objects.all()
    serializer_class = MembershipSerializer
    pagination_class = Pages


router = routers.SimpleRouter()
router.register("rows", MembershipViewSet)
plain.urlpatterns.append(path("", include(router.urls)))
