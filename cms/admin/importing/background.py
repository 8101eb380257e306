"""Large imports: looked through and written by jobs, in parts, with a ledger of rows (cms.models.imports).

A batch of rows and their lines in the ledger are one transaction, and the ledger says which rows are left.
So a worker may be killed at any moment, or two may be at it: no row is imported twice.
"""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from cms.models.imports import ContentImport, ImportedRow, ImportState, RowOutcome
from domain.identity.models import User
from tenants.choices import JobState
from tenants.jobs import JobRefused, enqueue
from tenants.models import JobRun, Organization

from . import staging
from .kinds import KINDS, ImportKind
from .looking import look
from .planning import Outcome
from .tables import MAX_ROWS_AT_ONCE, Row, Table
from .writing import Report, record_import, write_batch

# Rows per transaction: what is lost at most when a worker is killed, some seconds of work.
BATCH = 100
# Seconds after which a run makes way for others' jobs and is followed by the next.
PART = 120
# How long the outcome of an import, and its failed rows, can be had.
REMEMBERED = timedelta(days=7)
CHECK, WRITE = "imports.check", "imports.write"
Progress = Callable[[int, str], None]


def is_large(table: Table) -> bool:
    """Whether a file is too long to be done while a person waits for the page."""
    return len(table.rows) > MAX_ROWS_AT_ONCE


def find(token: str, kind: ImportKind, user: Any) -> ContentImport | None:
    """This person's large import of that name."""
    return ContentImport.objects.filter(token=token, kind=kind.key, user_id=user.pk).first()


@transaction.atomic
def begin_check(staged: staging.Staged, organization: Organization) -> ContentImport:
    """Have a file looked through, as its columns and options now say; does nothing while a job has it."""
    current, is_new = ContentImport.objects.select_for_update().get_or_create(
        token=staged.token,
        defaults={
            "kind": staged.kind,
            "user_id": staged.user,
            "file_name": staged.file_name,
            "headers": staged.table.headers,
            "format": staged.table.format,
            "delimiter": staged.table.delimiter,
        },
    )
    if is_new or current.state == ImportState.CHECKED:
        staged.plan = staged.report = None
        staged.save()
        current.state = ImportState.CHECKING
        _next_part(current, CHECK, organization)
    return current


@transaction.atomic
def begin_write(staged: staging.Staged, *, publish: bool, organization: Organization) -> None:
    """Have the good rows of a file that was looked through written; does nothing if that has begun."""
    current = ContentImport.objects.select_for_update().get(token=staged.token)
    if current.state != ImportState.CHECKED:
        return
    assert staged.plan is not None
    cells = {row.number: row.cells for row in staged.table.rows}
    ImportedRow.objects.bulk_create(
        ImportedRow(
            content_import=current,
            number=row["number"],
            outcome=RowOutcome.FAILED,
            is_tried=False,
            cells=cells[row["number"]],
            why=" ".join(row["problems"]),
        )
        for row in staged.plan["rows"]
        if row["problems"]
    )
    current.unchanged = staged.plan["counts"][Outcome.UNCHANGED.value]
    current.total = len(_stamps_to_write(staged))
    current.publish = publish
    current.state = ImportState.WRITING
    _next_part(current, WRITE, organization)


@transaction.atomic
def resume(token: str, organization: Organization) -> None:
    """Go on with what has stopped, from where it is; does nothing while it still runs."""
    current = ContentImport.objects.select_for_update().get(token=token)
    if stopped_because(current) is not None:
        _next_part(current, CHECK if current.state == ImportState.CHECKING else WRITE, organization)


def _next_part(current: ContentImport, name: str, organization: Organization) -> None:
    current.part += 1
    run = enqueue(name, organization, key=f"{current.token}:{current.part}", token=current.token)
    current.job_run = run.pk
    current.save()


def run_of(current: ContentImport) -> JobRun | None:
    return JobRun.objects.filter(pk=current.job_run).first() if current.job_run else None


def stopped_because(current: ContentImport) -> str | None:
    """Why the work on it has ended before it was done; None while it goes on or when it is done."""
    if current.state not in (ImportState.CHECKING, ImportState.WRITING):
        return None
    run = run_of(current)
    if run is None:
        return _("It was interrupted.")
    return run.error if run.state in (JobState.FAILED, JobState.PARKED) else None


def percent_done(current: ContentImport) -> int:
    """0 to 100, of what is being done now."""
    if current.state == ImportState.CHECKING:
        run = run_of(current)
        return run.progress if run else 0
    if current.state == ImportState.WRITING:
        return 100 * written(current) // max(1, current.total)
    return 100


def written(current: ContentImport) -> int:
    """Rows of those to be written that have had their turn, whether they could be written or not."""
    return current.rows.filter(is_tried=True).count()


