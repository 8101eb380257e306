"""The review queue: what waits for a decision, the oldest first, decided by keyboard.

A plain page of forms: it works without scripts. The script (`review.js`) only presses their buttons.
"""

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin import messages

from cms.admin.scoped import ScopedPageView
from domain.activities.choices import FlagStatus
from domain.activities.deciding import approve_activity, lacking_documents, reject_activity
from domain.activities.judging import explain
from domain.activities.models import Activity, ActivityContact
from domain.activities.models.activities import APPROVE
from domain.activities.queries import to_review
from domain.audit.guard import recorded
from domain.core.errors import DomainError
from domain.people.models import Contact

from .detail import when

# So many stand on the page; the next ones follow as these are decided.
SHOWN = 20


def key_of(text: str | None) -> UUID | None:
    """The key that a form has sent; None where it is none."""
    try:
        return UUID(text or "")
    except ValueError:
        return None


class ReviewView(ScopedPageView):
    template_name = "activities/review.html"
    page_title = gettext_lazy("Review")
    header_icon = "tasks"
    permission = APPROVE

    def waiting(self) -> Any:
        """What the caller may decide on."""
        return to_review(self.scope)

    def get_context_data(self, **kwargs):
        found = self.waiting()
        rows = list(
            found.select_related("type", "mentor", "local_association", "registered_by").prefetch_related(
                "leaders__user", "flags__other__type"
            )[:SHOWN]
        )
        self.note_list(rows)
        contacts = self.contacts_of(rows)
        return super().get_context_data(
            items=[self.item(row, contacts.get(row.pk, [])) for row in rows],
            total=found.count(),
            next_key=self.request.GET.get("next", ""),
            **kwargs,
        )

    def contacts_of(self, rows: list[Activity]) -> dict[Any, list[Contact]]:
        """The contacts that the caller sees, by activity; that they were named is on the record."""
        links = ActivityContact.objects.filter(
            activity__in=rows, contact__in=Contact.objects.visible_to(self.scope)
        ).select_related("contact")
        named: dict[Any, list[Contact]] = {}
        for link in links:
            named.setdefault(link.activity_id, []).append(link.contact)
        self.note_list({link.contact_id: link.contact for link in links}.values())
        return named

    def item(self, row: Activity, contacts: list[Contact]) -> dict[str, Any]:
        return {
            "row": row,
            "when": when(row),
            "contacts": contacts,
            "verdict": explain(row),
            "flags": [flag for flag in row.flags.all() if flag.status == FlagStatus.OPEN],
            "lacking": lacking_documents(row) if row.type.required_documents else [],
            "url": reverse("activities:inspect", args=[row.pk]),
        }

    def post(self, request, *args, **kwargs) -> HttpResponse:
        """Approve or reject one, then go on with the next."""
        raw = request.POST.get("version", "")
        version = int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 10 else -1
        key = key_of(request.POST.get("activity"))
        row = self.waiting().filter(pk=key).first() if key else None
        if row is None:
            messages.warning(request, _("It doesn't wait any more: somebody else has decided."))
            return redirect(reverse("activities:review"))
        later = self.waiting().filter(submitted_at__gte=row.submitted_at).exclude(pk=row.pk)
        following = later.values_list("pk", flat=True).first()
        try:
            with transaction.atomic(), recorded(row, what="activities review"):
                if request.POST.get("decision") == "approve":
                    approve_activity(row, by=request.user, version=version)
                    said = _("Approved: %(what)s") % {"what": row}
                elif request.POST.get("decision") == "reject":
                    reason = request.POST.get("reason", "")
                    reject_activity(row, reason=reason, by=request.user, version=version)
                    said = _("Sent back: %(what)s") % {"what": row}
                else:
                    raise PermissionDenied
        except DomainError as refusal:
            messages.error(request, f"{row}: {refusal.message}")
            return redirect(f"{reverse('activities:review')}?next={row.pk}#activity-{row.pk}")
        messages.success(request, said)
        if following is None:
            return redirect(reverse("activities:review"))
        return redirect(f"{reverse('activities:review')}?next={following}#activity-{following}")
