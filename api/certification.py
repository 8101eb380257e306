"""Certification: kinds, who is certified, reminders, pauses of mentors, declarations; public verification."""

from typing import Any

from django.core.validators import RegexValidator
from django.db.models import Q, QuerySet
from django.urls import path
from django.utils.translation import gettext_lazy
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from api.associations import NeededReasonSerializer, PersonSummarySerializer, ReasonSerializer
from api.core.actions import Action
from api.core.entities import EntityViewSet
from api.core.limits import address_of
from api.core.query import Query
from api.core.routes import addresses
from api.core.serializers import BASE_FIELDS, EntitySerializer, MemberField, ScopedRelatedField
from api.core.synced import Synced
from api.core.views import PublicView
from domain.associations.models import LocalAssociationMembership
from domain.certification import kinds, pausing, rules
from domain.certification.choices import (
    REPEATABLE,
    CertificationStatus,
    MentorState,
    ReminderOutcome,
    Requirement,
)
from domain.certification.models import (
    CHANGE,
    CHANGE_STATUS,
    CertificationKind,
    CertificationReminder,
    CertificationRequirement,
    MentorCertification,
    MentorStatus,
)
from domain.certification.places import about_people
from domain.certification.queries import is_valid_code
from domain.certification.reminders import send_again
from domain.certification.verification import VERIFICATIONS
from domain.config.choices import Area
from domain.identity.limits import count
from domain.identity.models import User

TAG = "Certification"
PATH = [RegexValidator(r"^(/[0-9]+)*/?\Z", gettext_lazy("Must be a path, for example /1/17/."))]


class AboutPeopleViewSet(EntityViewSet):
    """Rows about people: a permission holds where they belong, which may be several places."""

    area, tag = Area.CERTIFICATION, TAG
    # Leads to the person.
    person = "user"

    def condition(self, verb: str) -> Q:
        permission = self.permission_for(verb)
        condition = super().condition(verb)
        return condition & about_people(self.scope, permission, self.person) if permission else condition

    def may(self, verb: str, queryset: QuerySet) -> bool:
        permission = self.permission_for(verb)
        if not permission:
            return True
        return queryset.filter(about_people(self.scope, permission, self.person)).exists()


class AboutPeopleFilters(filters.FilterSet):
    below = filters.CharFilter(
        method="in_subtree",
        label="Path of the local association to which, or below which, the person belongs today.",
        validators=PATH,
    )
    person = "user"

    def in_subtree(self, queryset, name, value):
        near = LocalAssociationMembership.objects.current().filter(
            association__path__startswith=f"{value.rstrip('/')}/"
        )
        return queryset.filter(**{f"{self.person}__in": near.values("user")})


class CertificationKindSerializer(EntitySerializer):
    class Meta:
        model = CertificationKind
        fields = [
            *BASE_FIELDS,
            *("key", "name_nb", "name_nn", "name_en", "validity_months"),
            *("requirements", "is_required", "is_active"),
        ]
        create_only_fields = ["key"]


class CertificationKindFilters(filters.FilterSet):
    class Meta:
        model = CertificationKind
        fields = ["key", "is_required", "is_active"]


class CertificationKindViewSet(EntityViewSet):
    """What mentors can be certified as. Every member reads it; one that is in use is retired, not deleted."""

    path, noun, tag = "certification-kinds", "CertificationKind", TAG
    area = Area.CERTIFICATION
    synced = Synced()
    queryset = CertificationKind.objects.all()
    serializer_class = CertificationKindSerializer
    filterset_class = CertificationKindFilters
    search_fields = ("key", "name_nb", "name_nn", "name_en")
    ordering_fields = ("key", "updated_at")
    verbs = ("list", "retrieve", "create", "update")
    create_rule = staticmethod(lambda *, values, by: kinds.create_kind(by=by, **values))
    update_rule = staticmethod(kinds.change_kind)


class RequirementLineSerializer(EntitySerializer):
    class Meta:
        model = CertificationRequirement
        fields = ["requirement", "done_on", "done_by"]
        read_only_fields = fields


