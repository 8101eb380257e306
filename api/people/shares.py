"""Contacts that are shown to one more person for a time."""

from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet
from django_filters import rest_framework as filters
from rest_framework import serializers

from api.associations import PersonSummarySerializer
from api.core.actions import Action
from api.core.entities import EntityViewSet
from api.core.serializers import BASE_FIELDS, BodySerializer, EntitySerializer, MemberField
from domain.config.choices import Area
from domain.identity.models import User
from domain.people.models import ContactShare
from domain.people.models.shares import READ
from domain.people.sharing import end_contact_share


class ShareContactSerializer(BodySerializer):
    """With whom, how long, why, and how much."""

    user = MemberField(queryset=User.objects.all())
    until = serializers.DateField(help_text="The last day, at most a year ahead.")
    reason = serializers.CharField(max_length=500, help_text="Kept on the record.")
    with_health = serializers.BooleanField(default=False, help_text="With diagnosis and the team's notes.")


class ContactShareSerializer(EntitySerializer):
    with_health = serializers.BooleanField(
        source="opens_health", read_only=True, help_text="With diagnosis and the team's notes."
    )

    class Meta:
        model = ContactShare
        fields = [*BASE_FIELDS, "content_object", "user", "valid_from", "valid_to", "reason", "with_health"]
        read_only_fields = ["content_object", "user", "valid_from", "valid_to", "reason"]
        extra_kwargs = {"content_object": {"help_text": "The contact."}}
        expansions = {"user": PersonSummarySerializer}


class ContactShareFilters(filters.FilterSet):
    class Meta:
        model = ContactShare
        fields = ["content_object", "user"]


class ContactShareViewSet(EntityViewSet):
    """Who sees which contact until when, besides mentors and roles: the caller's own, and those they may end.

    Made by `contacts/{id}/share/`.
    """

    path, noun, tag = "contact-shares", "ContactShare", "Contacts"
    area = Area.CONTACTS
    queryset = ContactShare.objects.all()
    serializer_class = ContactShareSerializer
    filterset_class = ContactShareFilters
    ordering_fields = ("valid_to", "id", "created_at", "updated_at")
    actions = (Action("end", end_contact_share, "End it at once."),)

    def annotated(self, queryset: QuerySet) -> QuerySet:
        opens = ExpressionWrapper(Q(permission__codename=READ), output_field=BooleanField())
        return queryset.annotate(opens_health=opens)
