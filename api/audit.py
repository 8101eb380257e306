"""The audit record, to read: /api/v1/audit-events/."""

from typing import Any
from uuid import UUID

from django.db.models import BigIntegerField, OuterRef, Subquery
from django.http import HttpResponse
from django.urls import path
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers

from api.core.entities import EntityViewSet
from api.core.errors import NotFound
from api.core.routes import addresses
from api.core.serializers import EntitySerializer
from api.core.views import MemberView
from domain.audit.models import AuditEvent, AuditSeal
from domain.audit.proof import as_file, export_proof
from domain.audit.queries import of_kind
from domain.audit.rules import record
from domain.audit.words import said
from domain.identity.models import Membership


class AuditEventSerializer(EntitySerializer):
    summary = serializers.SerializerMethodField(help_text="What happened, in the caller's language.")
    actor_label = serializers.CharField(read_only=True, help_text="Empty where it was erased.")
    on_behalf_of_label = serializers.CharField(read_only=True)
    object_label = serializers.CharField(read_only=True, help_text="The object's name at that time.")
    reason = serializers.CharField(read_only=True)
    changes = serializers.SerializerMethodField(help_text="Old and new value of each changed field.")
    seq = serializers.IntegerField(
        read_only=True,
        allow_null=True,
        help_text="Number in the sealed record, from 0; null until it is sealed.",
    )

    class Meta:
        model = AuditEvent
        fields = [
            *("id", "at", "action", "summary", "actor_id", "actor_label"),
            *("on_behalf_of_id", "on_behalf_of_label", "session_id", "grant_id"),
            *("object_type", "object_id", "object_label", "subject_ids", "changes", "reason", "seq"),
        ]
        read_only_fields = fields

    def get_summary(self, event) -> str:
        return said(event)

    def get_changes(self, event) -> dict[str, list[Any]]:
        return event.changes


class AuditEventFilters(filters.FilterSet):
    at_from = filters.IsoDateTimeFilter(field_name="at", lookup_expr="gte", label="Not before.")
    at_to = filters.IsoDateTimeFilter(field_name="at", lookup_expr="lt", label="Before.")
    actor = filters.UUIDFilter(field_name="actor_id", label="Id of the person who did it.")
    about = filters.UUIDFilter(method="filter_about", label="Id of a person the event tells about.")
    kind = filters.ChoiceFilter(
        choices=[
            ("changes", "changes"),
            ("reads", "reads"),
            ("sessions", "sessions"),
            ("support", "support"),
        ],
        method="filter_kind",
        label="Only changes, reads, signing in and out, or what was done under support access.",
    )

    class Meta:
        model = AuditEvent
        fields = ["action", "object_type", "object_id"]

    def filter_about(self, queryset, name, value):
        return queryset.filter(subject_ids__contains=[value]).exclude(subject_ids=[])

    def filter_kind(self, queryset, name, value):
        return of_kind(queryset, value)


class AuditEventViewSet(EntityViewSet):
    """What was done in the organisation, by whom; for whoever may read its record. Read only."""

    path, noun, tag = "audit-events", "AuditEvent", "Audit"
    queryset = AuditEvent.objects.annotate(
        seq=Subquery(
            AuditSeal.objects.filter(event_id=OuterRef("pk")).values("seq")[:1],
            output_field=BigIntegerField(),
        )
    )
    serializer_class = AuditEventSerializer
    filterset_class = AuditEventFilters
    ordering_fields = ("at", "id")
    updated_field = "at"
    compiled = False  # The sentence is put together from words in the caller's language.

    def note_rows(self, rows, columns, *, verb):
        """What someone did, or what is said of them, tells much about them: asking for it is recorded."""
        given = [self.request.query_params.get(name) for name in ("actor", "about")]
        asked = {UUID(text) for text in given if text} - {self.request.user.pk}
        for member in Membership.objects.here().filter(user__in=asked).select_related("user"):
            person = member.user
            record("audit-event.read", person, by=self.request.user, subject_ids=[person.pk])


class AuditProofSerializer(serializers.Serializer):
    format = serializers.CharField(help_text="`meander-audit-proof/1`.")
    organization = serializers.CharField()
    seq = serializers.IntegerField(help_text="Number of the event in the sealed record, from 0.")
    event = serializers.DictField(help_text="What was hashed.")
    parts = serializers.DictField(help_text="What tells about people: salt and value; a hash once erased.")
    path = serializers.ListField(
        child=serializers.CharField(), help_text="Hashes from the event up to the head (RFC 9162, 2.1.3)."
    )
    checkpoint = serializers.CharField(help_text="The signed head (C2SP tlog-checkpoint).")
    keys = serializers.ListField(child=serializers.DictField(), help_text="Public keys; compare them.")


class AuditProofView(MemberView):
    """One event with what proves that it was sealed as it is: a file for `verify_audit.py`."""

    @extend_schema(
        operation_id="getAuditEventProof",
        responses=AuditProofSerializer,
        tags=["Audit"],
        summary="The proof of one event; 409 until it is sealed. That it was taken is recorded.",
    )
    def get(self, request, id):
        event = AuditEvent.objects.visible_to(self.scope).filter(pk=id).first()
        if event is None:
            raise NotFound
        proof = export_proof(event, self.organization, by=request.user)
        return HttpResponse(as_file(proof), content_type="application/json")


urlpatterns = [
    *addresses(AuditEventViewSet),
    path(f"{AuditEventViewSet.path}/<uuid:id>/proof/", AuditProofView.as_view()),
]
