"""One event, with everything it says and what proves it."""

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from domain.audit.models import AuditDetail, AuditEvent
from domain.audit.sealing import anchored_size
from domain.audit.tree import standing
from domain.audit.words import kind_of, said
from domain.identity.models import User

from . import words
from .timeline import MayReadTheRecord

PART_NAMES = {
    "actor_label": gettext_lazy("name of who did it"),
    "on_behalf_of_label": gettext_lazy("name of whom it was done for"),
    "object_label": gettext_lazy("name of the object"),
    "reason": gettext_lazy("reason"),
    "network": gettext_lazy("network"),
}


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
        people = User.objects.filter(pk__in=event.subject_ids).order_by("last_name", "first_name")
        return {
            **super().get_context_data(**kwargs),
            "event": event,
            "said": said(event),
            "kind": kind_of(event.object_type),
            "object_url": words.object_url(event),
            "network": detail.network if detail else "",
            "changes": words.changes_of(event, erased),
            "erased": [str(PART_NAMES[part]) for part in sorted(erased) if part in PART_NAMES],
            "people": people,
            "standing": place,
            "root": bytes(place.head.root).hex() if place.head else "",
        }
