"""What an import would do, row by row, before anything is written."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.models import Locale

from cms.models import Audience
from cms.models.base import Category, ContentItem
from domain.identity.models import User

from .columns import ID, LOCALE, CellError, Column, Context, HeadingColumn, RowContext, folded
from .existing import Existing, Rights
from .kinds import ImportKind
from .tables import Row, Table

# Items read from the database at once.
FETCHED = 500


class Outcome(models.TextChoices):
    NEW = "new", gettext_lazy("New")
    UPDATE = "update", gettext_lazy("Changed")
    UNCHANGED = "unchanged", gettext_lazy("Unchanged")
    ERROR = "error", gettext_lazy("Error")


@dataclass(frozen=True)
class Options:
    """What was chosen beside the columns. `language` is that of rows that name none."""

    language: str
    create_headings: bool = False

    def as_json(self) -> dict:
        return {"language": self.language, "create_headings": self.create_headings}


@dataclass
class Change:
    label: str
    old: str
    new: str


@dataclass
class Problem:
    """What is wrong with a row; `column` is what people call the field, empty for the row as a whole."""

    column: str
    message: str

    def __str__(self):
        return f"{capfirst(self.column)}: {self.message}" if self.column else self.message


@dataclass
class PlannedRow:
    """One row of the file and what would become of it."""

    row: Row
    outcome: Outcome = Outcome.NEW
    title: str = ""
    changes: list[Change] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    item: ContentItem | None = None
    # The category to be made first, if the row's is new.
    heading: Category | None = None

    def fail(self, column: str, message: str) -> None:
        self.outcome = Outcome.ERROR
        self.problems.append(Problem(column, message))

    def stamp(self) -> list:
        """What must still hold when the import is carried out: outcome, and the item as it was seen."""
        item = self.item
        if item is None or self.outcome is Outcome.NEW:
            return [self.row.number, self.outcome.value, None, None, None]
        return [
            self.row.number,
            self.outcome.value,
            str(item.pk),
            item.version,
            item.latest_revision_id,
        ]


@dataclass
class Plan:
    rows: list[PlannedRow]

    def count(self, outcome: Outcome) -> int:
        return sum(row.outcome is outcome for row in self.rows)

    @property
    def counts(self) -> dict[str, int]:
        return {outcome.value: self.count(outcome) for outcome in Outcome}

    @property
    def new_headings(self) -> list[Category]:
        """Categories that rows without an error need."""
        wanted = {row.heading.pk: row.heading for row in self.rows if row.heading and not row.problems}
        return list(wanted.values())

    def stamps(self) -> list[list]:
        return [row.stamp() for row in self.rows]


def plan_import(
    kind: ImportKind,
    table: Table,
    names: Sequence[str | None],
    options: Options,
    *,
    by: User,
) -> Plan:
    """Read every row and say what would become of it; writes nothing.

    `names` gives for each column of the file the kind's column it holds, or None to leave it out.
    """
    return Plan(list(plan_rows(kind, table, names, options, by=by)))


def plan_rows(
    kind: ImportKind,
    table: Table,
    names: Sequence[str | None],
    options: Options,
    *,
    by: User,
) -> Iterator[PlannedRow]:
    """Like `plan_import`, row by row: of a long file no more is in memory than some hundred rows need."""
    context = Context.load(
        kind.model, default_language=options.language, create_headings=options.create_headings
    )
    existing = Existing(kind)
    used = [(index, kind.column(name)) for index, name in enumerate(names) if name]
    rights = Rights.of(kind.model, by)
    seen: dict[Any, int] = {}
    for start in range(0, len(table.rows), FETCHED):
        rows = [
            (row, {column.name: row.cells[index] for index, column in used})
            for row in table.rows[start : start + FETCHED]
        ]
        existing.fetch(pk for _row, cells in rows for pk in _meant(cells, kind, context, existing))
        for row, cells in rows:
            planned = PlannedRow(row)
            extra = [cell for cell in row.cells[len(table.headers) :] if cell.strip()]
            if extra:
                planned.fail(
                    "",
                    _("The row has more cells than there are headings: “%(cell)s”.") % {"cell": extra[0]},
                )
            _plan_row(planned, cells, kind, context, existing, rights)
            _refuse_repetition(planned, kind, seen)
            yield planned


def _meant(cells: dict[str, str], kind: ImportKind, context: Context, existing: Existing) -> Iterator[Any]:
    """Ids of items that a row may be about: the one it names, or those of its title in any language."""
    with suppress(ValueError):
        yield UUID(cells.get(ID.name, "").strip())
    title = folded(cells.get(kind.title, ""))
    for locale in context.locales.values():
        yield from existing.by_title.get((locale.pk, title), [])


def _read(planned: PlannedRow, column: Column, cells: dict[str, str], row: RowContext) -> Any:
    try:
        return column.read(cells.get(column.name, ""), row)
    except CellError as error:
        planned.fail(str(column.label), str(error))
        return None


def _plan_row(
    planned: PlannedRow,
    cells: dict[str, str],
    kind: ImportKind,
    context: Context,
    existing: Existing,
    rights: Rights,
) -> None:
    row = RowContext(context, context.default_locale)
    planned.title = cells.get(kind.title, "").strip()
    pk = _read(planned, ID, cells, row) if ID.name in cells else None
    named_locale = None
    if cells.get(LOCALE.name, "").strip():
        named_locale = row.locale = _read(planned, LOCALE, cells, row) or context.default_locale
    if planned.problems:
        return None
    found = existing.find(pk, row.locale, planned.title)
    if pk is not None and not found:
        return planned.fail(
            str(ID.label), _("There is none with this id here. Leave the cell empty to add a new one.")
        )
    if len(found) > 1:
        return planned.fail(
            str(kind.title_column.label),
            _("%(count)d of this name exist in this language. Say by its id which one is meant.")
            % {"count": len(found)},
        )
    if found:
        _plan_update(planned, found[0], named_locale, cells, kind, row, rights, existing)
    else:
        _plan_new(planned, cells, kind, row, rights)
    return None


def _plan_new(planned, cells, kind: ImportKind, row: RowContext, rights: Rights) -> None:
    if not rights.add:
        return planned.fail("", _("You may change what is there, but not add new ones."))
    if row.locale.language_code not in row.context.languages:
        return planned.fail(
            str(LOCALE.label),
            _("%(language)s is not a language in use: what is there can be changed, but nothing added.")
            % {"language": row.locale.get_display_name()},
        )
    item = kind.model(locale=row.locale)
    planned.item = item
    for column in _fields(kind):
        cell = cells.get(column.name, "")
        if column.required and not cell.strip():
            planned.fail(str(column.label), _("Must be filled in."))
        elif not column.is_blank(cell) and column.name in cells:
            _set(planned, column, _read(planned, column, cells, row), row, rights)
    _check(planned, cells, kind)
    return None


def _plan_update(
    planned: PlannedRow,
    stored: ContentItem,
    named_locale: Locale | None,
    cells: dict[str, str],
    kind: ImportKind,
    row: RowContext,
    rights: Rights,
    existing: Existing,
) -> None:
    item = existing.as_edited(stored)
    planned.item, planned.outcome = item, Outcome.UPDATE
    planned.title = planned.title or getattr(item, kind.title)
    if named_locale is not None and named_locale.pk != item.locale_id:
        return planned.fail(
            str(LOCALE.label), _("The language of what is there can't be changed by an import.")
        )
    row.locale = next(each for each in row.context.locales.values() if each.pk == item.locale_id)
    for column in _fields(kind):
        if column.name not in cells or column.is_blank(cells[column.name]):
            continue
        old = column.value(item)
        new = _read(planned, column, cells, row)
        if planned.problems or column.same(old, new):
            continue
        _set(planned, column, new, row, rights)
        planned.changes.append(
            Change(
                str(column.label),
                column.show(old, row.context),
                column.show(new, row.context),
            )
        )
    if planned.problems:
        return None
    if not planned.changes:
        planned.outcome = Outcome.UNCHANGED
        return None
    if not rights.change:
        return planned.fail("", _("You may add new ones, but not change what is there."))
    if existing.is_locked_for(stored, rights.user):
        return planned.fail("", _("It is locked, or under review, and can't be changed now."))
    _check(planned, cells, kind)
    return None


def _fields(kind: ImportKind) -> list[Column]:
    return [column for column in kind.columns if column not in (ID, LOCALE)]


def _set(planned: PlannedRow, column: Column, value: Any, row: RowContext, rights: Rights) -> None:
    if value is None:
        return
    if column.required and column.is_empty(value):
        planned.fail(str(column.label), _("Must be filled in."))
        return
    setattr(planned.item, column.attribute, value)
    heading = row.context.unsaved.get(value) if isinstance(column, HeadingColumn) else None
    if heading is not None:
        planned.heading = heading
        if not rights.add_heading:
            planned.fail(
                str(column.label),
                _("You may not make a new “%(name)s”; ask an admin.") % {"name": heading.name},
            )


def _check(planned: PlannedRow, cells: dict[str, str], kind: ImportKind) -> None:
    """The model's own rules for single fields, and audience and roles fitting together."""
    item = planned.item
    assert item is not None
    if item.audience == Audience.ROLES and not item.audience_roles:
        planned.fail(
            str(kind.column("audience_roles").label), _("Name at least one role, or choose another audience.")
        )
    elif item.audience != Audience.ROLES and item.audience_roles:
        if cells.get("audience_roles", "").strip():
            planned.fail(
                str(kind.column("audience_roles").label),
                _("Roles are named, but the audience is another: empty this cell, or make it “roles”."),
            )
        else:
            item.audience_roles = []
    failed = {problem.column for problem in planned.problems}
    by_field = {column.name: str(column.label) for column in kind.columns}
    # The category may not be saved yet; that it exists was seen when the cell was read.
    others = {each.name for each in item._meta.fields if each.name not in by_field}
    try:
        item.clean_fields(exclude=others | {item.category_field, "audience_roles", ID.name, LOCALE.name})
    except ValidationError as error:
        for name, messages in error.message_dict.items():
            for message in messages:
                if by_field.get(name, "") not in failed:
                    planned.fail(by_field.get(name, ""), message)


def _refuse_repetition(planned: PlannedRow, kind: ImportKind, seen: dict[Any, int]) -> None:
    """The second of two rows for the same item can only be a mistake."""
    item = planned.item
    if item is None:
        return
    title = getattr(item, kind.title)
    keys: list[Any] = (
        [item.pk] if not item._state.adding else [(item.locale_id, folded(title))] if title else []
    )
    for key in keys:
        if key in seen:
            planned.fail("", _("The same as row %(row)d.") % {"row": seen[key]})
        else:
            seen[key] = planned.row.number
