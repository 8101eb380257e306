"""What phones call rows that they made themselves, put into the ids the server gave them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, ClassVar
from uuid import UUID

from django.utils.translation import gettext as _
from rest_framework import relations

from api.core.entities import entities
from api.core.errors import NotFound, Problem
from domain.sync.choices import Operation
from domain.sync.models.mutations import LONGEST_CLIENT_ID
from domain.sync.receiving import ClientIds

from .mutations import Mutation

# Rows that one member of a change refers to; the longest there are take as many.
MOST_REFERENCES = 200


class Deferred(Exception):
    """Nothing can be said about it yet: the phone keeps it, and sends it again."""

    def __init__(self, code: str, detail: str):
        super().__init__(detail)
        self.code, self.detail = code, detail


@dataclass
class Names:
    """Client ids of one push: what they stand for, and whose rows are still to come or didn't."""

    ids: ClientIds
    WAITS: ClassVar[str] = "waits-for-another"
    # How many creates with this name are left in this push.
    to_come: Counter[tuple[str, str]] = field(default_factory=Counter)
    failed: set[tuple[str, str]] = field(default_factory=set)

    def of(self, resources: Iterable[str], name: str) -> str | None:
        """The id of the row that the phone calls so; None where it calls none.

        Raises Deferred while the row isn't made, and Problem where it never will be.
        """
        keys = [(resource, name) for resource in resources]
        for key in keys:
            if key in self.ids.known:
                return str(self.ids.known[key])
        if any(self.to_come[key] or key in self.failed or key in self.ids.waiting for key in keys):
            raise Deferred(self.WAITS, _("It belongs to a row that was not made yet."))
        if any(key in self.ids.given_up for key in keys):
            raise Problem("not-found", _("The row that it belongs to was discarded."), status_code=404)
        return None

    def target(self, mutation: Mutation) -> str:
        """The id of the row that an existing row's change means."""
        name = mutation.target or mutation.client_id
        found = self.of([mutation.resource], name)
        if found is None and not mutation.target:
            raise NotFound(_("No row is called so on this phone."))
        return found if found is not None else name

    def target_key(self, mutation: Mutation) -> UUID | None:
        """Likewise; None where that can't be said."""
        try:
            return UUID(self.target(mutation))
        except (Deferred, Problem, ValueError):
            return None

    def resolved(self, fields: Mapping[str, Any], data: Mapping[str, Any]) -> dict[str, Any]:
        """The members of a body of these fields, with ids in the place of client ids wherever they refer to
        rows."""
        found = dict(data)
        for name, value in data.items():
            resources = _resources_of(fields.get(name))
            if not resources or (isinstance(value, list) and len(value) > MOST_REFERENCES):
                continue
            if isinstance(value, list):
                found[name] = [self._reference(resources, one) for one in value]
            else:
                found[name] = self._reference(resources, value)
        return found

    def _reference(self, resources: tuple[str, ...], value: Any) -> Any:
        known = self.of(resources, value) if isinstance(value, str) else None
        return value if known is None else known


def names_in(mutations: Iterable[Mutation]) -> set[str]:
    """Everything that may be a client id."""
    found: set[str] = set()
    for mutation in mutations:
        found |= {mutation.client_id, mutation.target} - {""}
        for value in (mutation.data or {}).values():
            found.update(_texts(value))
    return found


def creates_of(mutations: Iterable[Mutation]) -> Counter[tuple[str, str]]:
    return Counter(
        (each.resource, each.client_id)
        for each in mutations
        if each.op == Operation.CREATE and each.client_id and each.problem is None
    )


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, list) and len(value) > MOST_REFERENCES:
        return  # Refused for its length; not before everything in it was looked for.
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, str) and 0 < len(one) <= LONGEST_CLIENT_ID and "\0" not in one:
            yield one


def _resources_of(member: Any) -> tuple[str, ...]:
    """The resources whose rows a member of a body may refer to."""
    if isinstance(member, relations.ManyRelatedField):
        member = member.child_relation
    if not isinstance(member, relations.PrimaryKeyRelatedField) or member.read_only:
        return ()
    given: Any = member
    return () if given.queryset is None else resources_of(given.queryset.model)


@cache
def resources_of(model: Any) -> tuple[str, ...]:
    """The entities whose rows are of this model."""
    return tuple(sorted(path for path, view in entities.items() if view.model() is model))
