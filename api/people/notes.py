"""Notes about contacts, and notes of one's own. Their words are sealed: each opening is recorded."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db.models import JSONField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django.http import HttpResponse
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers

from api.associations import PersonSummarySerializer
from api.core.actions import Action
from api.core.conditional import matches
from api.core.entities import EntityViewSet
from api.core.reading import Row
from api.core.rendering import to_json
from api.core.serializers import BASE_FIELDS, EntitySerializer
from api.core.synced import Synced
from domain.audit.reading import Seen, note_seen
from domain.config.choices import Area
from domain.encryption.reading import read_sealed_rows
from domain.people.handing_over import hand_over_note, keep_note
from domain.people.models import Contact, ContactNote, Note
from domain.people.notes import (
    add_note,
    change_note,
    change_own_note,
    delete_note,
    delete_own_note,
    note_follow_up,
    write_own_note,
)

from .contact_serializers import ContactSummarySerializer


class OpensBody:
    """A detail has `body` besides; lists, and answers to writes, do without."""

    def with_body(self: Any, response: HttpResponse) -> HttpResponse:
        if response.status_code != 200 or self.query.get("fields"):
            return response
        # Who has it already doesn't open it again: the version in the tag covers the words.
        if matches(self.request.META.get("HTTP_IF_NONE_MATCH", ""), response["ETag"]):
            return response
        model, key = self.model(), self.kwargs["id"]
        # One's own notes are of no contact whose reading would have to be told.
        found = read_sealed_rows(model, [key], ["body"], by=self.request.user, scope=self.scope)
        text = found.get(key, {}).get("body")
        response.content = response.content[:-1] + b',"body":' + to_json(text) + b"}"
        return response

    def synced_rows(self: Any, rows: Sequence[Row]) -> Sequence[Row]:
        """With `body`, as a detail: each is opened, and on the record."""
        keys = [row.position[0] for row in rows]
        found = read_sealed_rows(self.model(), keys, ["body"], by=self.request.user, scope=self.scope)
        texts = [to_json(found.get(key, {}).get("body")).decode() for key in keys]
        bodies = zip(rows, texts, strict=True)
        return [replace(row, json=f'{row.json[:-1]},"body":{text}}}') for row, text in bodies]


class ContactNoteSerializer(EntitySerializer):
    body = serializers.CharField(write_only=True, max_length=10_000, help_text="Sealed; read in the detail.")

    class Meta:
        model = ContactNote
        fields = [
            *(*BASE_FIELDS, "contact", "author", "kind", "visibility", "follow_up_on", "followed_up_at"),
            "body",
        ]
        read_only_fields = ["author", "followed_up_at"]
        create_only_fields = ["contact"]
        expansions = {"contact": ContactSummarySerializer, "author": PersonSummarySerializer}


class ContactNoteDetailSerializer(ContactNoteSerializer):
    body = serializers.CharField(
        read_only=True, allow_null=True, help_text="Opened for this answer, which is on the record."
    )


class ContactNoteFilters(filters.FilterSet):
    open = filters.BooleanFilter(method="by_open", label="With something left to follow up, or without.")
    follow_up_before = filters.DateFilter(field_name="follow_up_on", lookup_expr="lte")

    class Meta:
        model = ContactNote
        fields = ["contact", "author", "kind", "visibility"]

    def by_open(self, queryset, name, value):
        waiting = {"follow_up_on__isnull": False, "followed_up_at__isnull": True}
        return queryset.filter(**waiting) if value else queryset.exclude(**waiting)


class ContactNoteViewSet(OpensBody, EntityViewSet):
    """What is written about contacts: the team's notes, and one's own private ones, read by nobody else."""

    path, noun, tag = "contact-notes", "ContactNote", "Contacts"
    area = Area.CONTACTS
    queryset = ContactNote.objects.all()
    serializer_class = ContactNoteSerializer
    synced = Synced(push=("create", "update", "delete", "follow-up"))
    filterset_class = ContactNoteFilters
    ordering_fields = ("id", "created_at", "updated_at")
    verbs = ("list", "retrieve", "create", "update", "delete")
    # Who may write is for the rules: it depends on the contact, and on who wrote.
    permissions = {"create": "", "update": "", "delete": ""}
    create_rule = staticmethod(lambda *, values, by: add_note(author=by, by=by, **values))
    update_rule = staticmethod(change_note)
    delete_rule = staticmethod(delete_note)
    actions = (Action("follow-up", note_follow_up, "Say that it was followed up."),)

    @extend_schema(responses=ContactNoteDetailSerializer)
    def retrieve(self, request, **path) -> HttpResponse:
        return self.with_body(super().retrieve(request, **path))


@extend_schema_field(ContactSummarySerializer)
class SeenContactField(serializers.JSONField):
    """Made by the database (`NoteViewSet.annotated`): a note outlives its author's support of a contact."""

    def __init__(self, **kwargs):
        super().__init__(**{"source": "contact_seen", **kwargs})


