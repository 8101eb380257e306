"""How many contacts there are, without names; and the diagnosis of one, opened on the record."""

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from api.core.errors import NotFound
from api.core.views import MemberView
from domain.config.choices import Area
from domain.core.errors import NotAllowed
from domain.encryption.errors import ContentErased
from domain.encryption.reading import read_sealed
from domain.people.choices import ContactStatus
from domain.people.models import Contact
from domain.people.models.contacts import COUNT
from domain.reporting.counts import CountLine, contact_counts


class StatusCountsSerializer(serializers.Serializer):
    new = serializers.IntegerField()
    active = serializers.IntegerField()
    paused = serializers.IntegerField()
    closed = serializers.IntegerField()
    total = serializers.IntegerField(help_text="The sum of the numbers that are shown.")
    is_exact = serializers.BooleanField(
        help_text="False where the caller sees no names: then numbers are rounded to the nearest five."
    )
    hidden = serializers.ListField(
        child=serializers.ChoiceField(choices=[*ContactStatus.values, "total"]),
        help_text="Numbers that aren't told, because they are from one to four or a sum of such: they are 0 "
        "here.",
    )


class AssociationCountsSerializer(StatusCountsSerializer):
    local_association = serializers.UUIDField()
    name = serializers.CharField(help_text="Of the local association.")


class ContactCountsSerializer(serializers.Serializer):
    associations = AssociationCountsSerializer(many=True)
    total = StatusCountsSerializer()


class ContactCountsView(MemberView):
    """Contacts by local association and status, where the caller may count them; nobody is named."""

    area = Area.CONTACTS

    @extend_schema(
        operation_id="getContactCounts",
        responses=ContactCountsSerializer,
        tags=["Contacts"],
        summary="How many contacts there are, by local association and status.",
    )
    def get(self, request, **path) -> Response:
        if not self.scope.can(COUNT):
            raise NotAllowed(_("You may not do this."))
        lines, sums = contact_counts(self.scope)
        return Response(
            {
                "associations": [
                    {
                        "local_association": str(line.place.pk),
                        "name": str(line.place),
                        **_numbers(line),
                    }
                    for line in lines
                ],
                "total": _numbers(sums),
            }
        )


class DiagnosisSerializer(serializers.Serializer):
    diagnosis = serializers.CharField(allow_null=True, help_text="null where there is none, or no longer.")


class DiagnosisView(MemberView):
    """What is written of a contact's diagnosis. Each reading is on the record."""

    area = Area.CONTACTS

    @extend_schema(
        operation_id="readContactDiagnosis",
        responses=DiagnosisSerializer,
        tags=["Contacts"],
        summary="Open the diagnosis of a contact; that it was opened is recorded.",
    )
    def get(self, request, **path) -> HttpResponse:
        row = Contact.objects.visible_to(self.scope).filter(pk=self.kwargs["id"]).first()
        if row is None:
            raise NotFound
        try:
            text = read_sealed(row, "diagnosis", by=request.user, scope=self.scope)
        except ContentErased:
            text = None
        return Response({"diagnosis": text}, headers={"Cache-Control": "no-store"})


def _numbers(line: CountLine) -> dict[str, Any]:
    return {
        **{name: cell.number or 0 for name, cell in line.cells.items()},
        "is_exact": line.is_exact,
        "hidden": [name for name, cell in line.cells.items() if cell.is_hidden],
    }
