"""Contacts: people receiving support."""

from typing import Any

from django.db.models import JSONField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject

from api.associations import ReasonSerializer
from api.core.actions import Action
from api.core.entities import EntityViewSet
from api.core.errors import Problem
from api.core.synced import Synced
from api.users import listed
from domain.audit.reading import Seen, note_seen
from domain.config.choices import Area
from domain.people.choices import ContactStatus
from domain.people.mentoring import assign_mentor, end_mentor, make_primary
from domain.people.merging import merge_contacts, undo_merge
from domain.people.models import (
    Contact,
    ContactMentor,
    ContactRelative,
    DiagnosisCategory,
    RegisteredRelative,
)
from domain.people.models.contacts import CHANGE, ERASE, EXPORT, reached, where_health_reads
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
from domain.people.sharing import share_contact

from .categories import CATEGORY_TOLD
from .contact_serializers import (
    AssignSerializer,
    CloseSerializer,
    ContactFilters,
    ContactPersonSerializer,
    EndMentorSerializer,
    MentorSerializer,
    MergeContactSerializer,
    MoveSerializer,
)
from .handing_out import AsksForWork
from .shares import ShareContactSerializer

PRESENT = Q(merged_into__isnull=True, erased_at__isnull=True)


def _done(rule: Any) -> Any:
    """An action whose rule gives another row than the contact's."""

    def act(contact: Contact, **given: Any) -> None:
        rule(contact, **given)

    return act


class ContactViewSet(AsksForWork, EntityViewSet):
    """People receiving support: those of the caller's part of the organisation, and those assigned to them.

    Contacts are never deleted: they are closed, or merged into another, which their alias leads to.
    """

    path, noun, tag = "contacts", "Contact", "Contacts"
    area = Area.CONTACTS
    queryset = Contact.objects.all()
    serializer_class = ContactPersonSerializer
    synced = Synced(
        push=("create", "update", "pause", "activate", "close", "reopen"),
        shown="category_shown",
        columns={"diagnosis_category": ("diagnosis_category_id",)},
        shared=True,
    )
    filterset_class = ContactFilters
    search_fields = ("name_search",)
    ordering_fields = ("name", "id", "created_at", "updated_at", "status")
    ordering_columns = {"name": "name_key"}
    verbs = ("list", "retrieve", "create", "update")
    place = "local_association__path"
    # Whether a mentor may is for the rule: it depends on the row.
    permissions = {"update": "", "erase": ERASE, "hand-out": EXPORT}
    when = {
        "update": PRESENT,
        "move": PRESENT,
        "share": PRESENT,
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
            "share",
            _done(share_contact),
            "Show the contact to one more person until a day.",
            permission=CHANGE,
            body=ShareContactSerializer,
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
