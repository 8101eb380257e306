"""How the offline app uses an entity: one declaration on its viewset, `synced = Synced(push=("create",))`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

CREATE, UPDATE, DELETE = "create", "update", "delete"


@dataclass(frozen=True)
class Synced:
    """`push`: which of create, update, delete and its actions may be done offline and sent later.

    `pull`: whether its rows are delivered. `by_content`: a row's version doesn't tell all of what is shown
    of it (it shows others' rows too), so what was sent is compared by its digest; for some hundred rows.

    `shown`: an annotation of the rows that is null for who may not read it, though they see the row: whose
    right to it changes, gets the row anew.

    `columns`: of members of a body that are no column of their own name, those that they are written to, or
    the parts that are noted for them (`domain.sync.operations.NoteFieldVersions`). `shared`: what was refused
    shows in the inbox of whoever looks after the author, too. `for_author(values, author)` gives what another
    hands in for the author, so that it stays theirs.
    """

    push: tuple[str, ...] = ()
    pull: bool = True
    by_content: bool = False
    shown: str = ""
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    shared: bool = False
    for_author: Callable[[dict[str, Any], Any], dict[str, Any]] | None = None

    def check(self, view: Any) -> None:
        known = {*view.verbs, *(action.name for action in view.actions)}
        assert set(self.push) <= known, f"{view.__name__}: no {set(self.push) - known} to be pushed"
