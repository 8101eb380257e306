"""Jobs: one run with its progress, and all of them."""

from datetime import timedelta
from typing import Any

import django_filters
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.paginator import WagtailPaginator
from wagtail.admin.ui.tables import Column, DateColumn, NumberColumn, TitleColumn
from wagtail.admin.views.reports import ReportView

from domain.audit.rules import record
from tenants import jobs
from tenants.choices import JobState, OrganizationKind
from tenants.health import WORKER_STALE
from tenants.models import Heartbeat, JobRun, Organization
from tenants.organization_jobs import CLOSE, PROVISION

from .access import CHANGE, PlatformOnly
from .detail import ConsolePage
from .figures import JOB_ICONS, job_title, subject_of
from .listing import StateColumn, WholeExport

ENDED = (JobState.DONE, JobState.FAILED, JobState.PARKED)
TRY_AGAIN = (JobState.FAILED, JobState.PARKED)


def worker_is_silent() -> bool:
    """Whether nobody does jobs at the moment."""
    beat = Heartbeat.objects.filter(name="worker").values_list("at", flat=True).first()
    return beat is None or timezone.now() - beat > WORKER_STALE


def said_of(run: JobRun) -> str:
    """What a run is doing, in a sentence for people."""
    if run.state in ENDED:
        return str(run.get_state_display())
    if run.step:
        return run.step
    if worker_is_silent():
        return _("No worker is running: it begins as soon as one does.")
    if run.state == JobState.QUEUED and run.error:
        return _("The attempt before failed; it is tried again in a moment.")
    return _("It begins in a moment.") if run.state == JobState.QUEUED else _("Working")


def tone_of(run: JobRun) -> str:
    return {JobState.DONE: "good", JobState.FAILED: "bad", JobState.PARKED: "bad"}.get(
        JobState(run.state), ""
    )


class RunMixin(PlatformOnly):
    @cached_property
    def run(self) -> JobRun:
        return get_object_or_404(JobRun.objects.select_related("organization"), pk=self.kwargs["pk"])


class RunStateView(RunMixin, View):
    """What the progress page asks for every second."""

    def get(self, request, *args, **kwargs):
        response = JsonResponse(
            {"progress": self.run.progress, "text": said_of(self.run), "ended": self.run.state in ENDED}
        )
        response["Cache-Control"] = "no-store"
        return response


class RunView(RunMixin, ConsolePage):
    """One run: its progress, then what came of it; with `?follow=1` it leads on when done."""

    template_name = "organizations/run.html"
    header_icon = "tasks"

    def get_page_title(self):
        return job_title(self.run)

    def get_page_subtitle(self):
        return subject_of(self.run)

    def get_breadcrumbs_items(self):
        first = super().get_breadcrumbs_items()[0]
        return [
            first,
            {"url": reverse("jobs:index"), "label": _("Jobs")},
            {"url": "", "label": self.get_page_title(), "sublabel": self.get_page_subtitle()},
        ]

    def get(self, request, *args, **kwargs):
        done = request.GET.get("follow") and self.run.state == JobState.DONE
        if done and (target := self.following()):
            messages.success(request, self.success_message())
            return redirect(target)
        return super().get(request, *args, **kwargs)

    def following(self) -> str | None:
        """Where the way goes on after success."""
        organization = self.run.result.get("organization")
        if self.run.name in (PROVISION, CLOSE) and organization:
            return reverse("organizations:detail", args=[organization])
        return None

    def success_message(self) -> str:
        if self.run.name == PROVISION:
            return _("%(name)s is set up and ready.") % {"name": subject_of(self.run)}
        return _("%(name)s is closed.") % {"name": subject_of(self.run)}

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        run = self.run
        return {
            **context,
            "run": run,
            "ended": run.state in ENDED,
            "said": said_of(run),
            "icon_name": JOB_ICONS[JobState(run.state)],
            "tone": tone_of(run),
            "following": self.following() if run.state == JobState.DONE else None,
            "change_url": (
                f"{reverse('organizations:new')}?from={run.pk}"
                if run.name == PROVISION and run.state in TRY_AGAIN
                else None
            ),
            "may_retry": run.state in TRY_AGAIN and self.request.user.has_perm(CHANGE),
        }


