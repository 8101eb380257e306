"""What panels of the dashboard are made of."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Entry:
    """One line of a panel: a link with what it is and when. `mark` is a word that stands out."""

    title: str
    url: str = ""
    kind: str = ""
    note: str = ""
    at: Any = None
    mark: str = ""


@dataclass(frozen=True)
class Link:
    """Leads to the list of all; `number` of them are there."""

    label: str
    url: str
    number: int = 0


@dataclass(frozen=True)
class Panel:
    """A list of entries, or the sentence that says why it is empty; without one, no panel when empty."""

    key: str
    title: str
    icon: str
    entries: list[Entry]
    empty: str = ""
    # How the date of an entry reads: "since", "by itself on".
    when: str = ""
    warns: bool = False
    # How many there are in all; none where that isn't counted.
    count: int | None = None
    links: list[Link] = field(default_factory=list)
