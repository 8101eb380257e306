"""Caregivers, relatives, and to whom relatives belong."""

from typing import Any

from django.db.models import Q
from django_filters import rest_framework as filters
from rest_framework import serializers

from api.associations import ReasonSerializer
from api.core.actions import Action
from api.core.entities import EntityViewSet
from api.core.serializers import BASE_FIELDS, EntitySerializer
from api.core.synced import Synced
from domain.config.choices import Area
from domain.people.erasing import ask_to_erase_relative
from domain.people.models import Caregiver, ContactRelative, RegisteredRelative
from domain.people.relatives import (
    add_caregiver,
    change_caregiver,
    change_link,
    change_relative,
    link_relative,
    register_relative,
    remove_caregiver,
    unlink_relative,
)

from .contact_serializers import ContactSummarySerializer

# Whether a mentor may is for the rules: it depends on the contact.
BY_RULE = {"create": "", "update": "", "delete": ""}


class CaregiverSerializer(EntitySerializer):
    class Meta:
        model = Caregiver
        fields = [
            *(*BASE_FIELDS, "contact", "first_name", "last_name", "relation", "phone", "email", "address"),
            *("postcode", "city", "is_primary", "is_emergency_contact", "informed_on", "consent_on"),
        ]
        create_only_fields = ["contact"]
        validators: list = []
        extra_kwargs = {"phone": {"max_length": 30}}
        expansions = {"contact": ContactSummarySerializer}


class CaregiverFilters(filters.FilterSet):
    class Meta:
        model = Caregiver
        fields = ["contact", "relation", "is_primary", "is_emergency_contact"]


class CaregiverViewSet(EntityViewSet):
    """Next of kin and others who care for a contact; seen and kept up with the contact."""

    path, noun, tag = "caregivers", "Caregiver", "Contacts"
    area = Area.CONTACTS
    queryset = Caregiver.objects.all()
    serializer_class = CaregiverSerializer
    synced = Synced(push=("create", "update", "delete"), shared=True)
    filterset_class = CaregiverFilters
    search_fields = ("name_search",)
    ordering_fields = ("name", "id", "updated_at")
    ordering_columns = {"name": "name_key"}
    verbs = ("list", "retrieve", "create", "update", "delete")
    permissions = BY_RULE
    create_rule = staticmethod(lambda *, values, by: add_caregiver(by=by, **values))
    update_rule = staticmethod(change_caregiver)
    delete_rule = staticmethod(remove_caregiver)


class RelativeSummarySerializer(EntitySerializer):
    class Meta:
        model = RegisteredRelative
        fields = ["id", "first_name", "last_name", "phone"]


class RegisteredRelativeSerializer(EntitySerializer):
    class Meta:
        model = RegisteredRelative
        fields = [
            *(*BASE_FIELDS, "first_name", "last_name", "birth_year", "relation_types", "phone", "email"),
            *("language", "needs", "erased_at"),
        ]
        read_only_fields = ["relation_types", "erased_at"]
        extra_kwargs = {"phone": {"max_length": 30}}


class RegisteredRelativeFilters(filters.FilterSet):
    contact = filters.UUIDFilter(method="of_contact", label="Who belongs to this contact.")

    class Meta:
        model = RegisteredRelative
        fields = ["language"]

    def of_contact(self, queryset, name, value):
        """Through links that the caller sees: a relative may belong to contacts elsewhere, too."""
        links = ContactRelative.objects.visible_to(self.request.parser_context["view"].scope)
        return queryset.filter(pk__in=links.filter(contact=value).order_by().values("relative"))


class RegisteredRelativeViewSet(EntityViewSet):
    """Relatives whom contacts share. Register one, then link them with `contact-relatives/`."""

    path, noun, tag = "registered-relatives", "RegisteredRelative", "Contacts"
    area = Area.CONTACTS
    queryset = RegisteredRelative.objects.all()
    serializer_class = RegisteredRelativeSerializer
    synced = Synced(push=("create", "update"), shared=True)
    filterset_class = RegisteredRelativeFilters
    search_fields = ("name_search",)
    ordering_fields = ("name", "id", "updated_at")
    ordering_columns = {"name": "name_key"}
    verbs = ("list", "retrieve", "create", "update")
    permissions = BY_RULE
    when = {"update": Q(erased_at__isnull=True)}
    create_rule = staticmethod(lambda *, values, by: register_relative(by=by, **values))
    update_rule = staticmethod(change_relative)


class ContactRelativeSerializer(EntitySerializer):
    class Meta:
        model = ContactRelative
        fields = [
            *(*BASE_FIELDS, "contact", "relative", "relation", "has_custody", "may_be_contacted"),
            "is_primary",
        ]
        create_only_fields = ["contact", "relative"]
        validators: list = []
        expansions = {"contact": ContactSummarySerializer, "relative": RelativeSummarySerializer}


class ContactRelativeFilters(filters.FilterSet):
    class Meta:
        model = ContactRelative
        fields = ["contact", "relative", "relation", "is_primary"]


class UnlinkSerializer(ReasonSerializer):
    erase_relative = serializers.BooleanField(
        required=False,
        allow_null=True,
        default=None,
        help_text="With the last link: whether what is kept about the relative is erased as well. Until it "
        "is said, the answer is `last-link`.",
    )


def _unlink(row: ContactRelative, *, by: Any, **given: Any) -> None:
    relative = unlink_relative(row, by=by, **given)
    if relative is not None:
        ask_to_erase_relative(relative, by=by, reason=given.get("reason", ""))


class ContactRelativeViewSet(EntityViewSet):
    """Which relative belongs to which contact, and as what."""

    path, noun, tag = "contact-relatives", "ContactRelative", "Contacts"
    area = Area.CONTACTS
    queryset = ContactRelative.objects.all()
    serializer_class = ContactRelativeSerializer
    synced = Synced(push=("create", "update", "remove"), shared=True)
    filterset_class = ContactRelativeFilters
    verbs = ("list", "retrieve", "create", "update")
    permissions = BY_RULE
    create_rule = staticmethod(lambda *, values, by: link_relative(by=by, **values))
    update_rule = staticmethod(change_link)
    actions = (
        Action(
            "remove",
            _unlink,
            "End the link; with the last one, say whether the relative is erased. 204.",
            body=UnlinkSerializer,
        ),
    )
