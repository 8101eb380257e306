"""The copy of what is kept about a contact, for whoever asked for it."""

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema

from api.core.errors import NotFound
from api.core.query import Query
from api.core.views import MemberView
from domain.config.choices import Area
from domain.identity.verification import require_recent
from domain.people.handing_out import fetch_copy
from domain.people.models import ContactHandOut


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
