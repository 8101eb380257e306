"""Who has read about whom: recording reads by construction.

A model whose rows are about people says in which columns their ids stand:

    class Membership(Entity):
        audit_subjects: ClassVar[tuple[str, ...]] = ("user_id",)

`sensitive(Membership)` is then true, and the base views of API and admin record every detail, list, choice
and export of it. In the record a row is named by those people's names, or by the columns of `audit_label`.
Columns are lookups: "booking__user_id" follows a reference.
"""

from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist
from django.db import models, transaction

from .context import bind, current
from .models import AuditEvent
from .rules import MOST_SUBJECTS, noun_of, write

_NAMES = ("first_name", "last_name")


def sensitive(model: type[models.Model] | models.Model) -> bool:
    """Whether reading rows of this model is recorded."""
    return bool(subject_columns(model))


def subject_columns(model: type[models.Model] | models.Model) -> tuple[str, ...]:
    """The columns with the ids of the people a row is about; none where reading is not recorded."""
    return getattr(model, "audit_subjects", ())


def label_columns(model: type[models.Model] | models.Model) -> tuple[str, ...]:
    """The columns whose words name a row in the record."""
    declared = getattr(model, "audit_label", None)
    if declared is not None:
        return tuple(declared)
    people = [column.removesuffix("_id") for column in subject_columns(model)]
    return tuple(f"{person}__{name}" for person in people for name in _NAMES)


@dataclass(frozen=True)
class Seen:
    """A row that was shown: whom it is about, and where it was shown alone, its key and name.

    Or several (`rows`) about the same people.
    """

    people: frozenset[UUID]
    pk: Any = ""
    label: str = ""
    rows: int = 1

    @classmethod
    def of(cls, obj: models.Model) -> "Seen":
        columns = label_columns(obj)
        return cls(
            frozenset(subjects_of(obj)), obj.pk, _words(_value(obj, column) for column in columns) or str(obj)
        )

    @classmethod
    def row(cls, model: type[models.Model], values: Mapping[str, Any], pk: Any = "") -> "Seen":
        """From the columns of a row, without an instance of the model."""
        people = [values[column] for column in subject_columns(model)]
        # Rows shown together have no name in the record.
        label = _words(values.get(column) for column in label_columns(model)) if pk else ""
        return cls(frozenset([person for person in people if person is not None]), pk, label)


def subjects_of(obj: models.Model) -> list[UUID]:
    """The ids of the people a row is about."""
    people = [_value(obj, column) for column in subject_columns(obj)]
    return [person for person in people if person is not None]


def note_seen(
    model: type[models.Model],
    rows: Iterable[Seen],
    *,
    by: Any,
    verb: str,
    changes: Mapping[str, Any] | None = None,
) -> AuditEvent | None:
    """Write that rows of a model were shown: one with a key as itself, others together as one event.

    What is about nobody but the reader is left out: nobody needs to be told of that. Where the people are
    more than one event may name, there are several, in one transaction. Returns the last one, or None.
    """
    own = frozenset({getattr(by, "pk", None)})
    others = [row for row in rows if row.people != own]
    if not others:
        return None
    if current().grant is not None:
        bind(has_read=True)
    action, kind = f"{noun_of(model)}.{verb}", model._meta.label_lower
    if len(others) == 1 and others[0].pk:
        one = others[0]
        return write(action, kind, str(one.pk), one.label, by=by, subject_ids=one.people - own)
    more = {name: (None, value) for name, value in (changes or {}).items()}
    most = MOST_SUBJECTS // max(1, len(subject_columns(model)))
    parts = [others[start : start + most] for start in range(0, len(others), most)]
    with transaction.atomic() if len(parts) > 1 else nullcontext():
        for part in parts:
            people = frozenset[UUID]().union(*(row.people for row in part)) - own
            said = {"rows": (None, sum(row.rows for row in part)), **more}
            event = write(action, kind, "", "", by=by, changes=said, subject_ids=people)
    return event


class RecordsReads:
    """For views that show rows of models; the bases of API and admin have it. Records nothing of models that
    aren't sensitive."""

    request: Any

    def audit_reader(self) -> Any:
        """Who is reading; None for the system or someone not signed in."""
        user = getattr(self.request, "user", None)
        return user if getattr(user, "is_authenticated", False) else None

    def note_read(self, obj: models.Model, *, verb: str = "read") -> AuditEvent | None:
        """Record that one row was shown."""
        if not sensitive(obj):
            return None
        return note_seen(type(obj), [Seen.of(obj)], by=self.audit_reader(), verb=verb)

    def note_list(
        self, page: Iterable[models.Model], *, verb: str = "listed", changes: Mapping[str, Any] | None = None
    ) -> AuditEvent | None:
        """Record that these rows were shown together; `changes` says more of how, by name."""
        rows = [row for row in page if sensitive(row)]
        if not rows:
            return None
        seen = [Seen(frozenset(subjects_of(row))) for row in rows]
        return note_seen(type(rows[0]), seen, by=self.audit_reader(), verb=verb, changes=changes)


def _value(obj: Any, lookup: str) -> Any:
    for name in lookup.split("__"):
        if obj is None:
            return None
        try:
            obj = getattr(obj, name)
        except ObjectDoesNotExist:
            return None
    return obj


def _words(values: Iterable[Any]) -> str:
    return " ".join(str(value) for value in values if value)
