"""Bringing what is stored into the spelling of today: e-mail addresses, and keys of names.

For rows that were written before it was asked for, or past the models: by migrations, and by
`manage.py spell_addresses` whenever someone wants to know. Needs the owner's rights.
"""

import logging
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models.functions import Lower

from domain.core.names import person_key, search_text

from .emails import canonical

AT_ONCE = 500
logger = logging.getLogger(__name__)


@dataclass
class Spelled:
    """What became of the addresses of a table. Rows by id, never by address: it goes into logs."""

    changed: int = 0
    # The row, and the one that has its address in the right spelling.
    collisions: list[tuple[Any, Any]] = field(default_factory=list)
    unreadable: list[Any] = field(default_factory=list)

    @property
    def problems(self) -> list[str]:
        """A line per row that stayed as it was."""
        return [
            *(f"{pk}: its address, rightly spelled, is that of {other}" for pk, other in self.collisions),
            *(f"{pk}: what it has is no e-mail address" for pk in self.unreadable),
        ]


def spell_addresses(model: Any, *, shared: bool = False) -> Spelled:
    """Write the addresses (`email`) of a model as `canonical` spells them; what can't be is left and told.

    `shared`: several rows may have the same one. Otherwise nobody is given an address that another has.
    """
    result = Spelled()
    rows = model._base_manager
    for pk, address in rows.exclude(email=None).exclude(email="").order_by().values_list("pk", "email"):
        try:
            spelled = canonical(address)
        except ValidationError:
            result.unreadable.append(pk)
            continue
        if spelled == address:
            continue
        same = rows.alias(login=Lower("email")).filter(login=spelled).exclude(pk=pk)
        if not shared and (other := same.values_list("pk", flat=True).first()) is not None:
            result.collisions.append((pk, other))
            continue
        rows.filter(pk=pk).update(email=spelled)
        result.changed += 1
    for problem in result.problems:
        logger.warning("%s %s", model._meta.label, problem)
    return result


def name_people(model: Any) -> int:
    """Bring the keys of people's names into step with the names; returns how many were not."""
    changed = []
    columns = ("pk", "first_name", "last_name", "email", "name_key", "name_search")
    for row in model._base_manager.only(*columns).order_by().iterator(AT_ONCE):
        keys = (
            person_key(row.first_name, row.last_name, row.email or ""),
            search_text(row.first_name, row.last_name),
        )
        if keys != (row.name_key, row.name_search):
            row.name_key, row.name_search = keys
            changed.append(row)
    model._base_manager.bulk_update(changed, ["name_key", "name_search"], batch_size=AT_ONCE)
    return len(changed)
