"""Making many associations at once: an organisation that arrives with its register, an import, the demo."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from domain.audit.rules import record
from domain.core.errors import InvalidInput
from domain.core.scope import EVERYWHERE

from .models import ADD, LocalAssociation, LocalAssociationEdge
from .names import folded
from .queries import lock_tree
from .rules import assign, check_open, refuse, validate
from .standing import check_may

AT_ONCE = 500


@dataclass
class NewAssociation:
    """What is to be made. `parent` and `paying_entity` are numbers, of one that is there or to be made."""

    number: str
    parent: str = ""
    paying_entity: str = ""
    values: dict[str, Any] = field(default_factory=dict)


@transaction.atomic
def create_many(
    new: Sequence[NewAssociation],
    *,
    by: Any,
    valid_from: date | None = None,
    reason: str = "",
    one_event: bool = False,
) -> list[LocalAssociation]:
    """Make all of them, or none; gives them in the order they were made, parents first.

    Each is on the record by itself; with `one_event` they are together, as where nobody was there before.
    Raises InvalidInput (a value, a number that is taken, a parent that isn't known or goes round in a ring;
    `InvalidInput.field` is the field, the message begins with the number), InvalidState, NotAllowed.
    """
    lock_tree()
    named = {folded(each.number): each for each in new}
    if len(named) < len(new):
        raise InvalidInput(_("Two of them have the same number."), code="number-taken", field="number")
    mentioned = {folded(text) for each in new for text in (each.parent, each.paying_entity) if text}
    known = _known(mentioned - set(named))
    made: dict[str, LocalAssociation] = {}
    allowed: set[str] = set()
    for each in _parents_first(new, named):
        parent = _find(each.parent, made, known, each, "parent")
        if parent is None or parent.path:
            # Below one that is made here, what holds for that one holds.
            path = parent.path if parent else EVERYWHERE
            if path not in allowed:
                check_may(by, ADD, path)
                check_open(parent)
                allowed.add(path)
        row = LocalAssociation(parent=parent, created_by=by, updated_by=by)
        try:
            assign(row, {**each.values, "number": each.number})
            validate(row)
        except InvalidInput as refusal:
            raise InvalidInput(
                f"{each.number}: {refusal.message}", code=refusal.code, field=refusal.field
            ) from refusal
        row.name_it()
        made[folded(each.number)] = row
    rows = list(made.values())
    try:
        with transaction.atomic():
            LocalAssociation.objects.bulk_create(rows, batch_size=AT_ONCE)
            _set_payers(new, made, known)
    except IntegrityError as error:
        refuse(error)
    start = valid_from or timezone.localdate()
    LocalAssociationEdge.objects.bulk_create(
        (LocalAssociationEdge(association=row, parent=row.parent, valid_from=start) for row in rows),
        batch_size=AT_ONCE,
    )
    _record(rows, by=by, reason=reason, one_event=one_event)
    return rows


def _known(numbers: Iterable[str]) -> dict[str, LocalAssociation]:
    wanted = set(numbers)
    return (
        {folded(row.number): row for row in LocalAssociation.objects.all() if folded(row.number) in wanted}
        if wanted
        else {}
    )


def _parents_first(new: Sequence[NewAssociation], named: dict[str, NewAssociation]) -> list[NewAssociation]:
    """Each after its parent. Raises InvalidInput for a ring."""
    done: dict[str, bool] = {}
    order: list[NewAssociation] = []
    for each in new:
        way: list[NewAssociation] = []
        at: NewAssociation | None = each
        while at is not None and folded(at.number) not in done:
            if at in way:
                raise InvalidInput(
                    _("%(number)s is above and below itself.") % {"number": at.number},
                    code="tree-ring",
                    field="parent",
                )
            way.append(at)
            at = named.get(folded(at.parent)) if at.parent else None
        for one in reversed(way):
            done[folded(one.number)] = True
            order.append(one)
    return order


def _find(
    number: str,
    made: dict[str, LocalAssociation],
    known: dict[str, LocalAssociation],
    each: NewAssociation,
    name: str,
) -> LocalAssociation | None:
    if not number:
        return None
    found = made.get(folded(number)) or known.get(folded(number))
    if found is None:
        raise InvalidInput(
            _("%(each)s: there is none with the number “%(number)s”.")
            % {"each": each.number, "number": number},
            code="unknown-number",
            field=name,
        )
    return found


def _set_payers(
    new: Sequence[NewAssociation], made: dict[str, LocalAssociation], known: dict[str, LocalAssociation]
) -> None:
    """Who pays may come after the one it pays for: set when all are there."""
    changed = []
    for each in new:
        row = made[folded(each.number)]
        payer = _find(each.paying_entity, made, known, each, "paying_entity")
        if payer is not None and payer is not row:
            row.paying_entity = payer
            changed.append(row)
    LocalAssociation.objects.bulk_update(changed, ["paying_entity"], batch_size=AT_ONCE)


def _record(rows: list[LocalAssociation], *, by: Any, reason: str, one_event: bool) -> None:
    if not rows:
        return
    if one_event:
        count = {"number of local associations": (None, len(rows))}
        record("local-association.imported", rows[0], by=by, changes=count, reason=reason[:500])
        return
    for row in rows:
        values = {"name": row.name, "number": row.number, "parent": str(row.parent) if row.parent else None}
        record(
            "local-association.created",
            row,
            by=by,
            changes={name: (None, value) for name, value in values.items() if value},
            reason=reason[:500],
        )