class MentorCertificationSerializer(EntitySerializer):
    user = MemberField(queryset=User.objects.all())
    kind = ScopedRelatedField(queryset=CertificationKind.objects.all())
    requirements = RequirementLineSerializer(many=True, read_only=True)

    class Meta:
        model = MentorCertification
        fields = [
            *BASE_FIELDS,
            *("user", "kind", "status", "number", "issued_on", "valid_until", "verification_code"),
            *("revoked_on", "revocation_reason", "requirements"),
        ]
        read_only_fields = fields[6:]
        validators: list = []
        expansions = {"user": PersonSummarySerializer, "kind": CertificationKindSerializer}
        extra_kwargs = {
            "status": {"help_text": "Moves with the date, by a job: it doesn't depend on now."},
            "verification_code": {"help_text": "Whoever has it can ask whether the certificate is valid."},
        }


class MentorCertificationFilters(AboutPeopleFilters):
    user = filters.UUIDFilter(field_name="user")
    valid_until_before = filters.DateFilter(field_name="valid_until", lookup_expr="lt")
    valid_until_after = filters.DateFilter(field_name="valid_until", lookup_expr="gt")

    class Meta:
        model = MentorCertification
        fields = ["status", "kind", "number"]


class TickSerializer(serializers.Serializer):
    requirement = serializers.ChoiceField(choices=Requirement.choices)
    done_on = serializers.DateField(
        required=False, allow_null=True, help_text="Today unless given. Of a police certificate: seen on."
    )


class UntickSerializer(serializers.Serializer):
    requirement = serializers.ChoiceField(choices=Requirement.choices)


class IssueSerializer(serializers.Serializer):
    issued_on = serializers.DateField(required=False, allow_null=True, help_text="Today unless given.")


class RenewSerializer(serializers.Serializer):
    renewed_on = serializers.DateField(required=False, allow_null=True, help_text="Today unless given.")


ISSUED = (
    CertificationStatus.VALID.value,
    CertificationStatus.EXPIRING.value,
    CertificationStatus.EXPIRED.value,
)
NOT_REVOKED = (CertificationStatus.PENDING.value, *ISSUED)


class MentorCertificationViewSet(AboutPeopleViewSet):
    """Who is certified, becomes it or was: one's own, and those of people one may see them of."""

    path, noun = "mentor-certifications", "MentorCertification"
    synced = Synced()
    queryset = MentorCertification.objects.all()
    serializer_class = MentorCertificationSerializer
    filterset_class = MentorCertificationFilters
    search_fields = ("user__name_search", "number")
    ordering_fields = ("id", "created_at", "updated_at")
    verbs = ("list", "retrieve", "create")
    create_rule = staticmethod(lambda *, values, by: rules.start_certification(by=by, **values))
    actions = (
        Action(
            "tick",
            rules.tick,
            "Note that a requirement was met.",
            permission=CHANGE,
            from_states=NOT_REVOKED,
            body=TickSerializer,
        ),
        Action(
            "untick",
            rules.untick,
            "Take such a note back.",
            permission=CHANGE,
            from_states=NOT_REVOKED,
            body=UntickSerializer,
        ),
        Action(
            "issue",
            rules.issue,
            "Issue it, once the checklist is complete.",
            permission=CHANGE,
            from_states=(CertificationStatus.PENDING.value,),
            to_state=CertificationStatus.VALID.value,
            body=IssueSerializer,
        ),
        Action(
            "renew",
            rules.renew,
            "Issue it anew, for as long as its kind says.",
            permission=CHANGE,
            from_states=ISSUED,
            to_state=CertificationStatus.VALID.value,
            body=RenewSerializer,
        ),
        Action(
            "revoke",
            rules.revoke,
            "Let it stand for nothing any more. Can't be undone.",
            permission=CHANGE,
            from_states=NOT_REVOKED,
            to_state=CertificationStatus.REVOKED.value,
            body=NeededReasonSerializer,
        ),
    )


class CertificationReminderSerializer(EntitySerializer):
    class Meta:
        model = CertificationReminder
        fields = [
            *BASE_FIELDS,
            *("certification", "valid_until", "offset_days", "due_at", "channel", "outcome", "sent_at"),
        ]
        read_only_fields = fields
        expansions = {"certification": MentorCertificationSerializer}


class CertificationReminderFilters(AboutPeopleFilters):
    person = "certification__user"
    certification = filters.UUIDFilter(field_name="certification")
    due_before = filters.IsoDateTimeFilter(field_name="due_at", lookup_expr="lt")
    due_after = filters.IsoDateTimeFilter(field_name="due_at", lookup_expr="gt")

    class Meta:
        model = CertificationReminder
        fields = ["outcome", "offset_days"]


