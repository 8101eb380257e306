"""Activities, what is done with them, and their verdicts in words: /api/v1/activities/."""

from typing import Any

from django.core.validators import RegexValidator
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext_lazy
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.response import Response

from api.associations import AssociationSummarySerializer, NeededReasonSerializer, PersonSummarySerializer
from api.core.actions import Action
from api.core.entities import EntityViewSet
from api.core.errors import NotFound
from api.core.serializers import (
    BASE_FIELDS,
    BodySerializer,
    EntitySerializer,
    MemberField,
    ScopedRelatedField,
)
from api.core.synced import Synced
from api.core.views import MemberView
from api.users import listed
from domain.access.queries import scope_for
from domain.activities.choices import EDITABLE, TRANSITIONS, FlagKind
from domain.activities.deciding import (
    approve_activity,
    flag_activity,
    override_verdict,
    reject_activity,
    reopen_activity,
    submit_activity,
    withdraw_activity,
)
from domain.activities.judging import FLAGGED, explain
from domain.activities.models import Activity, ActivityContact, ActivityFlag, ActivityLeader
from domain.activities.models.activities import APPROVE, CHANGE, OVERRIDE, own
from domain.activities.models.flags import CHANGE_FLAG
from domain.activities.rules import MOST_CONTACTS, MOST_LEADERS, change_activity, create_activity
from domain.audit.reading import Seen, note_seen
from domain.config.choices import Area
from domain.encryption.errors import ContentErased
from domain.encryption.reading import read_sealed
from domain.grants.choices import Requirement
from domain.grants.verdict import NO_RULES, NOT_IN_GRANT
from domain.identity.models import User
from domain.people.models import Contact

from .types import ActivityTypeSerializer

TAG = "Activities"


class ActivityLeaderSerializer(EntitySerializer):
    """Who led it; `user` is null for somebody who was erased."""

    class Meta:
        model = ActivityLeader
        fields = ["user", "approved_on_day"]
        read_only_fields = fields


class NamedContactSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    first_name = serializers.CharField()
    last_name = serializers.CharField()


@extend_schema_field(NamedContactSerializer(many=True, help_text="Those whom the caller sees."))
class ContactsField(serializers.JSONField):
    """Made by the database (`ActivityViewSet.annotated`)."""

    def __init__(self, **kwargs):
        super().__init__(**{"source": "contacts_seen", **kwargs})


class UnmetSerializer(serializers.Serializer):
    requirement = serializers.ChoiceField(choices=[*Requirement.values, NOT_IN_GRANT, NO_RULES, FLAGGED])
    value = serializers.IntegerField(allow_null=True, help_text="What is asked for.")
    got = serializers.IntegerField(allow_null=True, help_text="What there is; null: not known.")
    paragraph = serializers.CharField()


@extend_schema_field(UnmetSerializer(many=True))
class UnmetField(serializers.JSONField):
    """What is missing, as codes: `verdict/` says it in words."""


class ActivitySerializer(EntitySerializer):
    leaders = ActivityLeaderSerializer(many=True, read_only=True)
    unmet = UnmetField(read_only=True)
    leader_ids = MemberField(  # type: ignore[call-arg]
        many=True,
        queryset=User.objects.all(),
        write_only=True,
        required=False,
        max_length=MOST_LEADERS,
        help_text=f"Who led it, the main one first; the caller unless given. At most {MOST_LEADERS}.",
    )
    contact_ids = ScopedRelatedField(  # type: ignore[call-arg]
        many=True,
        queryset=Contact.objects.all(),
        write_only=True,
        required=False,
        max_length=MOST_CONTACTS,
        help_text=f"Who took part; read with `expand=contacts`. At most {MOST_CONTACTS}.",
    )
    summary = serializers.CharField(
        write_only=True,
        required=False,
        allow_blank=True,
        max_length=10_000,
        help_text="Sealed; read at `summary/`, where each reading is on the record. Empty removes it.",
    )
    submit = serializers.BooleanField(
        write_only=True, required=False, default=False, help_text="Submit it at once."
    )

    class Meta:
        model = Activity
        fields = [
            *(*BASE_FIELDS, "type", "mentor", "local_association", "theme", "further_participants"),
            *("participants", "started_at", "utc_offset_minutes", "day", "duration_minutes", "place"),
            *("mode", "country", "registered_by", "is_proxy", "status", "submitted_at", "decided_at"),
            *("decided_by", "decision_reason", "counts", "rule_set", "unmet", "override"),
            *("override_reason", "override_evidence", "overridden_by", "overridden_at", "leaders"),
            *("leader_ids", "contact_ids", "summary", "submit"),
        ]
        read_only_fields = [
            *("mentor", "participants", "day", "registered_by", "is_proxy", "status", "submitted_at"),
            *("decided_at", "decided_by", "decision_reason", "counts", "rule_set", "override"),
            *("override_reason", "override_evidence", "overridden_by", "overridden_at"),
        ]
        create_only_fields = ["local_association", "submit"]
        extra_kwargs = {
            "local_association": {
                "required": False,
                "help_text": "The primary one of the first leader unless given.",
            },
            "utc_offset_minutes": {
                "required": False,
                "help_text": "Minutes from UTC where it took place; the organisation's unless given.",
            },
            "mentor": {"help_text": "The leader named first."},
        }
        expansions = {
            "type": ActivityTypeSerializer,
            "mentor": PersonSummarySerializer,
            "local_association": AssociationSummarySerializer,
            "contacts": lambda: ContactsField(read_only=True),
        }


