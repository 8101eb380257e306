"""Asking for a copy of all that is kept about a contact, and for its erasure; fetching the copy.

Jobs do both: the answer is the job, and where to look for it.
"""

from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers

from api.associations import NeededReasonSerializer
from api.core.errors import NotFound
from api.core.query import Query
from api.core.views import MemberView
from api.job_runs import JobSerializer, accepted
from domain.config.choices import Area
from domain.identity.verification import require_recent
from domain.people import erasing, erasure_jobs, handing_out_jobs
from domain.people.handing_out import fetch_copy
from domain.people.models import Contact, ContactHandOut


class EraseContactSerializer(NeededReasonSerializer):
    with_relatives = serializers.BooleanField(
        default=False, help_text="Also relatives who belong to nobody else."
    )


class AsksForWork:
    """What is asked for with a contact and done by a job."""

    @classmethod
    def row_verbs(cls) -> tuple[str, ...]:
        return (*super().row_verbs(), "hand-out", "erase")  # type: ignore[misc]

    @extend_schema(
        request=None,
        responses={202: JobSerializer},
        summary="Make a copy of all that is kept about the contact. Asks for a fresh proof of who one is.",
        description="The answer is the job that makes it. At its `result_url` whoever asked, and nobody "
        "else, fetches a ZIP for three days. Private notes are counted; their authors have them.",
    )
    def hand_out(self: Any, request, **path):
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
    def erase(self: Any, request, **path):
        def ask(contact: Contact, version: int | None):
            require_recent(request.auth)
            given = self.body(EraseContactSerializer(data=request.data))
            erasing.require_erasable(contact, by=request.user)
            return accepted(erasure_jobs.ask_for_contact(contact, by=request.user, **given))

        return self.on_row("erase", ask)


class HandOutView(MemberView):
    """The copy that the caller asked for, until it expires; each time is on the record.

    Asks for a fresh proof of who one is. Another's, and one that was destroyed, is a 404.
    """

    area = Area.CONTACTS

    @extend_schema(
        operation_id="getContactHandOutContent",
        parameters=[Query],
        responses={(200, "application/zip"): OpenApiResponse(OpenApiTypes.BINARY)},
        tags=["Contacts"],
        summary="Fetch the copy of what is kept about a contact, as who asked for it.",
    )
    def get(self, request, id):
        row = ContactHandOut.objects.visible_to(self.scope).filter(pk=id, destroyed_at=None).first()
        if row is None or not row.is_ready:
            raise NotFound
        require_recent(request.auth)
        content = fetch_copy(row, by=request.user)
        return HttpResponse(
            content,
            content_type="application/zip",
            headers={
                "Content-Disposition": f'attachment; filename="contact-{str(row.contact_id)[-6:]}.zip"',
                "Cache-Control": "no-store",
            },
        )
