"""How far a phone is, in one resource."""

from dataclasses import asdict, dataclass, replace
from typing import Any, Self
from uuid import UUID


@dataclass(frozen=True)
class Position:
    """`since`: everything that transactions before it (xid8) did is delivered, or is about to be.

    `seen_as` is a digest of the caller's standing, the day and all else that decides what they see: another
    one, and every row is compared. `schema` is the version of the data that was delivered: another one, and
    everything is delivered anew. While a round is under way, `start` is what `since` becomes at its end,
    `after` the last id that was delivered, and `kind` says what of:

    * `snapshot`: all the caller sees, in the order of ids, whatever the phone holds;
    * `full`: all the caller sees and all the phone holds, compared;
    * `changes`: of these, the rows that changed since `since`.
    """

    since: int | None = None
    seen_as: str = ""
    schema: int = 0
    start: int | None = None
    after: UUID | None = None
    kind: str = ""

    @property
    def is_under_way(self) -> bool:
        return bool(self.kind)

    def begun(self, kind: str, *, start: int, seen_as: str, schema: int) -> Self:
        """With a round that begins now; what happens from now on is for the next."""
        if kind == "snapshot" and self.since is not None:
            seen_as = ""  # What the phone holds besides is found by comparing all, next time.
        return type(self)(since=self.since, seen_as=seen_as, schema=schema, start=start, kind=kind)

    def at(self, last: UUID) -> Self:
        """In the midst of a round, behind a row."""
        return replace(self, after=last)

    def idle(self, horizon: int) -> Self:
        """Where nothing was touched up to a horizon: so much is known of it."""
        return replace(self, since=max(self.since or 0, horizon))

    def done(self) -> Self:
        """At the end of a round."""
        return type(self)(since=self.start, seen_as=self.seen_as, schema=self.schema)

    def as_json(self) -> dict[str, Any]:
        told = {name: value for name, value in asdict(self).items() if value not in (None, "")}
        return {**told, "after": str(self.after)} if self.after else told

    @classmethod
    def of(cls, told: dict[str, Any]) -> Self:
        after = told.get("after")
        return cls(**{**told, "after": UUID(after) if after else None})
