"""The organisation's tree of local associations, and who belongs where."""

from django.core.validators import RegexValidator
from django.db.models import Q
from django.utils.translation import gettext_lazy
from django_filters import rest_framework as filters
from rest_framework import serializers

from api.core.actions import Action
from api.core.entities import EntityViewSet
from api.core.routes import addresses
from api.core.serializers import (
    BASE_FIELDS,
    BodySerializer,
    EntitySerializer,
    MemberField,
    ScopedRelatedField,
)
from api.core.synced import Synced
from domain.associations.memberships import choose_primary, join_association, leave_association
from domain.associations.models import CHANGE, CHANGE_MEMBERSHIP, LocalAssociation, LocalAssociationMembership
from domain.associations.rules import (
    change_association,
    create_association,
    merge_associations,
    move_association,
    set_active,
)
from domain.identity.models import User


class AssociationSummarySerializer(EntitySerializer):
    class Meta:
        model = LocalAssociation
        fields = ["id", "name", "number", "kind", "is_active"]


class LocalAssociationSerializer(EntitySerializer):
    class Meta:
        model = LocalAssociation
        fields = [
            *BASE_FIELDS,
            *("name", "number", "kind", "organization_number", "parent", "path", "paying_entity"),
            *("account_dimension", "municipality", "county", "email", "phone", "is_active", "merged_into"),
        ]
        read_only_fields = ["path", "is_active", "merged_into"]
        create_only_fields = ["parent"]
        extra_kwargs = {
            "parent": {"help_text": "The one above; empty for a root. Changed by `move`, not by PATCH."},
            "path": {"help_text": "Numbers from the root down: everything below begins with it."},
        }
        expansions = {
            "parent": AssociationSummarySerializer,
            "paying_entity": AssociationSummarySerializer,
            "merged_into": AssociationSummarySerializer,
        }


class LocalAssociationFilters(filters.FilterSet):
    below = filters.CharFilter(
        method="in_subtree",
        label="Path of the one whose subtree is wanted.",
        validators=[RegexValidator(r"^(/[0-9]+)*/?\Z", gettext_lazy("Must be a path, for example /1/17/."))],
    )
    root = filters.BooleanFilter(field_name="parent", lookup_expr="isnull", label="Only roots, or none.")

    class Meta:
        model = LocalAssociation
        fields = ["kind", "county", "municipality", "is_active", "number"]

    def in_subtree(self, queryset, name, value):
        # With the last slash: /1/1 is not above /1/10/.
        return queryset.below(f"{value.rstrip('/')}/")


class PlaceSerializer(serializers.Serializer):
    to = ScopedRelatedField(queryset=LocalAssociation.objects.all(), allow_null=True)
    from_day = serializers.DateField(required=False, allow_null=True)


class ReasonSerializer(BodySerializer):
    reason = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")


class NeededReasonSerializer(BodySerializer):
    """For what nobody should do without being able to say why."""

    reason = serializers.CharField(max_length=500, help_text="Kept on the record.")


class MergeSerializer(ReasonSerializer):
    into = ScopedRelatedField(queryset=LocalAssociation.objects.all())


class LocalAssociationViewSet(EntityViewSet):
    """Chapters, regions and branches: a tree that every member reads. Rows are closed, never deleted."""

    path, noun, tag = "local-associations", "LocalAssociation", "Local associations"
    synced = Synced()
    queryset = LocalAssociation.objects.all()
    serializer_class = LocalAssociationSerializer
    filterset_class = LocalAssociationFilters
    search_fields = ("name_search", "number")
    ordering_fields = ("name", "name_key", "number", "path", "updated_at")
    ordering_columns = {"name": "name_key"}
    verbs = ("list", "retrieve", "create", "update")
    place = "path"
    when = {
        "update": Q(merged_into__isnull=True),
        "move": Q(merged_into__isnull=True),
        "close": Q(is_active=True),
        "reopen": Q(is_active=False, merged_into__isnull=True),
        "merge": Q(merged_into__isnull=True),
    }
    create_rule = staticmethod(lambda *, values, by: create_association(by=by, **values))
    update_rule = staticmethod(change_association)
    actions = (
        Action(
            "move",
            move_association,
            "Hang it, with everything below it, below another one.",
            permission=CHANGE,
            body=PlaceSerializer,
        ),
        Action(
            "close",
            lambda row, **given: set_active(row, active=False, **given),
            "Close it: nobody can join it any more.",
            permission=CHANGE,
            body=ReasonSerializer,
        ),
        Action(
            "reopen",
            lambda row, **given: set_active(row, active=True, **given),
            "Open it again.",
            permission=CHANGE,
            body=ReasonSerializer,
        ),
        Action(
            "merge",
            merge_associations,
            "Merge it into another, which is the answer; it stays as an alias.",
            permission=CHANGE,
            body=MergeSerializer,
        ),
    )


class PersonSummarySerializer(EntitySerializer):
    class Meta:
        model = User
        fields = ["id", "first_name", "last_name"]


class LocalAssociationMembershipSerializer(EntitySerializer):
    user = MemberField(queryset=User.objects.all())

    class Meta:
        model = LocalAssociationMembership
        fields = [*BASE_FIELDS, "user", "association", "is_primary", "valid_from", "valid_to"]
        validators: list = []
        expansions = {"user": PersonSummarySerializer, "association": AssociationSummarySerializer}


class LocalAssociationMembershipFilters(filters.FilterSet):
    current = filters.BooleanFilter(method="by_day", label="Only those that hold today, or that don't.")

    class Meta:
        model = LocalAssociationMembership
        fields = ["user", "association", "is_primary"]

    def by_day(self, queryset, name, value):
        now = LocalAssociationMembership.objects.current()
        return queryset.filter(pk__in=now) if value else queryset.exclude(pk__in=now)


class LastDaySerializer(serializers.Serializer):
    last_day = serializers.DateField(required=False, allow_null=True)


class LocalAssociationMembershipViewSet(EntityViewSet):
    """Who belongs to which local association, from day to day: one's own, and those one may see."""

    path, noun = "local-association-memberships", "LocalAssociationMembership"
    tag = "Local associations"
    synced = Synced()
    queryset = LocalAssociationMembership.objects.all()
    serializer_class = LocalAssociationMembershipSerializer
    filterset_class = LocalAssociationMembershipFilters
    search_fields = ("user__name_search",)
    ordering_fields = ("id", "valid_from", "updated_at")
    verbs = ("list", "retrieve", "create")
    bulk = ("create", "leave")
    place = "association__path"
    when = {"make-primary": Q(valid_to__isnull=True, is_primary=False)}
    create_rule = staticmethod(lambda *, values, by: join_association(by=by, **values))
    actions = (
        Action(
            "leave",
            leave_association,
            "End it with a last day, today unless given.",
            permission=CHANGE_MEMBERSHIP,
            body=LastDaySerializer,
        ),
        Action(
            "make-primary",
            choose_primary,
            "Make it the person's primary one.",
            permission=CHANGE_MEMBERSHIP,
        ),
    )


urlpatterns = [*addresses(LocalAssociationViewSet), *addresses(LocalAssociationMembershipViewSet)]