class CertificationReminderViewSet(AboutPeopleViewSet):
    """Mails before a certificate ends: planned, sent, or why not. Made by the rules, never by hand."""

    path, noun = "certification-reminders", "CertificationReminder"
    person = "certification__user"
    queryset = CertificationReminder.objects.all()
    serializer_class = CertificationReminderSerializer
    filterset_class = CertificationReminderFilters
    ordering_fields = ("due_at", "updated_at")
    state_field = "outcome"
    actions = (
        Action(
            "send-again",
            send_again,
            "Send one again of which nobody knows that it arrived; recognisable by its Message-ID.",
            permission=CHANGE,
            from_states=tuple(sorted(each.value for each in REPEATABLE)),
            to_state=ReminderOutcome.PLANNED.value,
        ),
    )


class MentorStatusSerializer(EntitySerializer):
    class Meta:
        model = MentorStatus
        fields = [*BASE_FIELDS, "user", "status", "reason", "since", "returns_on", "changed_by"]
        read_only_fields = [*BASE_FIELDS, "user", "status", "since", "changed_by"]
        expansions = {"user": PersonSummarySerializer}


class MentorStatusFilters(AboutPeopleFilters):
    user = filters.UUIDFilter(field_name="user")

    class Meta:
        model = MentorStatus
        fields = ["status"]


class PauseSerializer(ReasonSerializer):
    reason = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")
    returns_on = serializers.DateField(
        required=False, allow_null=True, default=None, help_text="The first day back; empty: not said."
    )


class MentorStatusViewSet(AboutPeopleViewSet):
    """Whether mentors take assignments. POST pauses oneself, also where there is no row yet."""

    path, noun, nouns = "mentor-statuses", "MentorStatus", "MentorStatuses"
    queryset = MentorStatus.objects.all()
    serializer_class = MentorStatusSerializer
    synced = Synced(push=("create", "pause-self", "resume"))
    filterset_class = MentorStatusFilters
    search_fields = ("user__name_search",)
    ordering_fields = ("since", "updated_at")
    verbs = ("list", "retrieve", "create")
    permissions = {"create": ""}
    create_rule = staticmethod(lambda *, values, by: pausing.take_break(by=by, **values))
    actions = (
        Action(
            "pause-self",
            pausing.pause_self,
            "Take a break, until a day or until further notice.",
            to_state=MentorState.PAUSED.value,
            body=PauseSerializer,
        ),
        Action(
            "pause",
            pausing.pause,
            "Let the mentor get no assignments, until a day or until further notice.",
            permission=CHANGE_STATUS,
            to_state=MentorState.PAUSED.value,
            body=PauseSerializer,
        ),
        Action(
            "resume",
            pausing.resume,
            "End the pause; mentors end their own.",
            from_states=(MentorState.PAUSED.value, MentorState.AUTO_PAUSED.value),
            to_state=MentorState.ACTIVE.value,
            body=ReasonSerializer,
        ),
    )

    def condition(self, verb: str) -> Q:
        condition = super().condition(verb)
        if verb == "pause-self":
            return condition & Q(user=self.scope.user_id)
        if verb == "resume" and self.scope.can(CHANGE_STATUS):
            reached = about_people(self.scope, CHANGE_STATUS)
            return condition & (reached | Q(user=self.scope.user_id) if reached else reached)
        if verb == "resume":
            return condition & Q(user=self.scope.user_id)
        return condition


class VerificationSerializer(serializers.Serializer):
    valid = serializers.BooleanField()


class CertificationVerificationView(PublicView):
    """Whether the certificate with this code is valid today. An unknown code is one that isn't."""

    area = Area.CERTIFICATION
    authentication_classes = []
    cache_control = "no-store"

    @extend_schema(
        operation_id="getCertificationVerification",
        parameters=[Query],
        responses=VerificationSerializer,
        tags=[TAG],
        auth=[],
        summary="Whether the certificate with this code is valid today",
    )
    def get(self, request, code: str):
        count(VERIFICATIONS, address_of(request))
        answer: dict[str, Any] = {"valid": is_valid_code(code)}
        return Response(answer, headers={"X-Robots-Tag": "noindex, nofollow"})


urlpatterns = [
    path("certification-verifications/<str:code>/", CertificationVerificationView.as_view()),
    *addresses(CertificationKindViewSet),
    *addresses(MentorCertificationViewSet),
    *addresses(CertificationReminderViewSet),
    *addresses(MentorStatusViewSet),
]