class ActivityFilters(filters.FilterSet):
    day_from = filters.DateFilter(field_name="day", lookup_expr="gte")
    day_to = filters.DateFilter(field_name="day", lookup_expr="lte")
    below = filters.CharFilter(
        method="in_subtree",
        label="Path of the local association whose subtree is wanted.",
        validators=[RegexValidator(r"^(/[0-9]+)*/?\Z", gettext_lazy("Must be a path, for example /1/17/."))],
    )
    leader = filters.UUIDFilter(method="by_leader", label="Led by this person, alone or with others.")
    contact = filters.UUIDFilter(method="by_contact", label="With this contact, if the caller sees them.")
    flagged = filters.BooleanFilter(method="by_flag", label="With an open flag, or without any.")
    overridden = filters.BooleanFilter(
        field_name="override",
        lookup_expr="isnull",
        exclude=True,
        label="Decided otherwise than by rules.",
    )

    class Meta:
        model = Activity
        fields = ["status", "type", "mentor", "local_association", "counts", "mode", "is_proxy"]

    def in_subtree(self, queryset, name, value):
        return queryset.filter(local_association__path__startswith=f"{value.rstrip('/')}/")

    def by_leader(self, queryset, name, value):
        return queryset.filter(Exists(ActivityLeader.objects.filter(activity=OuterRef("pk"), user=value)))

    def by_contact(self, queryset, name, value):
        seen = Contact.objects.visible_to(scope_for(self.request.user)).filter(pk=value)
        return queryset.filter(
            Exists(ActivityContact.objects.filter(activity=OuterRef("pk"), contact__in=seen))
        )

    def by_flag(self, queryset, name, value):
        found = Exists(ActivityFlag.objects.open().filter(activity=OuterRef("pk")))
        return queryset.filter(found if value else ~found)


class OverrideSerializer(BodySerializer):
    counts = serializers.BooleanField(allow_null=True, help_text="null: as the rules say again.")
    reason = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")
    evidence = serializers.CharField(
        max_length=500, required=False, allow_blank=True, default="", help_text="Where it is proved."
    )


class FlagBodySerializer(NeededReasonSerializer):
    kind = serializers.ChoiceField(choices=FlagKind.choices, required=False, default=FlagKind.OTHER)


def _action(name: str, rule: Any, summary: str, **more: Any) -> Action:
    """An action with the states of the one table."""
    sources, target = TRANSITIONS[name]
    return Action(
        name, rule, summary, from_states=tuple(each.value for each in sources), to_state=target.value, **more
    )


def _named(values: dict[str, Any]) -> dict[str, Any]:
    """The members of a body as the rules call them."""
    names = {"leader_ids": "leaders", "contact_ids": "contacts"}
    return {names.get(name, name): value for name, value in values.items()}


