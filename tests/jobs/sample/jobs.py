"""Jobs that do what real ones must not: look where they are, die, fail, sleep."""

import os
import signal
import time

from django.db import connection
from django.db.models.functions import Now

from domain.audit.rules import record
from domain.core.errors import InvalidState
from domain.identity.models import SupportAccessGrant, User
from tenants.jobs import enqueue, job
from tenants.models import JobRun, Organization


@job("sample.where")
def where(context):
    """The schema and role the job finds itself in."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema(), current_user = session_user")
        schema, is_owner = cursor.fetchone()
    return {"schema": schema, "is_owner": is_owner}


@job("sample.where_as_owner", as_owner=True)
def where_as_owner(context):
    return where(context)


@job("sample.rename")
def rename(context, by, end_access=False):
    """A change of the organisation, for somebody; `end_access`: whose access ends while it is under way."""
    there = context.organization
    record("organization.updated", there, by=User.objects.get(pk=by), changes={"name": ("a", "b")})
    if end_access:
        SupportAccessGrant.objects.update(revoked_at=Now())


@job("sample.ask_further")
def ask_further(context, by):
    """A job that asks for another."""
    enqueue("sample.rename", context.organization, key="further", by=by)


@job("sample.die")
def die(context):
    os.kill(os.getpid(), signal.SIGKILL)


@job("sample.fail")
def fail(context, secret):
    raise ZeroDivisionError(f"the value was {secret}")


@job("sample.refuse")
def refuse(context):
    raise InvalidState("This is already approved.")


@job("sample.steps")
def steps(context, seconds=0):
    context.progress(40, "Halfway")
    time.sleep(seconds)
    return {}


@job("sample.write_and_fail")
def write_and_fail(context):
    record("sample.written", context.organization, by=None)
    raise ZeroDivisionError


@job("sample.lose_ledger", as_owner=True)
def lose_ledger(context, name):
    """Another attempt takes over while this one works."""
    JobRun.objects.filter(pk=context.run_id).update(attempts=9)
    Organization.objects.filter(pk=context.organization.pk).update(name=name)


@job("sample.too_slow", timeout=1)
def too_slow(context):
    time.sleep(30)


@job("sample.write_slowly")
def write_slowly(context):
    """Writes, tells its process id, and is slow to commit the first time."""
    record("sample.written", context.organization, by=None)
    context.progress(50, str(os.getpid()))
    if context.attempt == 1:
        time.sleep(30)
