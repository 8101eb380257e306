"""Members, their roles, and who is invited: /api/v1/memberships/, role-assignments/, invitations/."""

from typing import Any

from django.db.models import Q
from django.urls import path
from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema

from api.associations import (
    AssociationSummarySerializer,
    NeededReasonSerializer,
    PersonSummarySerializer,
    ReasonSerializer,
)
from api.core.actions import Action
from api.core.entities import EntityViewSet
from api.core.routes import addresses
from api.core.serializers import BASE_FIELDS, EntitySerializer, MemberField
from api.core.synced import Synced
from api.job_runs import JobSerializer, accepted
from domain.access import erasing, erasure_jobs
from domain.access.choices import InvitationState
from domain.access.invitations import invite, resend, revoke
from domain.access.members import change_membership
from domain.access.memberships import end_membership, resume_member, suspend_member
from domain.access.models import Invitation, RoleAssignment
from domain.access.rules import assign_role, change_role, end_role
from domain.identity.choices import MembershipStatus
from domain.identity.models import Membership, User
from domain.identity.verification import require_recent
from tenants.jobs import enqueue

CHANGE_MEMBERSHIP = "identity.change_membership"
CHANGE_ROLE = "access.change_roleassignment"


class MembershipSerializer(EntitySerializer):
    class Meta:
        model = Membership
        fields = [
            *(*BASE_FIELDS, "user", "status", "joined_at", "left_at"),
            *("display_title", "external_reference"),
        ]
        read_only_fields = ["user", "status", "joined_at", "left_at"]
        # Always there in an answer; a PATCH may leave any out.
        extra_kwargs = {name: {"required": True} for name in ("display_title", "external_reference")}
        expansions = {"user": PersonSummarySerializer}


class MembershipFilters(filters.FilterSet):
    class Meta:
        model = Membership
        fields = ["user", "status"]


class MembershipViewSet(EntityViewSet):
    """Who belongs to the organisation: oneself, and those one may see.

    `PATCH` changes what the organisation says of the person: title and member number.
    """

    path, noun, tag = "memberships", "Membership", "Members"
    queryset = Membership.objects.all()
    serializer_class = MembershipSerializer
    filterset_class = MembershipFilters
    search_fields = ("user__name_search",)
    ordering_fields = ("id", "joined_at", "updated_at")
    verbs = ("list", "retrieve", "update")
    bulk = ("update", "suspend", "resume", "end")
    update_rule = staticmethod(change_membership)
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
    permissions = {"erase": erasing.ERASE}

    @classmethod
    def row_verbs(cls) -> tuple[str, ...]:
        return (*super().row_verbs(), "erase")

    def condition(self, verb: str) -> Q:
        condition = super().condition(verb)
        return condition & ~Q(user=self.scope.user_id) if verb == "erase" else condition

    @extend_schema(
        request=NeededReasonSerializer,
        responses={202: JobSerializer},
        summary="Erase what is kept about the person here. Asks for a fresh proof of who one is.",
        description="With the last organisation the account goes. Don't name the person in the reason: it "
        "stays on the record. The answer is the job that does it: look at it until it is done.",
    )
    def erase(self, request, **path):
        def ask(membership: Membership, version: int | None):
            require_recent(request.auth)
            reason = self.body(NeededReasonSerializer(data=request.data))["reason"]
            asked = erasing.note_request(membership, by=request.user, reason=reason)
            person = str(membership.user_id)
            terms = {"person": person, "by": str(request.user.pk), "request": str(asked.pk)}
            return accepted(enqueue(erasure_jobs.ERASE, self.organization, key=person, **terms))

        return self.on_row("erase", ask)


class RoleAssignmentSerializer(EntitySerializer):
    user = MemberField(queryset=User.objects.all())

    class Meta:
        model = RoleAssignment
        fields = [
            *(*BASE_FIELDS, "user", "role", "local_association", "purpose", "is_deputy"),
            *("valid_from", "valid_to"),
        ]
        create_only_fields = ["user", "role", "local_association", "purpose"]
        validators: list = []
        expansions = {"user": PersonSummarySerializer, "local_association": AssociationSummarySerializer}


