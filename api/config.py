"""What the organisation decides about itself: /organization/, /organization-settings/, /feature-areas/."""

from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from rest_framework import serializers

from api.core.entities import EntityViewSet
from api.core.routes import addresses
from api.core.serializers import BASE_FIELDS, EntitySerializer
from api.core.synced import Synced
from api.me import logo_url
from domain.config.branding import change_branding
from domain.config.models import FeatureArea, OrganizationSettings
from domain.config.rules import CHANGE_SETTINGS, change_settings, set_area
from tenants.db import connection
from tenants.models import Organization


class FeatureAreaSerializer(EntitySerializer):
    class Meta:
        model = FeatureArea
        fields = [*BASE_FIELDS, "area", "enabled", "enabled_at", "options"]
        read_only_fields = ["area", "enabled_at", "options"]


class FeatureAreaFilters(filters.FilterSet):
    class Meta:
        model = FeatureArea
        fields = ["area", "enabled"]


def _switch(row: FeatureArea, *, changes: dict[str, Any], by: Any, version: int | None) -> FeatureArea:
    if "enabled" not in changes:
        return row
    return set_area(area=row.area, enabled=changes["enabled"], by=by, version=version)


class FeatureAreaViewSet(EntityViewSet):
    """Parts of Meander that the organisation uses. One that is off is gone from API, menu and sync."""

    path, noun, tag = "feature-areas", "FeatureArea", "Organisation"
    synced = Synced()
    queryset = FeatureArea.objects.all()
    serializer_class = FeatureAreaSerializer
    filterset_class = FeatureAreaFilters
    ordering_fields = ("area", "updated_at")
    verbs = ("list", "retrieve", "update")
    update_rule = staticmethod(_switch)


class OrganizationSettingsSerializer(EntitySerializer):
    class Meta:
        model = OrganizationSettings
        fields = [
            *BASE_FIELDS,
            *("locales", "quiet_hours_start", "quiet_hours_end", "escalation_days", "auto_pause"),
            *("expense_limit_nok", "receipt_threshold_nok", "km_rates_source"),
            *("retention_closed_contacts_months", "retention_notes_months", "retention_assignments_days"),
            *("support_access_policy", "max_local_associations", "second_step", "default_terminology"),
        ]


class OrganizationSettingsViewSet(EntityViewSet):
    """The organisation's settings; whoever may read them may read them all."""

    path, noun, tag = "organization-settings", "OrganizationSettings", "Organisation"
    single = True
    synced = Synced()
    queryset = OrganizationSettings.objects.all()
    serializer_class = OrganizationSettingsSerializer
    verbs = ("retrieve", "update")
    update_rule = staticmethod(lambda row, **given: change_settings(**given))


class OwnOrganizationSerializer(EntitySerializer):
    logo_url = serializers.SerializerMethodField()

    class Meta:
        model = Organization
        fields = [
            *("id", "created_at", "updated_at", "name", "short_name", "slug", "organization_number"),
            *("contact_email", "default_language", "time_zone", "brand_color", "logo_url", "is_listed"),
        ]
        read_only_fields = ["slug", "organization_number", "time_zone"]

    def get_logo_url(self, organization) -> str | None:
        return logo_url(organization, self.context["build_url"])


class OwnOrganizationViewSet(EntityViewSet):
    """The organisation itself: every member reads it, its administrators change how it presents itself."""

    path, noun, tag = "organization", "Organization", "Organisation"
    single = True
    queryset = Organization.objects.all()
    serializer_class = OwnOrganizationSerializer
    compiled = False  # The logo's address begins with the host that was asked.
    verbs = ("retrieve", "update")
    permissions = {"update": CHANGE_SETTINGS}
    update_rule = staticmethod(lambda row, *, changes, by, version: change_branding(changes=changes, by=by))

    def get_queryset(self) -> QuerySet:
        own = Organization.objects.filter(schema_name=connection.schema_name)
        return own if self.scope.is_member else own.none()


urlpatterns = [
    *addresses(OwnOrganizationViewSet),
    *addresses(OrganizationSettingsViewSet),
    *addresses(FeatureAreaViewSet),
]
