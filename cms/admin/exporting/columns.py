"""What stands in the cells of an export, as expressions: each gives the text that Python would write."""

from collections.abc import Callable, Sequence
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import (
    BooleanField,
    Case,
    CharField,
    DateField,
    DateTimeField,
    DecimalField,
    F,
    Field,
    ForeignKey,
    Func,
    IntegerField,
    QuerySet,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, NullIf
from django.utils.timezone import get_current_timezone_name

from cms.admin.importing.escaping import RUN
from domain.activities.models import ActivityType
from domain.associations.models import LocalAssociation
from domain.certification.models import CertificationKind
from domain.certification.names import languages
from domain.config.terminology import active_locale
from domain.encryption.fields import EncryptedTextField
from domain.identity.models import User
from domain.people.models import DiagnosisCategory

TEXT = TextField()
_RUN = ", ".join(str(ord(character)) for character in RUN)
# By their bytes, after the letters; some of them spreadsheets take for the signs they look like.
_FULL_WIDTH = "\uff00"


def columns_of(rows: QuerySet, names: Sequence[str]) -> list[Any] | None:
    """An expression for each column of an export ("mentor", "local_association.number").

    None where one of them is known to Python alone, or the rows can't be asked for other columns.
    """
    if not names:
        return None  # Of no columns the ORM would make all there are.
    if rows.query.combinator or rows.query.distinct or rows.query.is_sliced:
        return None
    found = [column_of(rows, name) for name in names]
    return None if None in found else found


def column_of(rows: QuerySet, name: str) -> Any:
    """The expression of one column; None where Python alone knows it."""
    if name in rows.query.annotations:
        return _cell(name, rows.query.annotations[name].output_field)
    *way, last = name.split(".")
    model: Any = rows.model
    for step in way:
        link = _column(model, step)
        if not isinstance(link, ForeignKey):
            return None
        model = link.related_model
    field, path = _column(model, last), "__".join([*way, last])
    if isinstance(field, ForeignKey):
        words = WORDS.get(field.related_model)
        return words(f"{path}__") if words else None
    return None if field is None else _cell(path, field)


def _column(model: Any, name: str) -> Field | None:
    try:
        field = model._meta.get_field(name)
    except FieldDoesNotExist:
        return None
    return field if isinstance(field, Field) and field.concrete and not field.many_to_many else None


def _cell(path: str, field: Field) -> Any:
    if isinstance(field, EncryptedTextField):
        return None
    if isinstance(field, BooleanField):
        return Case(When(**{path: True}, then=Value("True")), When(**{path: False}, then=Value("False")))
    if isinstance(field, DateTimeField):
        return _Moment(F(path))
    if isinstance(field, DateField | IntegerField | DecimalField):
        return F(path)  # A day as ISO 8601 writes it (`files`).
    if isinstance(field, CharField | TextField):
        return NullIf(F(path), Value("")) if field.choices else _Text(F(path))
    return None


class _Moment(Func):
    """To the second, by the clocks of the reader: as pages show it, and spreadsheets take it."""

    output_field = DateTimeField()

    def as_sql(self, compiler, connection, **context):
        text, parameters = compiler.compile(self.source_expressions[0])
        zone = get_current_timezone_name()
        return f"date_trunc('second', ({text}) AT TIME ZONE %s)", [*parameters, zone]


class _Composed(Func):
    """A text made harmless where a spreadsheet program would run it (`cms.admin.importing.escaping`): by its
    first character that is no apostrophe. An empty text is an empty cell, not "".
    """

    output_field = TEXT
    template = (
        "CASE WHEN ascii(ltrim({text}, '''')) IN ({run}) THEN '''' || ({text}) ELSE nullif({text}, '') END"
    )

    def as_sql(self, compiler, connection, **context):
        text, parameters = compiler.compile(self.source_expressions[0])
        sql = self.template.format(text="{text}", run=_RUN)
        return sql.replace("{text}", text), [*parameters] * sql.count("{text}")


class _Text(_Composed):
    """The same of a column, asked first what costs least: it is empty, or begins with a letter or digit."""

    template = (
        "CASE WHEN {text} = '' THEN NULL "
        f"WHEN {{text}} COLLATE \"C\" >= 'A' AND {{text}} COLLATE \"C\" < '{_FULL_WIDTH}' THEN {{text}} "
        "WHEN {text} COLLATE \"C\" >= '0' AND {text} COLLATE \"C\" < ':' THEN {text} "
        "WHEN ascii(ltrim({text}, '''')) IN ({run}) THEN '''' || {text} ELSE {text} END"
    )


class _Led(Func):
    """A text that begins as a column does: as it is where that column begins with a letter, or else another
    expression. Arguments: the column, the text, the other.
    """

    output_field = TEXT
    arity = 3

    def as_sql(self, compiler, connection, **context):
        (lead, of_lead), (text, of_text), (other, of_other) = map(compiler.compile, self.source_expressions)
        plain = f"{lead} COLLATE \"C\" >= 'A' AND {lead} COLLATE \"C\" < '{_FULL_WIDTH}'"
        sql = f"CASE WHEN {plain} THEN {text} ELSE {other} END"
        return sql, [*of_lead, *of_lead, *of_text, *of_other]


def _person(prefix: str) -> Any:
    first, last = F(f"{prefix}first_name"), F(f"{prefix}last_name")
    names = Func(first, last, template="btrim(%(expressions)s)", arg_joiner=" || ' ' || ", output_field=TEXT)
    # The key of who has neither names nor an address; of nobody (no row was joined) there is nothing.
    key = Case(When(**{f"{prefix}first_name__isnull": False}, then=Cast(f"{prefix}id", TEXT)))
    otherwise = Coalesce(NullIf(names, Value("")), F(f"{prefix}email"), key, output_field=TEXT)
    return _Led(first, names, _Composed(otherwise))


def _first(prefix: str, codes: Sequence[str]) -> Any:
    """The first name that isn't empty, of a row that has one in each of several languages."""
    names = [F(f"{prefix}name_{code}") for code in codes]
    filled = [NullIf(name, Value("")) for name in names]
    return _Led(names[0], names[0], _Composed(Coalesce(*filled, Value(""), output_field=TEXT)))


# What a row is called by others, as `str` does: for the rows that long lists name.
WORDS: dict[Any, Callable[[str], Any]] = {
    User: _person,
    LocalAssociation: lambda prefix: _Text(F(f"{prefix}name")),
    ActivityType: lambda prefix: _first(prefix, list(languages())),
    CertificationKind: lambda prefix: _first(prefix, list(languages())),
    DiagnosisCategory: lambda prefix: _first(prefix, [active_locale() or "en", "nb"]),
}
