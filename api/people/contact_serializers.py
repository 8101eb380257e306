"""What of contacts is sent and received: their members, filters, and the bodies of their actions."""

from django.core.validators import RegexValidator
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy
from django_filters import rest_framework as filters
from rest_framework import serializers

from api.associations import AssociationSummarySerializer, ReasonSerializer
from api.core.serializers import BASE_FIELDS, EntitySerializer, MemberField, ScopedRelatedField
from domain.associations.models import LocalAssociation
from domain.identity.models import User
from domain.people.choices import GIVEN_REASONS, ContactStatus
from domain.people.models import Contact, ContactMentor, DiagnosisCategory
from domain.people.models.contacts import READ_HEALTH, reached
from domain.people.queries import without_mentor

from .categories import ContactCategoryField
from .expansions import ContactMentorsField, ContactRelativesField


class ContactSummarySerializer(EntitySerializer):
    class Meta:
        model = Contact
        fields = ["id", "first_name", "last_name", "status"]


class ContactPersonSerializer(EntitySerializer):
    """A contact; `diagnosis` is read at an address of its own, and never with the others."""

    diagnosis_category = ScopedRelatedField(
        queryset=DiagnosisCategory.objects.all(),
        # What is read is null where it isn't the caller's to know (`ContactViewSet.annotated`).
        source="category_shown",
        required=False,
        allow_null=True,
        help_text="Tells about health: null, and not to be changed, for who may not read of it there.",
    )
    diagnosis = serializers.CharField(
        write_only=True,
        required=False,
        allow_blank=True,
        max_length=2000,
        help_text="Sealed; read at `diagnosis/`, where each reading is on the record. Empty removes it.",
    )
    duplicate_checked = serializers.BooleanField(
        write_only=True,
        required=False,
        default=False,
        help_text="Somebody has compared with the candidates of `possible-duplicate`: it is another person.",
    )

    class Meta:
        model = Contact
        fields = [
            *(*BASE_FIELDS, "first_name", "last_name", "birth_year", "phone", "email", "address"),
            *("postcode", "city", "municipality", "language", "diagnosis_category", "status"),
            *("closed_reason", "closed_on", "local_association", "source", "consent_basis", "consent_on"),
            *("has_notes", "merged_into", "erased_at", "diagnosis", "duplicate_checked"),
        ]
        read_only_fields = [
            "status",
            "closed_reason",
            "closed_on",
            "has_notes",
            "merged_into",
            "erased_at",
        ]
        create_only_fields = ["local_association", "duplicate_checked"]
        extra_kwargs = {
            "local_association": {"help_text": "Changed by `move`, not by PATCH."},
            "merged_into": {"help_text": "The contact that this one was found to be, and that remains."},
            # As people type it; kept as E.164.
            "phone": {"max_length": 30},
        }
        expansions = {
            "local_association": AssociationSummarySerializer,
            "diagnosis_category": lambda: ContactCategoryField(read_only=True),
            "mentors": lambda: ContactMentorsField(read_only=True),
            "relatives": lambda: ContactRelativesField(read_only=True),
        }


class ContactFilters(filters.FilterSet):
    status = filters.ChoiceFilter(choices=ContactStatus.choices)
    below = filters.CharFilter(
        method="in_subtree",
        label="Path of the local association whose subtree is wanted.",
        validators=[RegexValidator(r"^(/[0-9]+)*/?\Z", gettext_lazy("Must be a path, for example /1/17/."))],
    )
    diagnosis_category = filters.ModelChoiceFilter(
        queryset=DiagnosisCategory.objects.all(),
        method="by_category",
        label="Among those of whose health the caller may read.",
    )
    mentor = filters.UUIDFilter(method="by_mentor", label="Assigned to this person today.")
    without_mentor = filters.BooleanFilter(
        method="by_absence", label="Nobody is assigned today, or somebody."
    )
    merged = filters.BooleanFilter(
        field_name="merged_into", lookup_expr="isnull", exclude=True, label="Only aliases, or none."
    )
    erased = filters.BooleanFilter(
        field_name="erased_at", lookup_expr="isnull", exclude=True, label="Only erased ones, or none."
    )

    class Meta:
        model = Contact
        fields = [
            "local_association",
            "source",
            "consent_basis",
            "language",
            "municipality",
            "has_notes",
        ]

    def by_category(self, queryset, name, value):
        scope = self.request.parser_context["view"].scope
        return queryset.filter(reached(scope, READ_HEALTH), diagnosis_category=value)

    def in_subtree(self, queryset, name, value):
        return queryset.filter(local_association__path__startswith=f"{value.rstrip('/')}/")

    def by_mentor(self, queryset, name, value):
        held = ContactMentor.objects.holding().filter(user=value, contact=OuterRef("pk"))
        return queryset.filter(Exists(held))

    def by_absence(self, queryset, name, value):
        alone = without_mentor(Contact.objects.all()).order_by().values("pk")
        return queryset.filter(pk__in=alone) if value else queryset.exclude(pk__in=alone)


class MoveSerializer(ReasonSerializer):
    to = ScopedRelatedField(queryset=LocalAssociation.objects.all())


class CloseSerializer(ReasonSerializer):
    closed_reason = serializers.ChoiceField(choices=[(each.value, each.label) for each in GIVEN_REASONS])


class AssignSerializer(serializers.Serializer):
    user = MemberField(queryset=User.objects.all())
    valid_from = serializers.DateField(required=False, allow_null=True, help_text="Today unless given.")
    valid_to = serializers.DateField(required=False, allow_null=True, help_text="The last day.")
    is_primary = serializers.BooleanField(required=False, default=False)


class MentorSerializer(serializers.Serializer):
    user = MemberField(queryset=User.objects.all())


class EndMentorSerializer(MentorSerializer, ReasonSerializer):
    last_day = serializers.DateField(required=False, allow_null=True, help_text="Today unless given.")


class MergeContactSerializer(ReasonSerializer):
    into = ScopedRelatedField(queryset=Contact.objects.all())
