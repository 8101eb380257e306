"""Contacts: people receiving support."""

from typing import Any

from django.core.validators import RegexValidator
from django.db.models import Exists, JSONField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django.utils.translation import gettext_lazy
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers

from api.associations import AssociationSummarySerializer, NeededReasonSerializer, ReasonSerializer
from api.core.actions import Action
from api.core.entities import EntityViewSet
from api.core.errors import Problem
from api.core.serializers import BASE_FIELDS, EntitySerializer, MemberField, ScopedRelatedField
from api.job_runs import JobSerializer, accepted
from api.users import listed
from domain.associations.models import LocalAssociation
from domain.audit.reading import Seen, note_seen
from domain.config.choices import Area
from domain.identity.models import User
from domain.identity.verification import require_recent
from domain.people import erasing, erasure_jobs, handing_out_jobs
from domain.people.choices import GIVEN_REASONS, ContactStatus
from domain.people.mentoring import assign_mentor, end_mentor, make_primary
from domain.people.merging import merge_contacts, undo_merge
from domain.people.models import (
    Contact,
    ContactMentor,
    ContactRelative,
    DiagnosisCategory,
    RegisteredRelative,
)
from domain.people.models.contacts import CHANGE, ERASE, EXPORT, READ_HEALTH, reached, where_health_reads
from domain.people.queries import without_mentor
from domain.people.rules import (
    ACTIVATE_FROM,
    CLOSE_FROM,
    PAUSE_FROM,
    PossibleDuplicate,
    activate_contact,
    change_contact,
    close_contact,
    create_contact,
    move_contact,
    pause_contact,
    reopen_contact,
)

from .categories import CATEGORY_TOLD, ContactCategoryField
from .expansions import ContactMentorsField, ContactRelativesField

PRESENT = Q(merged_into__isnull=True, erased_at__isnull=True)


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


def _done(rule: Any) -> Any:
    """An action whose rule gives another row than the contact's."""

    def act(contact: Contact, **given: Any) -> None:
        rule(contact, **given)

    return act


class EraseContactSerializer(NeededReasonSerializer):
    with_relatives = serializers.BooleanField(
        default=False, help_text="Also relatives who belong to nobody else."
    )


