"""Private notes that are asked for, because a person wants to see what is kept about them."""

from typing import Any

from django.db.models import Q
from django.http import HttpResponse
from django.utils import timezone
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from api.associations import NeededReasonSerializer, PersonSummarySerializer
from api.core.actions import Action
from api.core.entities import EntityViewSet
from api.core.errors import NotFound
from api.core.serializers import BASE_FIELDS, BodySerializer, EntitySerializer
from api.core.views import MemberView
from domain.config.choices import Area
from domain.identity.verification import require_recent
from domain.people.models import NoteRequest
from domain.people.models.contacts import EXPORT
from domain.people.models.requests import CONFIRM, HOLDS_FOR
from domain.people.requesting import (
    LONGEST_PHRASE,
    ask_to_seal,
    confirm_sealed,
    read_words,
    release_note,
    withhold_note,
)
from domain.people.sealing import SHORTEST_PHRASE


class NoteRequestSerializer(EntitySerializer):
    class Meta:
        model = NoteRequest
        fields = [
            *(*BASE_FIELDS, "contact", "author", "due_on", "answer", "answered_at", "sealed_at"),
            *("confirmed_at", "handed_out_at", "reminder", "reminded_at"),
        ]
        read_only_fields = ["contact", "author", "due_on", "answer"]
        expansions = {"author": PersonSummarySerializer}


class NoteRequestFilters(filters.FilterSet):
    mine = filters.BooleanFilter(method="by_author", label="That ask the caller, or others.")
    open = filters.BooleanFilter(method="by_open", label="That wait for an answer, or don't.")

    class Meta:
        model = NoteRequest
        fields = ["contact", "answer"]

    def by_author(self, queryset, name, value):
        mine = Q(author=self.request.user.pk)
        return queryset.filter(mine) if value else queryset.exclude(mine)

    def by_open(self, queryset, name, value):
        waiting = NoteRequest.objects.open().order_by().values("pk")
        return queryset.filter(pk__in=waiting) if value else queryset.exclude(pk__in=waiting)


class WithholdSerializer(BodySerializer):
    justification = serializers.CharField(max_length=2000, help_text="Sealed: for who hands out alone.")


class PhraseSerializer(BodySerializer):
    phrase = serializers.CharField(
        min_length=SHORTEST_PHRASE,
        max_length=LONGEST_PHRASE,
        help_text="Kept nowhere: given to the person by whoever chose it.",
    )


class NoteRequestWordsSerializer(serializers.Serializer):
    contact_note = serializers.UUIDField(allow_null=True, help_text="For the author alone.")
    own_note = serializers.UUIDField(allow_null=True, help_text="For the author alone.")
    title = serializers.CharField(allow_null=True, help_text="Of a note of one's own.")
    body = serializers.CharField(allow_null=True, help_text="For the author alone.")
    justification = serializers.CharField(allow_null=True, help_text="Why it is kept back.")


class NoteRequestViewSet(EntityViewSet):
    """That authors are asked for private notes. Those of the caller, and those the caller has to do with."""

    path, noun, tag = "note-requests", "NoteRequest", "Contacts"
    area = Area.CONTACTS
    queryset = NoteRequest.objects.all()
    serializer_class = NoteRequestSerializer
    filterset_class = NoteRequestFilters
    ordering_fields = ("due_on", "id", "created_at", "updated_at")
    place = "contact__local_association__path"
    permissions = {"seal": EXPORT, "confirm": CONFIRM}
    actions = (
        Action("release", release_note, "Let the note go into the copy, as its author."),
        Action(
            "withhold",
            withhold_note,
            "Keep the note back and say why, as its author.",
            body=WithholdSerializer,
        ),
    )

    @classmethod
    def row_verbs(cls) -> tuple[str, ...]:
        return (*super().row_verbs(), "seal", "confirm")

    def condition(self, verb: str) -> Q:
        condition = super().condition(verb)
        holds = Q(created_at__gt=timezone.now() - HOLDS_FOR) & ~Q(answer="released")
        if verb in ("release", "withhold"):
            return condition & holds & Q(author=self.scope.user_id, answer="", confirmed_at__isnull=True)
        if verb == "seal":
            return condition & holds & Q(sealed_at__isnull=True)
        return condition & holds & Q(sealed_at__isnull=False) & ~Q(sealed_by=self.scope.user_id)

    @extend_schema(
        request=NeededReasonSerializer,
        responses=NoteRequestSerializer,
        summary="Ask a second person to release the note sealed. Asks for a fresh proof of who one is.",
    )
    def seal(self, request, **path) -> HttpResponse:
        return self._verified("seal", ask_to_seal, NeededReasonSerializer)

    @extend_schema(
        request=PhraseSerializer,
        responses=NoteRequestSerializer,
        summary="Release it sealed, as the second person. Asks for a fresh proof of who one is.",
    )
    def confirm(self, request, **path) -> HttpResponse:
        return self._verified("confirm", confirm_sealed, PhraseSerializer)

    def _verified(self, verb: str, rule: Any, body: Any) -> HttpResponse:
        def act(row: NoteRequest, version: int | None) -> HttpResponse:
            require_recent(self.request.auth)
            given = self.body(body(data=self.request.data or {}))
            return self.written(rule(row, by=self.request.user, version=version, **given))

        return self.on_row(verb, act)


class NoteRequestWordsView(MemberView):
    """The note that is asked for, to its author; why it is kept back, to who judges that. On the record."""

    area = Area.CONTACTS

    @extend_schema(
        operation_id="readNoteRequestWords",
        responses=NoteRequestWordsSerializer,
        tags=["Contacts"],
        summary="Open what is asked for, or why it is kept back; that it was opened is recorded.",
    )
    def get(self, request, **path) -> HttpResponse:
        row = NoteRequest.objects.visible_to(self.scope).filter(pk=self.kwargs["id"]).first()
        if row is None:
            raise NotFound
        words = read_words(row, by=request.user)
        return Response(NoteRequestWordsSerializer(words).data, headers={"Cache-Control": "no-store"})