class NoteSerializer(EntitySerializer):
    body = serializers.CharField(write_only=True, max_length=20_000, help_text="Sealed; read in the detail.")

    class Meta:
        model = Note
        fields = [*BASE_FIELDS, "contact", "title", "is_pinned", "kept_at", "body"]
        read_only_fields = ["kept_at"]
        expansions = {"contact": lambda: SeenContactField(read_only=True)}


class NoteDetailSerializer(NoteSerializer):
    body = serializers.CharField(read_only=True, allow_null=True, help_text="Opened for this answer.")


class NoteFilters(filters.FilterSet):
    undecided = filters.BooleanFilter(
        method="by_choice", label="About a contact, with a choice to make before one leaves, or others."
    )

    class Meta:
        model = Note
        fields = ["contact", "is_pinned"]

    def by_choice(self, queryset, name, value):
        waiting = Note.objects.undecided().order_by().values("pk")
        return queryset.filter(pk__in=waiting) if value else queryset.exclude(pk__in=waiting)


def handed_over(row: Note, **given: Any) -> Note:
    hand_over_note(row, **given)
    return row


class NoteViewSet(OpensBody, EntityViewSet):
    """One's own notes: nobody else sees that they are there."""

    path, noun, tag = "notes", "Note", "Notes"
    area = Area.NOTES
    queryset = Note.objects.all()
    serializer_class = NoteSerializer
    synced = Synced(push=("create", "update", "delete"))
    filterset_class = NoteFilters
    ordering_fields = ("id", "updated_at")
    verbs = ("list", "retrieve", "create", "update", "delete")
    permissions = {"create": "", "update": "", "delete": ""}
    create_rule = staticmethod(lambda *, values, by: write_own_note(by=by, **values))
    update_rule = staticmethod(change_own_note)
    delete_rule = staticmethod(delete_own_note)
    when = {
        "hand-over": Q(contact__isnull=False, contact__erased_at__isnull=True),
        "keep": Q(contact__isnull=False),
    }
    actions = (
        Action("hand-over", handed_over, "Make it a note of the team about the contact, gone from here."),
        Action("keep", keep_note, "Keep it to oneself: it goes unread with one's erasure."),
    )

    def annotated(self, queryset: QuerySet) -> QuerySet:
        seen = Contact.objects.visible_to(self.scope).filter(pk=OuterRef("contact")).order_by()
        shown = JSONObject(id="pk", first_name="first_name", last_name="last_name", status="status")
        found = seen.annotate(shown=shown).values("shown")
        return queryset.annotate(contact_seen=Subquery(found, output_field=JSONField()))

    def note_rows(self, rows, columns, *, verb):
        """With `expand=contact` the record names whom the notes are about, and not that there are notes."""
        super().note_rows(rows, columns, verb=verb)
        if "contact" not in self.query.get("expand", "").split(",") or not rows:
            return
        named = [json.loads(row.json)["expanded"]["contact"] for row in rows]
        people = frozenset(UUID(each["id"]) for each in named if each)
        if people:
            note_seen(Contact, [Seen(people)], by=self.audit_reader(), verb="listed")

    @extend_schema(responses=NoteDetailSerializer)
    def retrieve(self, request, **path) -> HttpResponse:
        return self.with_body(super().retrieve(request, **path))