class ContactViewSet(EntityViewSet):
    """People receiving support: those of the caller's part of the organisation, and those assigned to them.

    Contacts are never deleted: they are closed, or merged into another, which their alias leads to.
    """

    path, noun, tag = "contacts", "Contact", "Contacts"
    area = Area.CONTACTS
    queryset = Contact.objects.all()
    serializer_class = ContactPersonSerializer
    filterset_class = ContactFilters
    search_fields = ("name_search", "phone", "email")
    ordering_fields = ("name", "id", "created_at", "updated_at", "status")
    ordering_columns = {"name": "name_key"}
    verbs = ("list", "retrieve", "create", "update")
    place = "local_association__path"
    # Whether a mentor may is for the rule: it depends on the row.
    permissions = {"update": "", "erase": ERASE, "hand-out": EXPORT}
    when = {
        "update": PRESENT,
        "move": PRESENT,
        "pause": PRESENT,
        "activate": PRESENT,
        "close": PRESENT,
        "reopen": PRESENT,
        "assign-mentor": PRESENT & ~Q(status=ContactStatus.CLOSED),
        "end-mentor": PRESENT,
        "make-primary-mentor": PRESENT,
        "merge": PRESENT,
        "undo-merge": Q(merged_into__isnull=False, erased_at__isnull=True),
    }
    create_rule = staticmethod(lambda *, values, by: create_contact(by=by, **_written(values)))
    update_rule = staticmethod(
        lambda contact, *, changes, by, version: change_contact(
            contact, changes=_written(changes), by=by, version=version
        )
    )
    actions = (
        Action(
            "pause",
            pause_contact,
            "Let the support rest; who supports them stays.",
            permission=CHANGE,
            from_states=PAUSE_FROM,
            to_state=ContactStatus.PAUSED,
            body=ReasonSerializer,
        ),
        Action(
            "activate",
            activate_contact,
            "Say that the support goes on.",
            permission=CHANGE,
            from_states=ACTIVATE_FROM,
            to_state=ContactStatus.ACTIVE,
            body=ReasonSerializer,
        ),
        Action(
            "close",
            close_contact,
            "End the support, for a reason; assignments of mentors end today.",
            permission=CHANGE,
            from_states=CLOSE_FROM,
            to_state=ContactStatus.CLOSED,
            body=CloseSerializer,
        ),
        Action(
            "reopen",
            reopen_contact,
            "Take up the support again; mentors are assigned anew.",
            permission=CHANGE,
            from_states=(ContactStatus.CLOSED,),
            to_state=ContactStatus.ACTIVE,
            body=ReasonSerializer,
        ),
        Action(
            "move",
            move_contact,
            "Hand them over to another local association that the caller's role reaches.",
            permission=CHANGE,
            body=MoveSerializer,
        ),
        Action(
            "assign-mentor",
            _done(assign_mentor),
            "Assign a peer mentor; the first becomes the primary one, and a new contact active.",
            permission=CHANGE,
            body=AssignSerializer,
        ),
        Action(
            "end-mentor",
            _done(end_mentor),
            "End a mentor's assignment with a last day.",
            permission=CHANGE,
            body=EndMentorSerializer,
        ),
        Action(
            "make-primary-mentor",
            _done(make_primary),
            "Make one of the assigned mentors the primary one.",
            permission=CHANGE,
            body=MentorSerializer,
        ),
        Action(
            "merge",
            merge_contacts,
            "Merge it into another, which is the answer; it stays as an alias. Can be undone for 30 days.",
            permission=CHANGE,
            body=MergeContactSerializer,
        ),
        Action(
            "undo-merge",
            undo_merge,
            "Undo the merge of an alias: what it moved comes back.",
            permission=CHANGE,
            body=ReasonSerializer,
        ),
    )

    @classmethod
    def row_verbs(cls) -> tuple[str, ...]:
        return (*super().row_verbs(), "hand-out", "erase")

    @extend_schema(
        request=None,
        responses={202: JobSerializer},
        summary="Make a copy of all that is kept about the contact. Asks for a fresh proof of who one is.",
        description="The answer is the job that makes it. At its `result_url` whoever asked, and nobody "
        "else, fetches a ZIP for three days. Private notes are counted; their authors have them.",
    )
    def hand_out(self, request, **path):
        def ask(contact: Contact, version: int | None):
            require_recent(request.auth)
            return accepted(handing_out_jobs.ask(contact, by=request.user))

        return self.on_row("hand-out", ask)

    @extend_schema(
        request=EraseContactSerializer,
        responses={202: JobSerializer},
        summary="Erase what is kept about the contact. Asks for a fresh proof of who one is.",
        description="Don't name the person in the reason: it stays on the record. The answer is the job that "
        "does it: look at it until it is done. It can't be undone.",
    )
    def erase(self, request, **path):
        def ask(contact: Contact, version: int | None):
            require_recent(request.auth)
            given = self.body(EraseContactSerializer(data=request.data))
            erasing.require_erasable(contact, by=request.user)
            return accepted(erasure_jobs.ask_for_contact(contact, by=request.user, **given))

        return self.on_row("erase", ask)

    def condition(self, verb: str) -> Q:
        condition = super().condition(verb)
        if verb == "update":
            condition &= reached(self.scope, CHANGE)
        return condition

    def annotated(self, queryset: QuerySet) -> QuerySet:
        categories = DiagnosisCategory.objects.filter(pk=OuterRef("diagnosis_category")).order_by()
        told = categories.values_list(JSONObject(**CATEGORY_TOLD))
        shown: Any = queryset
        return shown.with_category_for(self.scope).annotate(
            category_told=where_health_reads(self.scope, Subquery(told), JSONField()),
            mentors_now=listed(
                ContactMentor.objects.holding(),
                ("-is_primary", "valid_from", "pk"),
                "contact",
                id="pk",
                user="user_id",
                first_name="user__first_name",
                last_name="user__last_name",
                is_primary="is_primary",
                valid_from="valid_from",
                valid_to="valid_to",
            ),
            relatives_now=listed(
                ContactRelative.objects.all(),
                ("-is_primary", "pk"),
                "contact",
                id="pk",
                relative="relative_id",
                first_name="relative__first_name",
                last_name="relative__last_name",
                relation="relation",
                phone="relative__phone",
                may_be_contacted="may_be_contacted",
                is_primary="is_primary",
            ),
        )

    def note_rows(self, rows, columns, *, verb):
        """With `expand=relatives` the record names them too."""
        super().note_rows(rows, columns, verb=verb)
        if "relatives" not in self.query.get("expand", "").split(",") or not rows:
            return
        at = [name.lstrip("-") for name in columns].index("id")
        shown = ContactRelative.objects.filter(contact__in=[row.position[at] for row in rows])
        people = frozenset(shown.order_by().values_list("relative", flat=True))
        if people:
            note_seen(RegisteredRelative, [Seen(people)], by=self.audit_reader(), verb="listed")

    def create(self, request, **path):
        try:
            return super().create(request, **path)
        except PossibleDuplicate as warning:
            # They are shown, and that is on the record: outside the transaction that was given up.
            self.note_list(warning.candidates, verb="compared")
            raise Problem(
                warning.code,
                str(warning.message),
                status_code=409,
                members={"candidates": [_candidate(row) for row in warning.candidates]},
            ) from warning


def _written(values: dict[str, Any]) -> dict[str, Any]:
    """What is read under the name of an annotation is written to the column."""
    names = {"category_shown": "diagnosis_category"}
    return {names.get(name, name): value for name, value in values.items()}


def _candidate(row: Contact) -> dict[str, Any]:
    return {
        "id": str(row.pk),
        "first_name": row.first_name,
        "last_name": row.last_name,
        "birth_year": row.birth_year,
        "phone": row.phone,
        "status": row.status,
        "local_association": str(row.local_association_id),
    }
