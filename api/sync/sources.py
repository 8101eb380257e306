"""What is delivered to phones: each resource as a source that says what differs from what a phone holds.

Entities are sources by the declaration `synced` on their viewset; content, terminology, the organisation and
the person are small ones of their own (`api.sync.documents`).
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from uuid import UUID

from django.apps import apps
from django.core.exceptions import EmptyResultSet
from django.db.models import BigIntegerField, Case, QuerySet, Value, When
from django.db.models.functions import Cast

from api.core.entities import EntityViewSet, entities
from api.core.reading import Reader, Row
from domain.audit.reading import subject_columns
from domain.config.models import FeatureArea
from domain.config.queries import is_enabled
from domain.sync.changes import SHARED, Now, differences, held_versions, still_there
from domain.sync.models import SyncView
from domain.sync.positions import Position
from tenants.db import connection

# Bytes of JSON in one answer, about: it ends with the row that goes beyond.
MOST_BYTES = 2_000_000
DELETED, OUT_OF_SCOPE, AREA_DISABLED = "deleted", "out-of-scope", "area-disabled"


@dataclass(frozen=True)
class Upsert:
    """A row as its detail shows it. `state` is what is kept of it: its version, or a digest of it."""

    id: UUID
    version: int | None
    state: int
    json: str


@dataclass(frozen=True)
class Removal:
    id: UUID
    reason: str
    replaced_by: UUID | None = None


@dataclass
class Found:
    """What differs, in the order of ids; `more` where the limit cut it off, `last` the id it got to."""

    upserts: list[Upsert] = field(default_factory=list)
    removals: list[Removal] = field(default_factory=list)
    last: UUID | None = None
    more: bool = False

    @property
    def size(self) -> int:
        return len(self.upserts) + len(self.removals)


@dataclass
class Budget:
    """How much an answer may still hold."""

    rows: int
    bytes: int = MOST_BYTES

    @property
    def is_spent(self) -> bool:
        return self.rows <= 0 or self.bytes <= 0

    def spend(self, found: Found) -> None:
        self.rows -= found.size
        self.bytes -= sum(len(upsert.json) for upsert in found.upserts)


class Source:
    """One resource for one caller."""

    name: str
    # Tables that decide what the caller sees, besides the resource's own.
    tables: frozenset[str] = frozenset()
    own_table = ""

    def seen_as(self, standing: str, now: Now) -> str:
        """A digest of what decides, besides tables, what the caller sees."""
        return standing

    def estimate(self) -> int:
        raise NotImplementedError

    def find(self, view: SyncView, position: Position, budget: Budget) -> Found:
        """The next differences of the round that is under way."""
        raise NotImplementedError

    def note(self, found: Found) -> None:
        """Put on the record what is delivered."""


class EntitySource(Source):
    """An entity's rows, by version."""

    def __init__(self, view_class: type[EntityViewSet], request: Any):
        self.name = view_class.path
        self.entity = bound(view_class, request, "retrieve")
        self.model = view_class.model()
        self.own_table = self.model._meta.db_table
        self.shown = view_class.synced.shown if view_class.synced is not None else ""
        self._rows: list[Row] = []
        scope = self.entity.scope
        key = (self.name, scope.schema_name, scope.permissions, scope.held, scope.is_member)
        self.tables = tables_of(key, self.question) - {self.own_table}
        if view_class.area:
            self.tables |= {FeatureArea._meta.db_table}

    @property
    def is_on(self) -> bool:
        return not self.entity.area or is_enabled(self.entity.area)

    def visible(self) -> QuerySet:
        """The rows that the caller sees."""
        queryset = self.entity.queryset.all().order_by()
        return queryset.visible_to(self.entity.scope) if self.is_on else queryset.none()

    def question(self) -> str:
        """The SQL whose tables decide what is delivered."""
        visible = self.entity.queryset.visible_to(self.entity.scope).order_by()
        told = self.entity.annotated(visible).values_list("pk", self.state())
        return told.query.get_compiler(connection.alias).as_sql()[0]

    def state(self) -> Any:
        """What is kept of a row, as an expression: its version, and whether it was shown in full."""
        version = Cast("version", BigIntegerField())
        if not self.shown:
            return version
        in_full = When(**{f"{self.shown}__isnull": False}, then=Value(1))
        return version * 2 + Case(in_full, default=Value(0), output_field=BigIntegerField())

    def state_of(self, row: Row) -> int:
        """Likewise, of a row that was read."""
        assert row.version is not None
        return row.version * 2 + (row.position[-1] is not None) if self.shown else row.version

    def estimate(self) -> int:
        return self.visible().count()

    def find(self, view: SyncView, position: Position, budget: Budget) -> Found:
        if position.kind == "snapshot":
            visible = self.visible().order_by("pk")
            if position.after is not None:
                visible = visible.filter(pk__gt=position.after)
            return self._cut(self._read(visible[: budget.rows + 1]), [], budget)
        found = differences(
            self.entity.annotated(self.visible()),
            state=self.state(),
            view=view.pk,
            resource=self.name,
            position=position,
            limit=budget.rows + 1,
        )
        wanted = [each.id for each in found if each.state is not None]
        rows = self._read(self.visible().filter(pk__in=wanted).order_by("pk")) if wanted else []
        cut = self._cut(rows, [each.id for each in found if each.state is None], budget)
        if len(found) > budget.rows and not cut.more:
            # Some have gone since they were compared: behind the last of them nothing has been looked at.
            cut.more, cut.last = True, found[-1].id
        return cut

    def _read(self, visible: QuerySet) -> Sequence[Row]:
        reader, rows = self._shape(visible)
        columns = ("id", *[name for name in subject_columns(self.model) if name != "id"])
        told = (*columns, self.shown) if self.shown else columns
        found = reader.read(rows, told, context=self.entity.get_serializer_context())
        return self.entity.synced_rows(found)

    def _shape(self, visible: QuerySet) -> tuple[Reader, QuerySet]:
        return self.entity.shape(self.entity.annotated(visible), plain=True)

    def _cut(self, rows: Sequence[Row], removed: Sequence[UUID], budget: Budget) -> Found:
        """As much as the answer may hold."""
        found, size = Found(), 0
        gone: list[UUID] = []
        self._rows = []
        in_order: Iterable[tuple[UUID, Row | None]] = ((row.position[0], row) for row in rows)
        if removed:
            both = [*in_order, *((key, None) for key in removed)]
            in_order = sorted(both, key=lambda each: each[0].int)
        for key, row in in_order:
            if len(found.upserts) + len(gone) >= budget.rows or size >= budget.bytes:
                found.more = True
                break
            found.last = key
            if row is None:
                gone.append(key)
                continue
            size += len(row.json)
            found.upserts.append(Upsert(key, row.version, self.state_of(row), row.json))
            self._rows.append(row)
        found.removals = self._removals(gone)
        return found

    def _removals(self, gone: Sequence[UUID]) -> list[Removal]:
        there = still_there(self.model, gone)
        why = OUT_OF_SCOPE if self.is_on else AREA_DISABLED
        return [Removal(key, why if key in there else DELETED) for key in gone]

    def note(self, found: Found) -> None:
        columns = ("id", *[name for name in subject_columns(self.model) if name != "id"])
        if self._rows:
            self.entity.note_rows(self._rows, columns, verb="fetched")


