"""Carrying out an import: what was looked at is written, or nothing is."""

import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction
from django.utils.translation import gettext as _

from cms import rules
from cms.audit import NOUNS
from cms.models.base import Category
from domain.audit.rules import record
from domain.core.errors import DomainError, NotAllowed
from domain.identity.models import User
from tenants.db import connection

from .kinds import ImportKind
from .planning import Options, Outcome, Plan, PlannedRow, plan_import
from .tables import Table

logger = logging.getLogger(__name__)


@dataclass
class Report:
    """What an import did. The figures are counted in the database, from the rows it wrote."""

    created: int = 0
    updated: int = 0
    published: int = 0
    unchanged: int = 0
    headings: int = 0
    # [row number, its cells, why it wasn't imported]
    failed: list[list] = field(default_factory=list)

    @property
    def written(self) -> int:
        return self.created + self.updated

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


class _NothingWritten(Exception):
    """Ends the transaction of an all-or-none import that can't be carried out in full."""


def run_import(
    kind: ImportKind,
    table: Table,
    names: Sequence[str | None],
    options: Options,
    *,
    stamps: Sequence[Sequence],
    only_good: bool,
    publish: bool,
    by: User,
    file_name: str,
) -> Report:
    """Write the rows of a file.

    `stamps` are those of the plan that the person looked at: a row that would no longer do what they saw is
    reported instead of written. With `only_good` every row stands for itself; without, the first row that
    can't be written leaves everything as it was. Raises NotAllowed where `publish` isn't permitted.
    """
    if publish and not by.has_perm(f"cms.publish_{kind.model._meta.model_name}"):
        raise NotAllowed(_("You don't have permission to publish."))
    report = Report()
    try:
        with transaction.atomic():
            _one_at_a_time(kind)
            _lock([stamp[2] for stamp in stamps if stamp[2]], kind)
            plan = plan_import(kind, table, names, options, by=by)
            _refuse_stale(plan, stamps)
            writer = _Writer(plan, by=by, publish=publish)
            if only_good or not any(row.problems for row in plan.rows):
                for row in plan.rows:
                    writer.write(row)
            report.failed = [[r.row.number, r.row.cells, _why(r)] for r in plan.rows if r.problems]
            if report.failed and not only_good:
                raise _NothingWritten
            writer.count(report, kind)
            if report.written:
                record_import(report, kind, by=by, file_name=file_name)
    except _NothingWritten:
        return Report(failed=report.failed)
    return report


@dataclass
class Batch:
    """Some rows of an import, tried: ids of the items that were added, and of those readers see now."""

    rows: list[PlannedRow]
    created: set[Any]
    published: set[Any]
    headings: int


def write_batch(
    kind: ImportKind,
    table: Table,
    names: Sequence[str | None],
    options: Options,
    *,
    stamps: Sequence[Sequence],
    publish: bool,
    by: User,
) -> Batch:
    """Write some rows of a file, each for itself, within the caller's transaction (see `run_import`)."""
    _one_at_a_time(kind)
    _lock([stamp[2] for stamp in stamps if stamp[2]], kind)
    plan = plan_import(kind, table, names, options, by=by)
    _refuse_stale(plan, stamps)
    writer = _Writer(plan, by=by, publish=publish)
    for row in plan.rows:
        writer.write(row)
    return Batch(
        plan.rows,
        {pk for pk, _revision in writer.created},
        writer.published(kind),
        len(writer.made),
    )


def _one_at_a_time(kind: ImportKind) -> None:
    """Two imports of a kind follow one another, so that the second sees what the first has made."""
    name = f"import:{connection.schema_name}:{kind.key}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


def _lock(ids: list[str], kind: ImportKind) -> None:
    list(
        kind.model._default_manager.filter(pk__in=ids)
        .order_by("pk")
        .select_for_update(of=("self",))
        .values_list("pk", flat=True)
    )


