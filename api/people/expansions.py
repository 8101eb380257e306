"""Lists that a contact can be expanded with, made by the database."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from domain.people.choices import Relation


class ContactMentorSerializer(serializers.Serializer):
    """A peer mentor who is assigned today."""

    id = serializers.UUIDField(help_text="Of the assignment.")
    user = serializers.UUIDField()
    first_name = serializers.CharField()
    last_name = serializers.CharField()
    is_primary = serializers.BooleanField()
    valid_from = serializers.DateField()
    valid_to = serializers.DateField(allow_null=True)


class LinkedRelativeSerializer(serializers.Serializer):
    """A relative of the contact: `contact-relatives/` and `registered-relatives/` have the rest."""

    id = serializers.UUIDField(help_text="Of the link.")
    relative = serializers.UUIDField()
    first_name = serializers.CharField()
    last_name = serializers.CharField()
    relation = serializers.ChoiceField(choices=Relation.choices)
    phone = serializers.CharField()
    may_be_contacted = serializers.BooleanField()
    is_primary = serializers.BooleanField()


@extend_schema_field(ContactMentorSerializer(many=True, help_text="Those of today, the primary one first."))
class ContactMentorsField(serializers.JSONField):
    """Made by the database (`ContactViewSet.annotated`), as is the one below."""

    def __init__(self, **kwargs):
        super().__init__(**{"source": "mentors_now", **kwargs})


@extend_schema_field(LinkedRelativeSerializer(many=True))
class ContactRelativesField(serializers.JSONField):
    def __init__(self, **kwargs):
        super().__init__(**{"source": "relatives_now", **kwargs})
