"""Types of activities: /api/v1/activity-types/."""

from django_filters import rest_framework as filters

from api.core.entities import EntityViewSet
from api.core.serializers import BASE_FIELDS, EntitySerializer
from api.core.synced import Synced
from domain.activities.choices import DocumentType
from domain.activities.models import ActivityType
from domain.activities.rules import change_type, create_type
from domain.config.choices import Area


class ActivityTypeSerializer(EntitySerializer):
    class Meta:
        model = ActivityType
        fields = [
            *(*BASE_FIELDS, "key", "name_nb", "name_nn", "name_en", "category", "needs_contact"),
            *("needs_duration", "allows_expenses", "default_duration", "required_documents", "icon"),
            *("is_active", "position"),
        ]
        create_only_fields = ["key"]
        extra_kwargs = {
            "category": {"help_text": "What it is to the grant: decides by which rules it counts."},
            "required_documents": {"max_length": len(DocumentType)},
        }


class ActivityTypeFilters(filters.FilterSet):
    class Meta:
        model = ActivityType
        fields = ["key", "category", "is_active"]


class ActivityTypeViewSet(EntityViewSet):
    """Kinds of activities: every member reads them. One that isn't used any more is retired, not deleted."""

    path, noun, tag = "activity-types", "ActivityType", "Activities"
    area = Area.ACTIVITIES
    synced = Synced()
    queryset = ActivityType.objects.all()
    serializer_class = ActivityTypeSerializer
    filterset_class = ActivityTypeFilters
    search_fields = ("key", "name_nb", "name_nn", "name_en")
    ordering_fields = ("position", "key", "updated_at")
    verbs = ("list", "retrieve", "create", "update")
    create_rule = staticmethod(lambda *, values, by: create_type(by=by, **values))
    update_rule = staticmethod(change_type)