class ActivityViewSet(EntityViewSet):
    """What mentors did: one's own, and those of the caller's part of the organisation.

    Registering many at once is a list of them. Activities are never deleted: a draft is of nobody's concern
    until it is submitted.
    """

    path, noun, nouns, tag = "activities", "Activity", "Activities", TAG
    area = Area.ACTIVITIES
    queryset = Activity.objects.all()
    serializer_class = ActivitySerializer
    synced = Synced(
        push=("create", "update", "submit", "withdraw"),
        columns={"leader_ids": ("leaders", "mentor_id"), "contact_ids": ("contacts",)},
        shared=True,
        for_author=lambda values, author: {"leader_ids": [str(author.pk)], **values},
    )
    filterset_class = ActivityFilters
    search_fields = ("text_search", "mentor__name_search")
    ordering_fields = ("started_at", "id", "created_at", "updated_at", "status")
    verbs = ("list", "retrieve", "create", "update")
    bulk = ("create",)
    place = "local_association__path"
    # Whether a mentor may is for the rules: it depends on the row.
    permissions = {"create": "", "update": ""}
    when = {"update": Q(status__in=EDITABLE)}
    create_rule = staticmethod(lambda *, values, by: create_activity(by=by, **_named(values)))
    update_rule = staticmethod(
        lambda row, *, changes, by, version: change_activity(
            row, changes=_named(changes), by=by, version=version
        )
    )
    actions = (
        _action("submit", submit_activity, "Hand it in to be decided on; doubts about it are flagged."),
        _action("withdraw", withdraw_activity, "Take it back as a draft, to be mended."),
        _action("approve", approve_activity, "Approve it; not one's own.", permission=APPROVE),
        _action(
            "reject",
            reject_activity,
            "Send it back with a reason.",
            permission=APPROVE,
            body=NeededReasonSerializer,
        ),
        _action(
            "reopen",
            reopen_activity,
            "Take an approval back, for a mistake.",
            permission=APPROVE,
            body=NeededReasonSerializer,
        ),
        Action(
            "override",
            override_verdict,
            "Decide otherwise than the rules whether it counts, with reason and evidence.",
            permission=OVERRIDE,
            body=OverrideSerializer,
        ),
        Action(
            "flag",
            flag_activity,
            "Say that it needs a second look.",
            permission=CHANGE_FLAG,
            body=FlagBodySerializer,
        ),
    )

    def condition(self, verb: str) -> Q:
        condition = super().condition(verb)
        if verb in ("update", "submit", "withdraw"):
            condition &= self.scope.within(CHANGE, self.place) | own(self.scope)
        return condition

    def annotated(self, queryset: QuerySet) -> QuerySet:
        seen = Contact.objects.visible_to(self.scope).order_by().values("pk")
        return queryset.annotate(
            contacts_seen=listed(
                ActivityContact.objects.filter(contact__in=seen),
                ("contact__name_key", "contact"),
                "activity",
                id="contact_id",
                first_name="contact__first_name",
                last_name="contact__last_name",
            )
        )

    def note_rows(self, rows, columns, *, verb):
        """With `expand=contacts` the record names them too."""
        super().note_rows(rows, columns, verb=verb)
        if "contacts" not in self.query.get("expand", "").split(",") or not rows:
            return
        if self.kwargs.get("id"):
            keys = [self.kwargs["id"]]
        else:
            at = [name.lstrip("-") for name in columns].index("id")
            keys = [row.position[at] for row in rows]
        links = ActivityContact.objects.filter(activity__in=keys).order_by().values("contact")
        shown = Contact.objects.visible_to(self.scope).filter(pk__in=links)
        people = frozenset(shown.order_by().values_list("pk", flat=True))
        if people:
            note_seen(Contact, [Seen(people)], by=self.audit_reader(), verb="listed")


class OfActivityView(MemberView):
    """Something of one activity, at an address of its own."""

    area = Area.ACTIVITIES

    def activity(self) -> Activity:
        rows = Activity.objects.visible_to(self.scope).select_related("mentor", "type")
        row = rows.filter(pk=self.kwargs["id"]).first()
        if row is None:
            raise NotFound
        return row


class SummaryTextSerializer(serializers.Serializer):
    summary = serializers.CharField(allow_null=True, help_text="null where there is none, or no longer.")


class SummaryView(OfActivityView):
    """What is written of an activity. Each reading is on the record."""

    @extend_schema(
        operation_id="readActivitySummary",
        responses=SummaryTextSerializer,
        tags=[TAG],
        summary="Open the summary of an activity; that it was opened is recorded.",
    )
    def get(self, request, **path) -> HttpResponse:
        try:
            text = read_sealed(self.activity(), "summary", by=request.user, scope=self.scope)
        except ContentErased:
            text = None
        return Response({"summary": text}, headers={"Cache-Control": "no-store"})


class VerdictSerializer(serializers.Serializer):
    counts = serializers.BooleanField()
    words = serializers.CharField(help_text="“Counts” or “does not count”, as a sentence.")
    reasons = serializers.ListField(child=serializers.CharField())
    mend = serializers.CharField(help_text="The one thing that would make it count, or empty.")
    is_overridden = serializers.BooleanField()


class VerdictView(OfActivityView):
    """Whether it counts for the grant and why, in the caller's language.

    Apart from the activity itself, whose tag and synchronised data know no language.
    """

    @extend_schema(
        operation_id="getActivityVerdict",
        responses=VerdictSerializer,
        tags=[TAG],
        summary="Whether an activity counts for the grant, why, and what would mend it.",
    )
    def get(self, request, **path) -> HttpResponse:
        row = self.activity()
        note_seen(Activity, [Seen.of(row)], by=request.user, verb="read")
        found = explain(row)
        return Response(
            {
                "counts": found.counts,
                "words": found.words,
                "reasons": found.reasons,
                "mend": found.mend,
                "is_overridden": found.is_overridden,
            }
        )
