"""Numbers about people who are supported: a small one can tell who somebody is.

In a county with two contacts "1 closed in March" is about somebody whom the neighbours know. So whoever sees
no names sees no number from one to four, and no sum from which one follows, as is usual in health statistics
(docs/dashboards.md says how it is done and what it doesn't protect from).
"""

from collections.abc import Iterable
from dataclasses import dataclass

# Numbers below this, but for nothing at all, are hidden; to multiples of it is rounded.
FEW = 5


@dataclass(frozen=True)
class Shown:
    """A number as it may be read. `number` is None where it is hidden; `is_about`: rounded, `is_least`: of a
    sum, the least that it is (with no number: a sum of nothing but hidden ones)."""

    number: int | None
    is_about: bool = False
    is_least: bool = False

    @property
    def is_hidden(self) -> bool:
        return self.number is None


def exactly(number: int) -> Shown:
    return Shown(number)


def hidden_if_few(number: int) -> Shown:
    """Not shown from one to four."""
    return Shown(None if 0 < number < FEW else number)


def rounded(number: int) -> Shown:
    """Not shown from one to four, else to the nearest five: where exact sums stand elsewhere."""
    if number < FEW:
        return hidden_if_few(number)
    return Shown((number + FEW // 2) // FEW * FEW, is_about=True)


def total(cells: Iterable[Shown]) -> Shown:
    """The sum; where some are hidden the least it is by the others, so that no hidden one follows from it.

    Of rounded ones it is about as much, and it is hidden where all there is is.
    """
    cells = list(cells)
    number, hides = sum(cell.number or 0 for cell in cells), any(cell.is_hidden for cell in cells)
    if not number and sum(cell.is_hidden for cell in cells) == 1:
        return Shown(None)  # Beside nothing, the sum is the hidden one itself.
    is_about = any(cell.is_about for cell in cells)
    if is_about or (hides and not number):
        return Shown(number or None, is_about=is_about, is_least=hides)
    return Shown(number, is_least=hides)
