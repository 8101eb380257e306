"""What a file of associations would do, row by row; and doing it.

Reading files and cells is shared with the import of content (`cms.admin.importing`); what a row means is not:
rows name each other by number, so that a whole register can arrive in one file, parents in any order.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, cast

from django.db import transaction
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cms.admin.importing.columns import CellError, ChoiceColumn, Column, RowContext, TextColumn, folded
from cms.admin.importing.planning import Change, Outcome, Problem
from cms.admin.importing.tables import Row, Table
from domain.associations.bulk import NewAssociation, create_many
from domain.associations.choices import COUNTIES, AssociationKind
from domain.associations.models import ADD, CHANGE, LocalAssociation
from domain.associations.queries import lock_tree
from domain.associations.rules import assign, change_association, move_association, validate
from domain.audit.rules import record
from domain.core.errors import DomainError, InvalidInput, StaleVersion
from domain.core.scope import EVERYWHERE, Scope


@dataclass(frozen=True)
class CodeColumn(TextColumn):
    """A code whose leading zeros a spreadsheet program may have eaten."""

    length: int = 2

    def read(self, cell, row):
        text = cell.strip().removesuffix(".0")
        return text.zfill(self.length) if text.isdigit() else text


@dataclass(frozen=True)
class CountyColumn(ChoiceColumn):
    def read(self, cell, row):
        text = cell.strip()
        return super().read(text.zfill(2) if text.isdigit() else text, row)


PARENT = TextColumn(
    "parent_number",
    gettext_lazy("Parent number"),
    also=("parent", "tilhører nummer", "overordnet"),
    help=gettext_lazy(
        "The number of the one it belongs to, in this file or there already. Empty: at the top; what is "
        "there already stays where it is."
    ),
    example="03",
)
PAYER = TextColumn(
    "paying_entity_number",
    gettext_lazy("Paying entity number"),
    also=("paying entity", "betales av"),
    help=gettext_lazy("The number of the one whose accounts its expenses go to. Empty: its own."),
)


def _column(name: str, kind: type[Column] = TextColumn, **options: Any) -> Column:
    model_field: Any = LocalAssociation._meta.get_field(name)
    return kind(name, model_field.verbose_name, **options)


COLUMNS: tuple[Column, ...] = (
    _column("number", required=True, also=("nummer", "nr", "lagsnummer"), example="03012"),
    _column("name", required=True, also=("navn", "lag"), example="Grorud"),
    _column("kind", ChoiceColumn, choices=tuple(AssociationKind.choices), also=("type",), example="local"),
    PARENT,
    _column("organization_number", CodeColumn, length=9, also=("orgnr", "org.nr"), example="923609016"),
    _column("municipality", CodeColumn, length=4, also=("kommune", "kommunenummer"), example="0301"),
    _column("county", CountyColumn, choices=tuple(COUNTIES.items()), also=("fylke",), example="03"),
    _column("email", also=("e-post", "epost"), example="grorud@example.org"),
    _column("phone", also=("telefon",), example="912 34 567"),
    PAYER,
    _column("account_dimension", also=("dimensjon",)),
)
BY_NAME = {column.name: column for column in COLUMNS}
REFERENCES = {PARENT.name, PAYER.name}


def columns_of(headers: Sequence[str]) -> list[str | None]:
    """For each heading the column it means, each once; None for those that mean nothing here."""
    taken: set[str] = set()
    names: list[str | None] = []
    for header in headers:
        found = next((c.name for c in COLUMNS if c.name not in taken and folded(header) in c.headings), None)
        taken |= {found} if found else set()
        names.append(found)
    return names


@dataclass
class Planned:
    """One row of the file and what would become of it."""

    row: Row
    number: str = ""
    title: str = ""
    outcome: Outcome = Outcome.NEW
    problems: list[Problem] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    stored: LocalAssociation | None = None
    values: dict[str, Any] = field(default_factory=dict)
    parent: str | None = None
    payer: str | None = None

    def fail(self, column: str, message: str) -> None:
        self.outcome = Outcome.ERROR
        self.problems.append(Problem(str(column), str(message)))

    def stamp(self) -> list:
        """What must still hold when it is carried out."""
        version = self.stored.version if self.stored else None
        return [self.row.number, self.outcome.value, version]


class Plan:
    """Reads every row of a table; writes nothing. `scope` is the importing person's.

    `step` is told how many rows are read.
    """

    def __init__(self, table: Table, scope: Scope, *, step: Callable[[int], None] = lambda done: None):
        self.scope = scope
        self.names = self.names_of(table)
        rows = LocalAssociation.objects.select_related("parent", "paying_entity")
        self.existing = {folded(row.number): row for row in rows}
        self.by_id = {row.pk: row for row in self.existing.values()}
        self.entities = {
            row.organization_number: row.number
            for row in self.existing.values()
            if row.organization_number and row.merged_into_id is None
        }
        self.rows: list[Planned] = []
        self.by_number: dict[str, Planned] = {}
        for row in table.rows:
            self.rows.append(self._read(row))
            step(len(self.rows))
        for planned in self.rows:
            if not planned.problems:
                self._refer(planned)
        self._refuse_rings()
        self._refuse_orphans()

    @staticmethod
    def names_of(table: Table) -> list[str | None]:
        """The column that each heading means, None where it means none."""
        return columns_of(table.headers)

    @cached_property
    def counts(self) -> dict[str, int]:
        return {outcome.value: sum(row.outcome is outcome for row in self.rows) for outcome in Outcome}

    @property
    def good(self) -> list[Planned]:
        return [row for row in self.rows if row.outcome in (Outcome.NEW, Outcome.UPDATE)]

    def stamps(self) -> list[list]:
        return [row.stamp() for row in self.rows]

    # --- One row by itself

    def _read(self, row: Row) -> Planned:
        cells = {name: row.cells[at] for at, name in enumerate(self.names) if name}
        planned = Planned(row, number=cells.get("number", "").strip(), title=cells.get("name", "").strip())
        if not planned.number:
            planned.fail(BY_NAME["number"].label, _("Must be filled in."))
            return planned
        key = folded(planned.number)
        if key in self.by_number:
            planned.fail("", _("The same as row %(row)d.") % {"row": self.by_number[key].row.number})
            return planned
        self.by_number[key] = planned
        planned.stored = self.existing.get(key)
        if planned.stored is not None:
            planned.title = planned.title or planned.stored.name
            if planned.stored.merged_into is not None:
                planned.fail("", _("It was merged into “%(name)s”.") % {"name": planned.stored.merged_into})
                return planned
        for name, cell in cells.items():
            self._cell(planned, BY_NAME[name], cell)
        if planned.stored is None and not planned.values.get("name") and not planned.problems:
            planned.fail(BY_NAME["name"].label, _("Must be filled in."))
        if not planned.problems:
            self._check_values(planned)
        return planned

    def _cell(self, planned: Planned, column: Column, cell: str) -> None:
        if column.name == "number":
            return
        if column is PARENT:
            planned.parent = cell.strip() or None
            return
        if column is PAYER:
            planned.payer = cell.strip()
            return
        if not cell.strip():
            if not column.required and column.name != "kind":
                planned.values[column.name] = ""
            return
        try:
            planned.values[column.name] = column.read(cell, cast(RowContext, None))
        except CellError as error:
            planned.fail(column.label, str(error))

    def _check_values(self, planned: Planned) -> None:
        stored = planned.stored
        trial = LocalAssociation(number=planned.number)
        if stored is not None:
            for column in COLUMNS:
                if column.name not in REFERENCES:
                    setattr(trial, column.name, getattr(stored, column.name))
        try:
            assign(trial, planned.values)
            validate(trial)
        except InvalidInput as refusal:
            named = BY_NAME.get(refusal.field)
            planned.fail(named.label if named else "", refusal.message)
            return
        planned.values = {name: getattr(trial, name) for name in planned.values}
        entity = planned.values.get("organization_number", "")
        holder = self.entities.setdefault(entity, planned.number) if entity else planned.number
        if folded(holder) != folded(planned.number):
            planned.fail(
                BY_NAME["organization_number"].label,
                _("“%(number)s” has this organisation number.") % {"number": holder},
            )
        if stored is not None:
            planned.values = {
                name: value for name, value in planned.values.items() if getattr(stored, name) != value
            }
            planned.outcome = Outcome.UPDATE
            for name, value in planned.values.items():
                column = BY_NAME[name]
                planned.changes.append(
                    Change(str(column.label), _shown(name, getattr(stored, name)), _shown(name, value))
                )

    # --- Rows with each other

    def _refer(self, planned: Planned) -> None:
        for column, number in ((PARENT, planned.parent), (PAYER, planned.payer)):
            key = folded(number or "")
            if number and key not in self.existing and key not in self.by_number:
                planned.fail(
                    column.label, _("There is none with the number “%(number)s”.") % {"number": number}
                )
        if planned.problems:
            return
        stored = planned.stored
        if stored is None:
            self._may_add(planned)
            return
        now = stored.parent.number if stored.parent else ""
        if planned.parent is not None and folded(planned.parent) != folded(now):
            planned.changes.append(Change(str(PARENT.label), now, planned.parent))
            self._may_move(planned)
        else:
            planned.parent = None
        paid_by = stored.paying_entity.number if stored.paying_entity else ""
        if planned.payer is not None and folded(planned.payer) != folded(paid_by):
            planned.changes.append(Change(str(PAYER.label), paid_by, planned.payer))
        else:
            planned.payer = None
        if not planned.changes and not planned.problems:
            planned.outcome = Outcome.UNCHANGED
        elif not self.scope.can(CHANGE, stored.path):
            planned.fail("", _("You are not allowed to change this one."))

    def _may_add(self, planned: Planned) -> None:
        parent = self.existing.get(folded(planned.parent or ""))
        if parent is not None and not parent.is_active:
            planned.fail(PARENT.label, _("“%(name)s” is closed.") % {"name": parent})
        elif planned.parent is not None and parent is None:
            return  # Made by this file: what holds for that one holds.
        elif not self.scope.can(ADD, parent.path if parent else EVERYWHERE):
            planned.fail("", _("You are not allowed to add one there."))

    def _may_move(self, planned: Planned) -> None:
        parent = self.existing.get(folded(planned.parent or ""))
        if parent is None:
            return  # Made by this file, below something that one may add to.
        if not parent.is_active:
            planned.fail(PARENT.label, _("“%(name)s” is closed.") % {"name": parent})
        elif not self.scope.can(CHANGE, parent.path):
            planned.fail(PARENT.label, _("You are not allowed to move it there."))

    def _parent_after(self, key: str) -> str | None:
        """The number it would hang below, once all is done."""
        planned = self.by_number.get(key)
        if planned is not None and not planned.problems and planned.parent is not None:
            return folded(planned.parent)
        stored = self.existing.get(key)
        if stored is None or stored.parent_id is None:
            return None
        return folded(self.by_id[stored.parent_id].number)

    def _refuse_rings(self) -> None:
        for planned in self.rows:
            if planned.problems or planned.parent is None:
                continue
            way: set[str] = set()
            at: str | None = folded(planned.number)
            while at is not None and at not in way:
                way.add(at)
                at = self._parent_after(at)
            if at is not None:
                planned.fail(PARENT.label, _("It would be above and below itself."))

    def _refuse_orphans(self) -> None:
        """What refers to a new one whose row can't be imported can't be either."""
        again = True
        while again:
            again = False
            for planned in self.rows:
                if planned.problems:
                    continue
                for column, number in ((PARENT, planned.parent), (PAYER, planned.payer)):
                    other = self.by_number.get(folded(number or ""))
                    if other is not None and other.problems and other.stored is None:
                        planned.fail(column.label, _("Row %(row)d has an error.") % {"row": other.row.number})
                        again = True


@transaction.atomic
def carry_out(table: Table, *, stamps: list[list], scope: Scope, by: Any, file_name: str) -> dict[str, int]:
    """Write the good rows of a file, all of them or none; gives how many were made and changed.

    Raises StaleVersion where the file would no longer do what the person looked at, and whatever a rule says.
    """
    lock_tree()
    plan = Plan(table, scope)
    if plan.stamps() != stamps:
        raise StaleVersion(_("Something was changed after you looked at the result. Look again."))
    new = [row for row in plan.good if row.stored is None]
    if new:
        create_many(
            [
                NewAssociation(
                    row.number, parent=row.parent or "", paying_entity=row.payer or "", values=row.values
                )
                for row in new
            ],
            by=by,
            reason=file_name,
        )
    changed = [row for row in plan.good if row.stored is not None]
    now = {folded(row.number): row for row in LocalAssociation.objects.all()} if changed else {}
    for row in changed:
        _change(row, now, by=by)
    figures = {"created": len(new), "updated": len(changed), "failed": plan.counts[Outcome.ERROR.value]}
    if new or changed:
        first = LocalAssociation.objects.order_by("path")[0]
        record(
            "local-association.imported",
            first,
            by=by,
            changes={name: (None, count) for name, count in figures.items()},
            reason=file_name[:500],
        )
    return figures


def _change(row: Planned, now: dict[str, LocalAssociation], *, by: Any) -> None:
    assert row.stored is not None
    values = dict(row.values)
    if row.payer is not None:
        values["paying_entity"] = now[folded(row.payer)] if row.payer else None
    try:
        if values:
            change_association(row.stored, changes=values, by=by)
        if row.parent is not None:
            move_association(row.stored, to=now[folded(row.parent)], by=by)
    except DomainError as refusal:
        raise type(refusal)(f"{row.number}: {refusal.message}", code=refusal.code) from refusal


def _shown(name: str, value: Any) -> str:
    column = BY_NAME[name]
    if isinstance(column, ChoiceColumn):
        return str(dict(column.choices).get(value, value))
    return str(value)


def described() -> list[dict[str, Any]]:
    """The columns, for the page that says what a file may hold."""
    described = []
    for column in COLUMNS:
        help = str(column.help)
        if isinstance(column, ChoiceColumn):
            help = _("One of: %(choices)s.") % {"choices": ", ".join(f"{k} ({v})" for k, v in column.choices)}
        described.append(
            {
                "label": capfirst(str(column.label)),
                "required": column.required,
                "help": help,
                "example": str(column.example),
            }
        )
    return described
