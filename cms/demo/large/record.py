"""How the large demo is on the record: one event for so many rows, which names the people they tell about."""

import random
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db import models

from domain.audit.models import AuditEvent
from domain.audit.rules import MOST_SUBJECTS, noun_of, write
from domain.certification.queries import zone_here
from domain.identity.models import User

REASON = "Large register of the demo organisation"
SEED = 20261123


def chance_of(what: str) -> random.Random:
    """The same numbers each time, others for each step."""
    return random.Random(f"{SEED} {what}")  # noqa: S311 - a demo is no secret


def is_made(noun: str) -> bool:
    """Whether rows of that noun were made in bulk already."""
    return AuditEvent.objects.filter(action=f"{noun}.imported", reason=REASON).exists()


def coordinator() -> User:
    """Whoever registers what nobody in particular did."""
    return User.objects.get(email="coordinator@nhf.example")


def note_rows(rows: Sequence[models.Model], people: Iterable[Iterable[UUID | None]], *, by: User) -> None:
    """Write that the rows were made, each with the people it tells about: as few events as can name them."""
    if not rows:
        return
    model = type(rows[0])
    named: set[UUID] = set()
    number = 0
    for each in people:
        more = {person for person in each if person is not None}
        if len(named) + len(more) > MOST_SUBJECTS:
            _write(model, number, named, by)
            named, number = set(), 0
        named |= more
        number += 1
    _write(model, number, named, by)


def _write(model: type[models.Model], number: int, people: set[UUID], by: User) -> None:
    write(
        f"{noun_of(model)}.imported",
        model._meta.label_lower,
        "",
        "",
        by=by,
        changes={"rows": (None, number)},
        reason=REASON,
        subject_ids=people,
    )


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """That hour of the organisation's clocks."""
    return datetime.combine(day, time(hour, minute), tzinfo=zone_here())


def some_days(chance: random.Random, fewest: int, most: int) -> timedelta:
    return timedelta(days=chance.randint(fewest, most))
