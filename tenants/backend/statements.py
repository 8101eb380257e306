"""Statements that PostgreSQL plans once for a session instead of each time they run.

For the few that every request makes, planning takes longer than running, the policies of the second wall more
than half of it. A plan belongs to a session, an organisation and a role: PostgreSQL makes another whenever
one of them is another than before, and so do we.
"""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

# Plans that a session keeps, of all organisations together: 80 to 250 kB each.
MOST_PLANS = 60


class Statement:
    """SQL whose values are given each time it runs.

    `parts` are pieces of SQL and, between them, the numbers of the values, from 0; `types` are the types that
    PostgreSQL is to take these for.
    """

    __slots__ = ("has_run", "parts", "text", "types")

    def __init__(self, parts: Sequence[str | int], types: Sequence[str]):
        self.parts, self.types = tuple(parts), tuple(types)
        self.text = "".join([f"${part + 1}" if isinstance(part, int) else part for part in self.parts])
        # Whether it has run in this process: what is asked once is not worth a plan that is kept.
        self.has_run = False

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Statement) and (self.text, self.types) == (other.text, other.types)

    def __hash__(self) -> int:
        return hash(self.text)  # Which a text remembers.

    def written(self, values: Sequence[str]) -> str:
        """The SQL with values that are SQL already."""
        return "".join(
            [f"{values[part]}::{self.types[part]}" if isinstance(part, int) else part for part in self.parts]
        )

    def preparing(self, name: str) -> str:
        """What makes the session keep it under a name."""
        types = f"({', '.join(self.types)})" if self.types else ""
        return f"PREPARE {name}{types} AS {self.text}"


# A statement and its values, as SQL.
Ask = tuple[Statement, Sequence[str]]
# A statement, and for whom: the organisation, and whether with its role or the login's own rights.
_Key = tuple[Statement, str, bool]


class Plans:
    """What one session of the server has prepared. Kept with psycopg's connection, and gone with it."""

    def __init__(self) -> None:
        self._names: OrderedDict[_Key, str] = OrderedDict()
        self._made = 0

    def name(self, key: _Key) -> str | None:
        """Under which name the session keeps a statement; None where it doesn't."""
        name = self._names.get(key)
        if name is not None:
            self._names.move_to_end(key)
        return name

    def prepare(self, key: _Key, cursor: Any) -> str:
        """Have the session keep a statement, on a cursor that is where the key says. Gives its name.

        A name is never used twice: after an error nobody knows whether the session has it.
        """
        self._made += 1
        name = f"meander_{self._made}"
        cursor.execute(key[0].preparing(name))
        self._names[key] = name
        if len(self._names) > MOST_PLANS:
            _oldest, old = self._names.popitem(last=False)
            cursor.execute(f"DEALLOCATE {old}")
        return name

    def forget(self, key: _Key, cursor: Any | None = None) -> None:
        """Keep a statement no longer; without a cursor the session does, under a name that nobody uses."""
        name = self._names.pop(key, None)
        if name is not None and cursor is not None:
            cursor.execute(f"DEALLOCATE {name}")


def running(name: str, values: Sequence[str]) -> str:
    """What runs a statement that the session keeps."""
    return f"EXECUTE {name}({', '.join(values)})" if values else f"EXECUTE {name}"