class DigestSource(EntitySource):
    """An entity of which a row shows other rows as well, so that its version doesn't tell whether it changed.

    All that the caller sees is made, and compared by digest; only where one of the tables was touched.
    """

    def question(self) -> str:
        reader, rows = self._shape(self.entity.queryset.visible_to(self.entity.scope).order_by())
        assert reader.projection is not None, f"{self.name}: its tables can't be told"
        return reader.written(rows, (), reader.projection)[0]

    def find(self, view: SyncView, position: Position, budget: Budget) -> Found:
        is_snapshot, behind = position.kind == "snapshot", position.after
        visible = self.visible().order_by("pk")
        if behind is not None:
            visible = visible.filter(pk__gt=behind)
        rows = self._read(visible[: budget.rows + 1] if is_snapshot else visible)
        states = {row.position[0]: digest(row.json) for row in rows}
        held = {} if is_snapshot else held_versions(view.pk, self.name)
        changed = [row for row in rows if held.get(key := row.position[0]) != states[key]]
        gone = [key for key in held.keys() - states.keys() if behind is None or key > behind]
        found = self._cut(changed, gone, budget)
        found.upserts = [Upsert(one.id, one.version, states[one.id], one.json) for one in found.upserts]
        return found


class DocumentSource(Source):
    """Some documents that are made in Python, each by its id; compared by digest.

    `mark` says what they depend on besides tables and standing.
    """

    def __init__(
        self,
        name: str,
        make: Callable[[], Mapping[UUID, str]],
        *,
        tables: Iterable[str] = (),
        mark: Callable[[Now], str],
    ):
        self.name, self.make, self.tables, self.mark = name, make, frozenset(tables), mark

    def seen_as(self, standing: str, now: Now) -> str:
        return digest_text(standing, self.mark(now))

    def estimate(self) -> int:
        return len(self.make())

    def find(self, view: SyncView, position: Position, budget: Budget) -> Found:
        made = self.make()
        states = {key: digest(text) for key, text in made.items()}
        held = {} if position.kind == "snapshot" else held_versions(view.pk, self.name)
        found, size = Found(), 0
        for key in sorted(made.keys() | held.keys()):
            if held.get(key) == states.get(key) or (position.after is not None and key <= position.after):
                continue
            if found.size >= budget.rows or size >= budget.bytes:
                found.more = True
                break
            found.last = key
            if key in made:
                found.upserts.append(Upsert(key, None, states[key], made[key]))
                size += len(made[key])
            else:
                found.removals.append(Removal(key, OUT_OF_SCOPE))
        return found


