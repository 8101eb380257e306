"""Work that was asked for over the API and goes on without the caller: /api/v1/jobs/{id}/.

`accepted(enqueue(…))` is the answer of the call that asked for it: 202, and where to look.
"""

from typing import Any

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from api.core.errors import NotFound
from api.core.fields import UtcDateTimeField
from api.core.query import Query
from api.core.views import MemberView
from domain.access import erasing, erasure_jobs
from domain.people import erasure_jobs as contact_erasure
from domain.people import handing_out_jobs
from domain.people.models import contacts
from tenants.choices import JobState
from tenants.models import JobRun

# What the API begins → the permission that it takes to ask for it, and so to ask what became of it.
KINDS = {
    erasure_jobs.ERASE: erasing.ERASE,
    contact_erasure.ERASE_CONTACT: contacts.ERASE,
    handing_out_jobs.HAND_OUT: contacts.EXPORT,
}
PATH = "/api/v1/jobs/"


class JobSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    kind = serializers.CharField(source="name", help_text="What is done, a stable key: `people.erase`.")
    status = serializers.ChoiceField(
        choices=JobState.choices,
        source="state",
        help_text="`queued` and `running` go on; `failed` and `parked` (given up after several attempts) "
        "had no effect, and `error` says why.",
    )
    progress = serializers.IntegerField(min_value=0, max_value=100, help_text="Percent.")
    step = serializers.CharField(help_text="What is being done, for people; may be empty.")
    error = serializers.CharField(help_text="Why it wasn't done, for people; empty unless it wasn't.")
    created_at = UtcDateTimeField()
    started_at = UtcDateTimeField(allow_null=True, help_text="Of the latest attempt.")
    finished_at = UtcDateTimeField(allow_null=True)
    result_url = serializers.SerializerMethodField(help_text="What it made; null where there is nothing.")

    def get_result_url(self, run) -> str | None:
        return run.result.get("url")


def accepted(run: JobRun) -> Response:
    """202 with the job, and its address as Location."""
    return Response(JobSerializer(run).data, status=202, headers={"Location": f"{PATH}{run.pk}/"})


class JobView(MemberView):
    """What became of work that was asked for here; kept for 30 days after its end.

    Ask again after some seconds, with `If-None-Match`, until `status` is `done`, `failed` or `parked`.
    """

    @extend_schema(operation_id="getJob", parameters=[Query], responses=JobSerializer, tags=["Jobs"])
    def get(self, request, id):
        run = JobRun.objects.filter(organization=self.organization, pk=id).first()
        if run is None or not self.may_see(run):
            raise NotFound
        return Response(JobSerializer(run).data)

    def may_see(self, run: JobRun) -> Any:
        if run.name == handing_out_jobs.HAND_OUT and run.arguments.get("by") != str(self.scope.user_id):
            return False  # A copy is nobody's but whoever asked.
        return run.name in KINDS and self.scope.can(KINDS[run.name])


urlpatterns = [path("jobs/<uuid:id>/", JobView.as_view())]
