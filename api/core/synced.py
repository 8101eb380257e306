"""How the offline app uses an entity: one declaration on its viewset, `synced = Synced(push=("create",))`."""

from dataclasses import dataclass
from typing import Any

CREATE, UPDATE, DELETE = "create", "update", "delete"


@dataclass(frozen=True)
class Synced:
    """`push`: which of create, update, delete and its actions may be done offline and sent later.

    `pull`: whether its rows are delivered. `by_content`: a row's version doesn't tell all of what is shown
    of it (it shows others' rows too), so what was sent is compared by its digest; for some hundred rows.
    """

    push: tuple[str, ...] = ()
    pull: bool = True
    by_content: bool = False

    def check(self, view: Any) -> None:
        known = {*view.verbs, *(action.name for action in view.actions)}
        assert set(self.push) <= known, f"{view.__name__}: no {set(self.push) - known} to be pushed"