def check(token: str, progress: Progress) -> dict[str, int]:
    """Look a file through. Safe to repeat: it writes no content, and the last look counts."""
    current = ContentImport.objects.filter(token=token).first()
    if current is None or current.state != ImportState.CHECKING:
        return {}
    staged, kind = _file_of(token), _kind_of(current)

    def step(done: int) -> None:
        every = len(staged.table.rows)
        progress(100 * done // every, _step(done, every))

    look(staged, kind, User.objects.get(pk=current.user_id), step=step)
    assert staged.plan is not None
    ContentImport.objects.filter(token=token, state=ImportState.CHECKING).update(
        state=ImportState.CHECKED, total=len(_stamps_to_write(staged))
    )
    return staged.plan["counts"]


def write(token: str, organization: Organization, progress: Progress) -> dict[str, int]:
    """Write the rows that are left, batch by batch; after some minutes the next run goes on."""
    until = time.monotonic() + PART
    staged: staging.Staged | None = None
    is_over = False
    while True:
        with transaction.atomic():
            current = ContentImport.objects.select_for_update().filter(token=token).first()
            if current is None or current.state != ImportState.WRITING:
                return {}
            staged = staged or _file_of(token)
            rows, stamps, done = _rows_left(staged, current)
            if not rows:
                result = _finish(current)
                break
            if is_over:
                _next_part(current, WRITE, organization)
                return {"written": done}
            _write(rows, stamps, staged, current)
        done += len(rows)
        progress(100 * done // current.total, _step(done, current.total))
        is_over = time.monotonic() >= until
    # Where a worker is killed just here, the file goes with what nobody came back for.
    default_storage.delete(staged.path)
    return result


def _step(done: int, every: int) -> str:
    return _("%(done)d of %(all)d rows") % {"done": done, "all": every}


def _file_of(token: str) -> staging.Staged:
    try:
        return staging.read(token)
    except FileNotFoundError:
        raise JobRefused(_("The file is no longer here: upload it again.")) from None


def _kind_of(current: ContentImport) -> ImportKind:
    return next(kind for kind in KINDS.values() if kind.key == current.kind)


def _stamps_to_write(staged: staging.Staged) -> list[list]:
    assert staged.plan is not None
    outcomes = (Outcome.NEW.value, Outcome.UPDATE.value)
    return [stamp for stamp in staged.plan["stamps"] if stamp[1] in outcomes]


def _rows_left(staged: staging.Staged, current: ContentImport) -> tuple[list[Row], list[list], int]:
    """The next batch with its stamps, and how many have had their turn."""
    done = set(current.rows.values_list("number", flat=True))
    to_write = _stamps_to_write(staged)
    left = [stamp for stamp in to_write if stamp[0] not in done]
    stamps = left[:BATCH]
    numbers = {stamp[0] for stamp in stamps}
    rows = [row for row in staged.table.rows if row.number in numbers]
    return rows, stamps, len(to_write) - len(left)


def _write(rows: list[Row], stamps: list[list], staged: staging.Staged, current: ContentImport) -> None:
    table = Table(staged.table.headers, rows, staged.table.format, staged.table.delimiter)
    assert staged.options is not None
    batch = write_batch(
        _kind_of(current),
        table,
        staged.names,
        staged.options,
        stamps=stamps,
        publish=current.publish,
        by=User.objects.get(pk=current.user_id),
    )
    ImportedRow.objects.bulk_create(
        ImportedRow(
            content_import=current,
            number=row.row.number,
            outcome=RowOutcome.FAILED
            if row.problems
            else RowOutcome.CREATED
            if row.item is not None and row.item.pk in batch.created
            else RowOutcome.UPDATED,
            published=row.item is not None and row.item.pk in batch.published,
            cells=row.row.cells if row.problems else [],
            why=" ".join(str(problem) for problem in row.problems),
        )
        for row in batch.rows
    )
    current.headings += batch.headings
    current.save(update_fields=["headings"])


def _finish(current: ContentImport) -> dict[str, int]:
    current.state, current.finished_at = ImportState.DONE, timezone.now()
    current.save()
    report = report_of(current)
    if report.written:
        by = User.objects.get(pk=current.user_id)
        record_import(report, _kind_of(current), by=by, file_name=current.file_name)
    return {"created": report.created, "updated": report.updated, "failed": len(report.failed)}


def report_of(current: ContentImport) -> Report:
    """What an import did so far, counted from its ledger."""
    counted = current.rows.aggregate(
        created=Count("pk", filter=Q(outcome=RowOutcome.CREATED)),
        updated=Count("pk", filter=Q(outcome=RowOutcome.UPDATED)),
        published=Count("pk", filter=Q(published=True)),
    )
    failed = current.rows.filter(outcome=RowOutcome.FAILED).values_list("number", "cells", "why")
    return Report(
        **counted,
        unchanged=current.unchanged,
        headings=current.headings,
        failed=[list(row) for row in failed],
    )


def as_staged(current: ContentImport) -> staging.Staged:
    """A finished import as the last page knows it: without the file, which is gone."""
    table = Table(current.headers, [], current.format, current.delimiter)
    staged = staging.Staged(current.token, current.kind, str(current.user_id), current.file_name, table)
    staged.report = report_of(current).as_json() | {"all_or_none": False}
    return staged


def in_use() -> set[str]:
    """Names of files that a job works with or waits to."""
    states = [ImportState.CHECKING, ImportState.WRITING]
    return set(ContentImport.objects.filter(state__in=states).values_list("token", flat=True))


def forget_old(now: Any = None) -> int:
    """Delete the ledgers of imports that are long over, or were never carried out; returns how many."""
    limit = (now or timezone.now()) - REMEMBERED
    old = ContentImport.objects.filter(created_at__lt=limit)
    count = old.count()
    old.delete()
    return count
