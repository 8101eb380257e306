"""Diagnosis categories, which contacts are counted by."""

from typing import Any

from django.db.models import CharField, DateTimeField, F, Func, Value
from django.db.models.functions import Replace
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from api.core.entities import EntityViewSet
from api.core.serializers import BASE_FIELDS, EntitySerializer
from api.core.synced import Synced
from domain.config.choices import Area
from domain.people.models import DiagnosisCategory


class DiagnosisCategorySerializer(EntitySerializer):
    class Meta:
        model = DiagnosisCategory
        fields = [*BASE_FIELDS, "name_nb", "name_nn", "name_en", "is_active", "position"]


def _in_utc(column: str) -> Replace:
    """A moment as `UtcDateTimeField` writes it."""
    local = Func(Value("UTC"), F(column), function="timezone", output_field=DateTimeField())
    form = Value('YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
    text = Func(local, form, function="to_char", output_field=CharField())
    return Replace(text, Value(".000000Z"), Value("Z"))


# A category as its serializer would say it, made by the database.
CATEGORY_TOLD: dict[str, Any] = {
    name: _in_utc(name) if name.endswith("_at") else name for name in DiagnosisCategorySerializer.Meta.fields
}


class DiagnosisCategoryFilters(filters.FilterSet):
    class Meta:
        model = DiagnosisCategory
        fields = ["is_active"]


class DiagnosisCategoryViewSet(EntityViewSet):
    """Groups of diagnoses, the organisation's own list: everyone reads it. One in use is retired."""

    path, noun, tag = "diagnosis-categories", "DiagnosisCategory", "Contacts"
    nouns = "DiagnosisCategories"
    area = Area.CONTACTS
    synced = Synced()
    queryset = DiagnosisCategory.objects.all()
    serializer_class = DiagnosisCategorySerializer
    filterset_class = DiagnosisCategoryFilters
    ordering_fields = ("position", "name_nb", "updated_at")
    verbs = ("list", "retrieve", "create", "update")


@extend_schema_field(DiagnosisCategorySerializer)
class ContactCategoryField(serializers.JSONField):
    """A contact's category, made by the database (`ContactViewSet.annotated`).

    Null where the caller may not read of the contact's health.
    """

    def __init__(self, **kwargs):
        super().__init__(**{"source": "category_told", **kwargs})