def digest_text(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def digest(text: str) -> int:
    """64 bits with a sign, as PostgreSQL's bigint."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big", signed=True)


def bound(view_class: type[EntityViewSet], request: Any, action: str) -> Any:
    """An entity's viewset at work for a request to another address."""
    view: Any = view_class()
    view.request, view.args, view.kwargs, view.action = request, (), {}, action
    view.format_kwarg, view.headers, view.query = None, {}, {}
    return view


def pulled_entities() -> dict[str, type[EntityViewSet]]:
    """The viewsets whose rows are delivered, by resource."""
    return {
        path: view for path, view in sorted(entities.items()) if view.synced is not None and view.synced.pull
    }


def source_of(view_class: type[EntityViewSet], request: Any) -> Source:
    assert view_class.synced is not None
    return (DigestSource if view_class.synced.by_content else EntitySource)(view_class, request)


_QUOTED = re.compile(r'"([a-z][a-z0-9_]*)"')
# Kept per resource and standing in one process; small.
MOST_KEPT = 5000
_known: dict[tuple, frozenset[str]] = {}


def tables_of(key: tuple, question: Callable[[], str]) -> frozenset[str]:
    """The tables that a query reads: those whose changes may bring rows in or out. Read from its SQL, so
    that none can be forgotten."""
    if key not in _known:
        if len(_known) >= MOST_KEPT:
            _known.clear()
        try:
            text = question()
        except EmptyResultSet:
            text = ""
        _known[key] = frozenset(_QUOTED.findall(text)) & all_tables()
    return _known[key]


@cache
def all_tables() -> frozenset[str]:
    return frozenset(model._meta.db_table for model in apps.get_models(include_auto_created=True))


def tracked_tables() -> frozenset[str]:
    """The tables whose changes are noted."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
            "JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE n.nspname = current_schema() AND t.tgname = 'note_change'"
        )
        return frozenset(row[0] for row in cursor.fetchall()) | {*SHARED}