def _refuse_stale(plan: Plan, stamps: Sequence[Sequence]) -> None:
    """Fail the rows whose item is not as it was when the person looked at the result."""
    seen = {stamp[0]: list(stamp) for stamp in stamps}
    for row in plan.rows:
        before = seen.get(row.row.number)
        if row.problems or row.stamp() == before:
            continue
        if before is not None and before[1] == Outcome.ERROR:
            continue  # Someone has mended since what was wrong.
        row.fail("", _("It was changed by someone else after you looked at the result. Look again."))


def _why(row: PlannedRow) -> str:
    return " ".join(str(problem) for problem in row.problems)


class _Writer:
    """Writes planned rows, each in a savepoint of its own, and remembers what it wrote."""

    def __init__(self, plan: Plan, *, by: User, publish: bool):
        self.by, self.publish = by, publish
        self.new_headings = {heading.pk: heading for heading in plan.new_headings}
        self.created: list[Any] = []
        self.updated: list[Any] = []
        self.made: list[Category] = []
        self.unchanged = 0

    def write(self, row: PlannedRow) -> None:
        if row.outcome is Outcome.UNCHANGED:
            self.unchanged += 1
        if row.outcome not in (Outcome.NEW, Outcome.UPDATE) or row.item is None:
            return
        was_new, heading = row.outcome is Outcome.NEW, row.heading
        makes_heading = heading is not None and heading._state.adding
        try:
            with transaction.atomic():
                if heading is not None and makes_heading:
                    rules.create(heading, by=self.by)
                if was_new:
                    rules.create(row.item, by=self.by, publish=self.publish)
                else:
                    rules.edit(row.item, by=self.by, publish=self.publish)
        except (DomainError, ValidationError, PermissionDenied, DatabaseError) as error:
            if heading is not None and makes_heading:
                # Undone with the row: the next row that needs it makes it again.
                heading._state.adding, heading.sort_order = True, 0
            row.fail("", _plain_reason(error))
            return
        if heading is not None and makes_heading:
            self.made.append(heading)
        (self.created if was_new else self.updated).append((row.item.pk, row.item.latest_revision_id))

    def published(self, kind: ImportKind) -> set[Any]:
        """Of what was written, the ids of those whose new text readers see."""
        written = dict([*self.created, *self.updated])
        rows = kind.model._default_manager.filter(live=True, pk__in=written)
        return {pk for pk, live in rows.values_list("pk", "live_revision_id") if live == written[pk]}

    def count(self, report: Report, kind: ImportKind) -> None:
        """Ask the database what is there of what was written."""
        written = [*self.created, *self.updated]
        rows = kind.model._default_manager.filter(pk__in=[pk for pk, _revision in written])
        latest = dict(rows.values_list("pk", "latest_revision_id"))
        report.created = sum(latest.get(pk) == revision for pk, revision in self.created)
        report.updated = sum(latest.get(pk) == revision for pk, revision in self.updated)
        report.published = len(self.published(kind))
        report.unchanged = self.unchanged
        if self.made:
            manager = type(self.made[0])._default_manager
            report.headings = manager.filter(pk__in=[heading.pk for heading in self.made]).count()


def _plain_reason(error: Exception) -> str:
    if isinstance(error, DomainError):
        return str(error)
    if isinstance(error, ValidationError):
        return " ".join(error.messages)
    if isinstance(error, PermissionDenied):
        return _("You don't have permission to do this.")
    logger.warning("import.row_refused", extra={"error": type(error).__name__})
    return _("The database refused it. Check the row and try again.")


def record_import(report: Report, kind: ImportKind, *, by: User, file_name: str) -> None:
    """One event for the import as a whole; every row has its own as well, like any edit."""
    figures = ("created", "updated", "published", "unchanged", "headings")
    changes: dict[str, tuple[Any, Any]] = {name: (None, getattr(report, name)) for name in figures}
    changes["failed"] = (None, len(report.failed))
    record(
        f"{NOUNS.get(kind.key, kind.key)}.imported",
        ContentType.objects.get_for_model(kind.model),
        by=by,
        changes=changes,
        reason=file_name[:500],
    )
