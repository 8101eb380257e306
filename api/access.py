"""The organisation's members and their roles: /api/v1/memberships/, /api/v1/role-assignments/."""

from typing import Any

from django_filters import rest_framework as filters

from api.associations import AssociationSummarySerializer, PersonSummarySerializer, ReasonSerializer
from api.core.actions import Action
from api.core.entities import EntityViewSet
from api.core.routes import addresses
from api.core.serializers import BASE_FIELDS, EntitySerializer, MemberField
from domain.access.models import RoleAssignment
from domain.access.rules import assign_role, end_membership, end_role, resume_member, suspend_member
from domain.identity.choices import MembershipStatus
from domain.identity.models import Membership, User

CHANGE_MEMBERSHIP = "identity.change_membership"


class MembershipSerializer(EntitySerializer):
    class Meta:
        model = Membership
        fields = [*BASE_FIELDS, "user", "status", "joined_at", "left_at", "display_title"]
        read_only_fields = fields
        expansions = {"user": PersonSummarySerializer}


class MembershipFilters(filters.FilterSet):
    class Meta:
        model = Membership
        fields = ["user", "status"]


class MembershipViewSet(EntityViewSet):
    """Who belongs to the organisation: oneself, and those one may see."""

    path, noun, tag = "memberships", "Membership", "Members"
    queryset = Membership.objects.all()
    serializer_class = MembershipSerializer
    filterset_class = MembershipFilters
    search_fields = ("user__first_name", "user__last_name")
    ordering_fields = ("id", "joined_at", "updated_at")
    actions = (
        Action(
            "suspend",
            suspend_member,
            "Shut the person out until further notice.",
            permission=CHANGE_MEMBERSHIP,
            from_states=(MembershipStatus.ACTIVE,),
            to_state=MembershipStatus.SUSPENDED,
            body=ReasonSerializer,
        ),
        Action(
            "resume",
            resume_member,
            "Let the person back in.",
            permission=CHANGE_MEMBERSHIP,
            from_states=(MembershipStatus.SUSPENDED, MembershipStatus.LEFT),
            to_state=MembershipStatus.ACTIVE,
            body=ReasonSerializer,
        ),
        Action(
            "end",
            end_membership,
            "The person leaves: sessions, roles and local memberships end with it.",
            permission=CHANGE_MEMBERSHIP,
            from_states=(MembershipStatus.ACTIVE, MembershipStatus.SUSPENDED),
            to_state=MembershipStatus.LEFT,
            body=ReasonSerializer,
        ),
    )


class RoleAssignmentSerializer(EntitySerializer):
    user = MemberField(queryset=User.objects.all())

    class Meta:
        model = RoleAssignment
        fields = [*BASE_FIELDS, "user", "role", "local_association", "is_deputy", "valid_from", "valid_to"]
        validators: list = []
        expansions = {"user": PersonSummarySerializer, "local_association": AssociationSummarySerializer}


class RoleAssignmentFilters(filters.FilterSet):
    class Meta:
        model = RoleAssignment
        fields = ["user", "role", "local_association", "is_deputy"]


def _assign(*, values: dict[str, Any], by: Any) -> RoleAssignment:
    return assign_role(values.pop("user"), values.pop("role"), by=by, **values)


class RoleAssignmentViewSet(EntityViewSet):
    """Who has which role, where, and from when to when. `DELETE` ends a role: yesterday was its last day."""

    path, noun, tag = "role-assignments", "RoleAssignment", "Members"
    queryset = RoleAssignment.objects.all()
    serializer_class = RoleAssignmentSerializer
    filterset_class = RoleAssignmentFilters
    ordering_fields = ("id", "valid_from", "updated_at")
    verbs = ("list", "retrieve", "create", "delete")
    # Who may give which role where is for the rule: it depends on the role.
    permissions = {"create": "access.add_roleassignment", "delete": "access.change_roleassignment"}
    create_rule = staticmethod(_assign)
    delete_rule = staticmethod(end_role)


urlpatterns = [*addresses(MembershipViewSet), *addresses(RoleAssignmentViewSet)]