class RetryView(RunMixin, View):
    """Try a failed or stopped run again."""

    http_method_names = ["post"]

    def post(self, request, *args, **kwargs):
        if not request.user.has_perm(CHANGE):
            raise PermissionDenied
        try:
            with transaction.atomic():
                jobs.retry(self.run)
                record(
                    "job.retried",
                    self.run.organization,
                    by=request.user,
                    changes={"job": (None, self.run.name)},
                )
        except jobs.JobRefused as refusal:
            messages.error(request, str(refusal))
        return redirect(f"{reverse('organizations:run', args=[self.run.pk])}?follow=1")


class RunFilterSet(WagtailFilterSet):
    state = django_filters.MultipleChoiceFilter(choices=JobState, label=gettext_lazy("State"))
    name = django_filters.ChoiceFilter(
        choices=lambda: sorted((name, str(definition.title)) for name, definition in jobs.registry.items()),
        label=gettext_lazy("Job"),
    )
    organization = django_filters.ModelChoiceFilter(
        queryset=lambda request: Organization.objects.exclude(kind=OrganizationKind.TEMPLATE),
        label=gettext_lazy("Organisation"),
    )

    class Meta:
        model = JobRun
        fields = ["state", "name", "organization"]


def duration(run: JobRun) -> str:
    """How long the last attempt took, in seconds or minutes."""
    if run.started_at is None:
        return ""
    took: timedelta = (run.finished_at or timezone.now()) - run.started_at
    seconds = took.total_seconds()
    if seconds < 1:
        return _("under 1 s")
    if seconds < 120:
        return _("%(seconds)d s") % {"seconds": seconds}
    return _("%(minutes)d min") % {"minutes": seconds // 60}


class JobPaginator(WagtailPaginator):
    """Counts in words of ours."""

    verbose_name = gettext_lazy("job")
    verbose_name_plural = gettext_lazy("jobs")


class JobsView(PlatformOnly, WholeExport, ReportView):
    """Every job of the last thirty days that left a record."""

    model = JobRun
    page_title = gettext_lazy("Jobs")
    header_icon = "tasks"
    template_name = "organizations/jobs.html"
    results_template_name = "organizations/jobs_results.html"
    index_url_name = "jobs:index"
    index_results_url_name = "jobs:results"
    # PlatformOnly has asked.
    permission_policy = None
    is_searchable = False
    filterset_class = RunFilterSet
    paginator_class = JobPaginator
    default_ordering = "-created_at"
    verbose_name_plural = gettext_lazy("jobs")
    columns = [
        TitleColumn(
            "name",
            label=gettext_lazy("Job"),
            accessor=job_title,
            sort_key="name",
            get_url=lambda run: reverse("organizations:run", args=[run.pk]),
        ),
        Column("subject", label=gettext_lazy("About"), accessor=subject_of),
        StateColumn(
            "get_state_display",
            label=gettext_lazy("State"),
            sort_key="state",
            icon=lambda run: JOB_ICONS[JobState(run.state)],
            tone=tone_of,
        ),
        NumberColumn("attempts", label=gettext_lazy("Attempts"), sort_key="attempts"),
        Column("duration", label=gettext_lazy("Duration"), accessor=duration),
        DateColumn("created_at", label=gettext_lazy("Asked for"), sort_key="created_at"),
    ]
    list_export = [
        "name",
        "organization.name",
        "get_state_display",
        "attempts",
        "created_at",
        "started_at",
        "finished_at",
        "error",
    ]
    export_headings = {
        "name": gettext_lazy("Job"),
        "organization.name": gettext_lazy("Organisation"),
        "get_state_display": gettext_lazy("State"),
        "attempts": gettext_lazy("Attempts"),
        "created_at": gettext_lazy("Asked for"),
        "started_at": gettext_lazy("Begun"),
        "finished_at": gettext_lazy("Ended"),
        "error": gettext_lazy("Error"),
    }
    export_filename = "jobs"

    def get_base_queryset(self):
        return JobRun.objects.select_related("organization")

    def as_spreadsheet(self, queryset, spreadsheet_format):
        return super().as_spreadsheet(list(queryset), spreadsheet_format)

    def counts(self) -> list[dict[str, Any]]:
        """How many runs there are in each state, each with the address that lists them."""
        number = dict(JobRun.objects.order_by().values_list("state").annotate(Count("pk")))
        return [
            {
                "label": state.label,
                "count": number.get(state.value, 0),
                "url": f"{reverse('jobs:index')}?state={state.value}",
                "icon_name": JOB_ICONS[state],
            }
            for state in JobState
        ]

    def get_context_data(self, *args, **kwargs):
        context = super().get_context_data(*args, **kwargs)
        return {**context, "counts": self.counts(), "worker_is_silent": worker_is_silent()}
