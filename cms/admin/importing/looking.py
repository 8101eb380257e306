"""The dry run: what would become of each row, kept for the page and to compare with at the end."""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.utils.html import strip_tags
from django.utils.text import Truncator

from . import staging
from .kinds import ImportKind
from .planning import Outcome, PlannedRow, plan_rows

# How much of a value the result page shows.
SHOWN = 280
# Rows after which it is said how far the look has come.
STEP = 200


def look(
    staged: staging.Staged, kind: ImportKind, user: Any, *, step: Callable[[int], None] = lambda done: None
) -> None:
    """Look a staged file through and keep the result with it; `step` is told how many rows are done."""
    assert staged.options is not None
    stamps: list[list] = []
    rows: list[dict[str, Any]] = []
    counts = {outcome.value: 0 for outcome in Outcome}
    headings: dict[Any, str] = {}
    # Nothing in here writes; the transaction sees to it that all rows are compared with one state.
    with transaction.atomic():
        for row in plan_rows(kind, staged.table, staged.names, staged.options, by=user):
            counts[row.outcome.value] += 1
            stamps.append(row.stamp())
            rows.append(row_as_json(row))
            if row.heading is not None and not row.problems:
                headings[row.heading.pk] = row.heading.name
            if len(rows) % STEP == 0:
                step(len(rows))
    staged.plan = {
        "counts": counts,
        "new_headings": list(headings.values()),
        "stamps": stamps,
        "rows": rows,
    }
    staged.report = None
    staged.save()


def row_as_json(row: PlannedRow) -> dict[str, Any]:
    def short(text: str) -> str:
        return Truncator(strip_tags(text.replace("</p><p>", " "))).chars(SHOWN)

    return {
        "number": row.row.number,
        "outcome": row.outcome.value,
        "title": Truncator(row.title).chars(SHOWN),
        "changes": [[change.label, short(change.old), short(change.new)] for change in row.changes],
        "problems": [str(problem) for problem in row.problems],
        "heading": row.heading.name if row.heading else "",
    }
