"""One event, with everything it says and what proves it."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from domain.audit.models import AuditDetail, AuditEvent
from domain.audit.proof import as_file, export_proof
from domain.audit.sealing import anchored_size
from domain.audit.tree import standing
from domain.audit.words import kind_of, said
from domain.core.errors import InvalidState
from domain.identity.models import SupportAccessGrant, User

from . import words
from .timeline import MayReadTheRecord

# So many people are named on the page of an event.
SHOWN = 30
PART_NAMES = {
    "actor_label": gettext_lazy("name of who did it"),
    "on_behalf_of_label": gettext_lazy("name of whom it was done for"),
    "object_label": gettext_lazy("name of the object"),
    "reason": gettext_lazy("reason"),
    "network": gettext_lazy("network"),
}


class ProofView(MayReadTheRecord, View):
    """The event with what proves it, as a file for the stand-alone verifier."""

    def get(self, request, *args, **kwargs):
        event = get_object_or_404(AuditEvent.objects.all(), pk=self.kwargs["pk"])
        try:
            proof = export_proof(event, request.tenant, by=request.user)
        except InvalidState as refusal:
            messages.warning(request, str(refusal.message))
            return redirect("audit:event", event.pk)
        response = HttpResponse(as_file(proof), content_type="application/json")
        name = f"{slugify(request.tenant.short_name) or 'audit'}-event-{proof['seq']}.json"
        response["Content-Disposition"] = content_disposition_header(True, name)
        response["Cache-Control"] = "no-store"
        return response


class EventView(MayReadTheRecord, WagtailAdminTemplateMixin, TemplateView):
    template_name = "audit/event.html"
    header_icon = "history"

    @cached_property
    def event(self) -> AuditEvent:
        return get_object_or_404(AuditEvent.objects.all(), pk=self.kwargs["pk"])

    def get_page_title(self):
        return _("Event in the audit record")

    def get_breadcrumbs_items(self):
        return [
            *super().get_breadcrumbs_items(),
            {"url": reverse("audit:index"), "label": _("Audit record")},
            {"url": "", "label": self.get_page_title()},
        ]

    def get_context_data(self, **kwargs):
        event = self.event
        detail = AuditDetail.objects.filter(pk=event.pk).first()
        erased = detail.erased if detail else {}
        place = standing(event, anchored_size())
        people = User.objects.filter(pk__in=event.subject_ids).order_by("name_key", "pk")
        grant = event.grant_id and SupportAccessGrant.objects.filter(pk=event.grant_id).first()
        return {
            **super().get_context_data(**kwargs),
            "event": event,
            "said": said(event),
            "kind": kind_of(event.object_type),
            "object_url": words.object_url(event),
            "network": detail.network if detail else "",
            "changes": words.changes_of(event, erased),
            "erased": [str(PART_NAMES[part]) for part in sorted(erased) if part in PART_NAMES],
            "people": people[:SHOWN],
            "more_people": max(0, len(event.subject_ids) - SHOWN),
            "grant": grant,
            "for_organization": event.on_behalf_of_id == self.request.tenant.pk,
            "standing": place,
            "export_url": reverse("audit:export"),
            "root": bytes(place.head.root).hex() if place.head else "",
        }
