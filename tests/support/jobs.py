"""Doing the queued jobs in the test's own process and transaction."""

from datetime import timedelta

from django.db import connection
from django.utils import timezone, translation
from django_q.models import OrmQ
from django_tenants.utils import schema_context

from tenants import job_runner


def work_off(*, within: timedelta = timedelta(0)) -> list[str]:
    """Do every queued task that is due (or due `within` that time); returns what became of each."""
    selected = connection.tenant
    outcomes = []
    try:
        with schema_context("public"), translation.override(translation.get_language()):
            while True:
                row = OrmQ.objects.filter(lock__lte=timezone.now() + within).order_by("id").first()
                if row is None:
                    return outcomes
                task = row.task
                row.delete()
                outcomes.append(job_runner.run(*task["args"], **task["kwargs"]))
    finally:
        connection.set_tenant(selected)
