"""The people of the organisation, as far as the caller may know them: /api/v1/users/.

The row is what every colleague may know: names and language. What depends on who asks comes with `expand`:
how to reach the person, and where they have which role.
"""

from typing import Any

from django.contrib.postgres.aggregates import JSONBAgg
from django.db.models import Case, F, JSONField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, JSONObject
from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from api.core.entities import EntityViewSet
from api.core.routes import addresses
from api.core.serializers import EntitySerializer, ScopedRelatedField
from api.core.synced import Synced
from domain.access.choices import INVITED_TO, Role
from domain.access.members import register_person
from domain.access.models import RoleAssignment
from domain.associations.models import LocalAssociation, LocalAssociationMembership
from domain.core.scope import Scope
from domain.identity.choices import MembershipStatus
from domain.identity.models import Membership, User
from tenants.models import LANGUAGE_CODES


class ContactSerializer(serializers.Serializer):
    """How to reach the person."""

    email = serializers.EmailField(allow_null=True)
    phone = serializers.CharField(help_text="E.164, or empty.")


class UserMembershipSerializer(serializers.Serializer):
    """The person's membership, of which `memberships/` has the rest."""

    id = serializers.UUIDField()
    status = serializers.ChoiceField(choices=MembershipStatus.choices)
    display_title = serializers.CharField(help_text="As colleagues know it; may be empty.")


class UserRoleSerializer(serializers.Serializer):
    """A role that isn't over: `role-assignments/` has the rest."""

    id = serializers.UUIDField()
    role = serializers.CharField(help_text="Stable key: peer_mentor, coordinator, org_admin, …")
    local_association = serializers.UUIDField(allow_null=True, help_text="null: the whole organisation.")
    is_deputy = serializers.BooleanField()
    valid_from = serializers.DateField()
    valid_to = serializers.DateField(allow_null=True)


class UserAssociationSerializer(serializers.Serializer):
    """A local association where the person belongs today: `local-association-memberships/` has the rest."""

    id = serializers.UUIDField(help_text="Of the membership.")
    association = serializers.UUIDField()
    name = serializers.CharField(help_text="Of the local association.")
    is_primary = serializers.BooleanField()
    valid_from = serializers.DateField()
    valid_to = serializers.DateField(allow_null=True)


@extend_schema_field(ContactSerializer(help_text="null where the caller may not know it."))
class ContactField(serializers.JSONField):
    """Made by the database (`UserViewSet.annotated`), as are the three below."""


@extend_schema_field(UserMembershipSerializer())
class UserMembershipField(serializers.JSONField):
    pass


@extend_schema_field(UserRoleSerializer(many=True, help_text="Those the caller may see."))
class UserRolesField(serializers.JSONField):
    pass


@extend_schema_field(UserAssociationSerializer(many=True, help_text="Those the caller may see."))
class UserAssociationsField(serializers.JSONField):
    pass


class UserSerializer(EntitySerializer):
    first_name = serializers.CharField(max_length=100)
    last_name = serializers.CharField(max_length=100)
    language = serializers.ChoiceField(
        choices=LANGUAGE_CODES,
        allow_blank=True,
        read_only=True,
        help_text="nb, nn or en; empty: the organisation's.",
    )
    role = serializers.ChoiceField(
        choices=[(role.value, role.value) for role in INVITED_TO],
        write_only=True,
        required=False,
        help_text="A role to begin with.",
    )
    local_association = ScopedRelatedField(
        queryset=LocalAssociation.objects.all(),
        write_only=True,
        required=False,
        allow_null=True,
        help_text="Where the person belongs, and has the role if one is given.",
    )
    display_title = serializers.CharField(
        max_length=100, write_only=True, required=False, allow_blank=True, help_text="As colleagues know it."
    )
    external_reference = serializers.CharField(
        max_length=64, write_only=True, required=False, allow_blank=True, help_text="The member number."
    )

    class Meta:
        model = User
        fields = [
            *("id", "updated_at", "version", "first_name", "last_name", "language"),
            *("role", "local_association", "display_title", "external_reference"),
        ]
        read_only_fields = ["updated_at", "version"]
        expansions = {
            "contact": ContactField,
            "membership": UserMembershipField,
            "roles": lambda: UserRolesField(read_only=True),
            "local_associations": lambda: UserAssociationsField(read_only=True),
        }


