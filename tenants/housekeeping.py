"""The installation's own recurring jobs: proof of life of the workers, lost runs, old records."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_q.models import OrmQ, Task

from .choices import JobState
from .jobs import JobContext, job, push
from .models import Heartbeat, JobRun
from .schedules import every, the_template

KEPT = timedelta(days=30)


def beat() -> None:
    """Write down that the workers do their work."""
    Heartbeat.objects.update_or_create(name="worker", defaults={"at": timezone.now()})


@every(seconds=10, due=the_template)
@job(
    "worker.heartbeat",
    title=_("Sign of life"),
    as_owner=True,
    keep=False,
    retry_errors=False,
    any_status=True,
    timeout=30,
)
def heartbeat(context: JobContext) -> None:
    """Goes the whole way, through queue, worker, schema and commit: what `/health/ready` looks at."""
    beat()


@every(minutes=15, due=the_template)
@job("worker.rescue_lost", title=_("Recover lost jobs"), as_owner=True, keep=False, any_status=True)
def rescue_lost(context: JobContext) -> None:
    """Put runs into the queue that wait although it doesn't hold them (after an error of the queue's)."""
    old = timezone.now() - timedelta(seconds=2 * settings.Q_CLUSTER["retry"])
    waiting = {str(run.pk): run for run in JobRun.objects.filter(state=JobState.QUEUED, created_at__lt=old)}
    if waiting:
        for row in OrmQ.objects.iterator():
            waiting.pop(next(iter(row.task.get("args", ())), ""), None)
    for run in waiting.values():
        push(run)


@every(minutes=24 * 60, due=the_template)
@job("worker.purge", title=_("Delete old records"), as_owner=True, keep=False, any_status=True)
def purge(context: JobContext) -> None:
    """Delete what was finished more than 30 days ago."""
    before = timezone.now() - KEPT
    JobRun.objects.filter(finished_at__lt=before).delete()
    Task.objects.filter(stopped__lt=before).delete()