class RoleAssignmentFilters(filters.FilterSet):
    current = filters.BooleanFilter(method="by_day", label="Only those that hold today, or that don't.")

    class Meta:
        model = RoleAssignment
        fields = ["user", "role", "local_association", "is_deputy"]

    def by_day(self, queryset, name, value):
        now = RoleAssignment.objects.holding().order_by().values("pk")
        return queryset.filter(pk__in=now) if value else queryset.exclude(pk__in=now)


def _assign(*, values: dict[str, Any], by: Any) -> RoleAssignment:
    return assign_role(values.pop("user"), values.pop("role"), by=by, **values)


class RoleAssignmentViewSet(EntityViewSet):
    """Who has which role, where, and from when to when.

    `PATCH` changes the dates, and whether it is a deputy's. `end`, as `DELETE`, ends a role at once:
    yesterday was its last day; one that began today is gone.
    """

    path, noun, tag = "role-assignments", "RoleAssignment", "Members"
    synced = Synced()
    queryset = RoleAssignment.objects.all()
    serializer_class = RoleAssignmentSerializer
    filterset_class = RoleAssignmentFilters
    search_fields = ("user__name_search",)
    ordering_fields = ("id", "valid_from", "updated_at")
    verbs = ("list", "retrieve", "create", "update", "delete")
    bulk = ("create", "update", "end")
    # Who may give which role where is for the rule: it depends on the role.
    permissions = {"delete": CHANGE_ROLE}
    create_rule = staticmethod(_assign)
    update_rule = staticmethod(change_role)
    delete_rule = staticmethod(end_role)
    actions = (
        Action("end", end_role, "End the role at once.", permission=CHANGE_ROLE, body=ReasonSerializer),
    )

    def condition(self, verb: str) -> Q:
        condition = super().condition(verb)
        if verb in ("delete", "end"):
            condition &= Q(valid_to__isnull=True) | Q(valid_to__gte=timezone.localdate())
        return condition


class InvitationSerializer(EntitySerializer):
    class Meta:
        model = Invitation
        fields = [
            *(*BASE_FIELDS, "email", "first_name", "last_name", "role", "local_association"),
            *("language", "message", "sent_at", "expires_at", "accepted_at", "accepted_by", "revoked_at"),
        ]
        read_only_fields = ["sent_at", "expires_at", "accepted_at", "accepted_by", "revoked_at"]
        validators: list = []
        extra_kwargs = {
            "message": {"help_text": "Stands in the mail, above the link."},
            "language": {"help_text": "Of the mail; empty: the organisation's."},
        }
        expansions = {
            "local_association": AssociationSummarySerializer,
            "accepted_by": PersonSummarySerializer,
        }


class InvitationFilters(filters.FilterSet):
    state = filters.ChoiceFilter(
        choices=InvitationState.choices, method="by_state", label="What has become of it by now."
    )

    class Meta:
        model = Invitation
        fields = ["role", "local_association"]

    def by_state(self, queryset, name, value):
        return queryset.in_state(value)


_UNDECIDED = Q(accepted_at__isnull=True, revoked_at__isnull=True)


class InvitationViewSet(EntityViewSet):
    """Invitations to join, by e-mail. Whether an address has an account is never said.

    One is open until it is accepted or revoked, or `expires_at` has passed; the link goes by e-mail alone.
    """

    path, noun, tag = "invitations", "Invitation", "Members"
    queryset = Invitation.objects.all()
    serializer_class = InvitationSerializer
    filterset_class = InvitationFilters
    search_fields = ("email", "first_name", "last_name")
    ordering_fields = ("created_at", "expires_at", "id", "updated_at")
    verbs = ("list", "retrieve", "create")
    bulk = ("create", "resend", "revoke")
    place = "local_association__path"
    create_rule = staticmethod(lambda *, values, by: invite(by=by, **values))
    when = {"resend": _UNDECIDED, "revoke": _UNDECIDED}
    actions = (
        Action(
            "resend",
            resend,
            "Send a new link; the old one stops working.",
            permission="access.add_invitation",
        ),
        Action("revoke", revoke, "Withdraw it: its link stops working.", permission="access.add_invitation"),
    )


urlpatterns = [
    *addresses(MembershipViewSet),
    path(f"{MembershipViewSet.path}/<uuid:id>/erase/", MembershipViewSet.as_view({"post": "erase"})),
    *addresses(RoleAssignmentViewSet),
    *addresses(InvitationViewSet),
]
