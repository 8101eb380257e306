"""Taking the whole record out: asked for here, written by the worker, fetched here."""

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.text import slugify
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import TemplateView
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from domain.audit import keys
from domain.audit.jobs import EXPORT
from domain.audit.models import AuditHead
from domain.audit.sealing import unsealed
from tenants.choices import JobState
from tenants.jobs import enqueue
from tenants.models import JobRun

from .timeline import MayReadTheRecord

ENDED = (JobState.DONE, JobState.FAILED, JobState.PARKED)
SHOWN = 5


class ExportView(MayReadTheRecord, WagtailAdminTemplateMixin, TemplateView):
    """What an export is, a button that asks for one, and the last ones with their progress."""

    template_name = "audit/export.html"
    header_icon = "download"

    def get_page_title(self):
        return _("Export the audit record")

    def get_breadcrumbs_items(self):
        return [
            *super().get_breadcrumbs_items(),
            {"url": reverse("audit:index"), "label": _("Audit record")},
            {"url": "", "label": self.get_page_title()},
        ]

    def post(self, request, *args, **kwargs):
        enqueue(EXPORT, request.tenant, key="export", by=str(request.user.pk))
        return redirect("audit:export")

    def get_context_data(self, **kwargs):
        runs = list(JobRun.objects.filter(organization=self.request.tenant, name=EXPORT)[:SHOWN])
        for run in runs:
            run.is_ready = run.state == JobState.DONE and default_storage.exists(
                run.result.get("file", "") or "-"
            )
            run.has_ended = run.state in ENDED
        head = AuditHead.objects.order_by("-size").first()
        return {
            **super().get_context_data(**kwargs),
            "runs": runs,
            "working": next((run for run in runs if not run.has_ended), None),
            "head": head,
            "waiting": unsealed(),
            "keys": [(identity, public.hex()) for identity, public in keys.public_keys().items()],
        }


class ExportRun(MayReadTheRecord, View):
    @cached_property
    def run(self) -> JobRun:
        runs = JobRun.objects.filter(organization=self.request.tenant, name=EXPORT)
        return get_object_or_404(runs, pk=self.kwargs["pk"])


class ExportStateView(ExportRun):
    """What the page asks for while an export is written."""

    def get(self, request, *args, **kwargs):
        text = self.run.step or self.run.get_state_display()
        response = JsonResponse(
            {"progress": self.run.progress, "text": str(text), "ended": self.run.state in ENDED}
        )
        response["Cache-Control"] = "no-store"
        return response


class ExportFileView(ExportRun):
    """The file; that it was taken is in the record since it was asked for."""

    def get(self, request, *args, **kwargs):
        name = self.run.result.get("file") if self.run.state == JobState.DONE else None
        if not name or not default_storage.exists(name):
            raise Http404
        day = localtime(self.run.finished_at or self.run.created_at).date().isoformat()
        shown = f"{slugify(request.tenant.short_name) or 'audit'}-audit-{day}.zip"
        response = FileResponse(default_storage.open(name), as_attachment=True, filename=shown)
        response["Cache-Control"] = "no-store"
        return response
