"""How many contacts there are now, by local association and status, as they may be read.

Where the caller sees no names, numbers are shown as in the year by county (`small_cells`): hidden from one to
four, else to the nearest five; sums are of what is shown, so that they tell nothing more.
"""

from dataclasses import dataclass
from typing import Any

from domain.core.scope import Scope
from domain.people import queries
from domain.people.choices import ContactStatus
from domain.people.models.contacts import VIEW

from .small_cells import Shown, exactly, rounded, total

TOTAL = "total"


@dataclass(frozen=True)
class CountLine:
    """A local association, or all of them (`place` is None): a number per status, and "total"."""

    place: Any
    cells: dict[str, Shown]
    is_exact: bool


def contact_counts(scope: Scope) -> tuple[list[CountLine], CountLine]:
    """The lines, where the caller may count, and their sum. One query for the numbers."""
    lines = [_line(line, scope) for line in queries.counts(scope)]
    sums = {name: total(line.cells[name] for line in lines) for name in (*ContactStatus.values, TOTAL)}
    return lines, CountLine(None, sums, all(line.is_exact for line in lines))


def _line(line: dict[str, Any], scope: Scope) -> CountLine:
    place = line["association"]
    sees_names = scope.can(VIEW, place.path)
    shown = exactly if sees_names else rounded
    cells = {name: shown(line[name]) for name in ContactStatus.values}
    return CountLine(place, {**cells, TOTAL: total(cells.values())}, sees_names)