class UserFilters(filters.FilterSet):
    """Roles and local memberships count only where the caller may see them."""

    status = filters.ChoiceFilter(
        choices=MembershipStatus.choices, method="by_status", label="Of the membership."
    )
    role = filters.ChoiceFilter(choices=Role.choices, method="by_role", label="Who has this role today.")
    local_association = filters.UUIDFilter(
        method="by_place", label="Who belongs, or has a role, there or further down today: its id."
    )

    class Meta:
        model = User
        fields: list[str] = []

    @property
    def scope(self) -> Scope:
        return self.request._request.caller_scope

    def by_status(self, queryset, name, value):
        found = Membership.objects.here().filter(status=value)
        return queryset.filter(pk__in=found.order_by().values("user"))

    def by_role(self, queryset, name, value):
        found = RoleAssignment.objects.visible_to(self.scope).holding().filter(role=value)
        return queryset.filter(pk__in=found.order_by().values("user"))

    def by_place(self, queryset, name, value):
        path = LocalAssociation.objects.filter(pk=value).values("path")[:1]
        belongs = LocalAssociationMembership.objects.visible_to(self.scope).current()
        roles = RoleAssignment.objects.visible_to(self.scope).holding()
        return queryset.filter(
            Q(pk__in=belongs.filter(association__path__startswith=path).order_by().values("user"))
            | Q(pk__in=roles.filter(local_association__path__startswith=path).order_by().values("user"))
        )


def _register(*, values: dict[str, Any], by: Any) -> User:
    return register_person(by=by, **values).user


class UserViewSet(EntityViewSet):
    """People: oneself, those one works with, and whoever else one may see as a member.

    `POST` registers a person without e-mail, who never signs in; everyone else is invited. One's own profile
    is changed in `me/`, what the organisation says of a person in `memberships/`.
    """

    path, noun, tag = "users", "User", "Members"
    synced = Synced(by_content=True)
    queryset = User.objects.all()
    serializer_class = UserSerializer
    filterset_class = UserFilters
    search_fields = ("name_search",)
    ordering_fields = ("name", "last_name", "first_name", "id", "updated_at")
    # A person's key begins with the last name; by first name is by its code points, as it was promised once.
    ordering_columns = {"name": "name_key", "last_name": "name_key"}
    verbs = ("list", "retrieve", "create")
    bulk = ("create",)
    permissions = {"create": "identity.add_membership"}
    create_rule = staticmethod(_register)

    def annotated(self, queryset: QuerySet) -> QuerySet:
        scope, today = self.scope, timezone.localdate()
        known = Membership.objects.visible_to(scope).order_by().values("user")
        roles = RoleAssignment.objects.visible_to(scope).exclude(valid_to__lt=today)
        belongs = LocalAssociationMembership.objects.visible_to(scope).current()
        return queryset.annotate(
            contact=Case(
                When(pk__in=known, then=JSONObject(email="email", phone="phone")),
                output_field=JSONField(),
            ),
            membership=Subquery(
                Membership.objects.here()
                .filter(user=OuterRef("pk"))
                .order_by()
                .values(found=JSONObject(id="pk", status="status", display_title="display_title"))[:1],
                output_field=JSONField(),
            ),
            roles=listed(
                roles,
                ("role", "valid_from", "pk"),
                id="pk",
                role="role",
                local_association="local_association_id",
                is_deputy="is_deputy",
                valid_from="valid_from",
                valid_to="valid_to",
            ),
            local_associations=listed(
                belongs,
                ("-is_primary", "valid_from", "pk"),
                id="pk",
                association="association_id",
                name="association__name",
                is_primary="is_primary",
                valid_from="valid_from",
                valid_to="valid_to",
            ),
        )


def listed(rows: QuerySet, order: tuple[str, ...], owner: str = "user", /, **members: str) -> Coalesce:
    """The rows that belong to a row (by their column `owner`) as a JSON list in this order."""
    lists = rows.filter(**{owner: OuterRef("pk")}).order_by().values(owner)
    ordering = [F(name.lstrip("-")).desc() if name.startswith("-") else F(name).asc() for name in order]
    found = lists.annotate(found=JSONBAgg(JSONObject(**members), order_by=ordering)).values("found")
    return Coalesce(Subquery(found, output_field=JSONField()), Value([], JSONField()))


urlpatterns = addresses(UserViewSet)
