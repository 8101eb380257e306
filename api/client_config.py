"""What an app asks before anything else: /api/v1/client-config/."""

from datetime import UTC, datetime

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from api.core.fields import UtcDateTimeField
from api.core.query import Query
from api.core.views import PublicView


class MaintenanceSerializer(serializers.Serializer):
    starts_at = UtcDateTimeField()
    ends_at = UtcDateTimeField()


class SchemaVersionsSerializer(serializers.Serializer):
    current = serializers.IntegerField()
    oldest_supported = serializers.IntegerField()


class ClientConfigSerializer(serializers.Serializer):
    minimum_app_versions = serializers.DictField(
        child=serializers.CharField(), help_text="Oldest version that still works, by platform."
    )
    maintenance = MaintenanceSerializer(allow_null=True, help_text="The next announced window, if any.")
    schema_versions = SchemaVersionsSerializer(help_text="Of the data an app keeps offline.")


class ClientConfigView(PublicView):
    """Oldest app version per platform, the announced maintenance window, schema versions."""

    authentication_classes = []
    cache_control = "public, max-age=60"

    @extend_schema(
        operation_id="getClientConfig", parameters=[Query], responses=ClientConfigSerializer, auth=[]
    )
    def get(self, request):
        window = [datetime.fromisoformat(time).astimezone(UTC) for time in settings.MAINTENANCE_WINDOW]
        return Response(
            {
                "minimum_app_versions": settings.MINIMUM_APP_VERSIONS,
                "maintenance": {"starts_at": window[0], "ends_at": window[1]} if window else None,
                "schema_versions": {
                    "current": settings.SCHEMA_VERSIONS[1],
                    "oldest_supported": settings.SCHEMA_VERSIONS[0],
                },
            }
        )
