"""Writing the record. `record` and `record_read` are the only ways in."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db import models
from django.utils import timezone
from django.utils.encoding import force_str

from tenants.backend.statements import Statement
from tenants.db import connection
from tenants.fields import uuid7

from . import payload
from .context import count_event, current
from .models import AuditEvent

# Of the system itself, where nobody asked for it.
SYSTEM = "system"
# More people than this in one event of a list would make the event a list itself: callers page.
MOST_SUBJECTS = 1000

_EVENT = {
    "id": "uuid",
    "at": "timestamptz",
    "actor_id": "uuid",
    "on_behalf_of_id": "uuid",
    "session_id": "uuid",
    "grant_id": "uuid",
    "action": "text",
    "object_type": "text",
    "object_id": "text",
    "subject_ids": "uuid[]",
    "commitment": "bytea",
}
_DETAIL = {**dict.fromkeys(payload.TEXT_PARTS, "text"), "changes": "jsonb", "salts": "jsonb"}


def _insert() -> Statement:
    """One statement, one round trip: the event and its detail."""
    event: list[str | int] = [f"WITH event AS (INSERT INTO audit_auditevent ({', '.join(_EVENT)}) VALUES ("]  # noqa: S608
    columns = ", ".join(["event_id", *_DETAIL, "erased"])
    detail: list[str | int] = [f")) INSERT INTO audit_auditdetail ({columns}) VALUES (", 0]  # noqa: S608
    for number in range(len(_EVENT)):
        event += [", ", number] if number else [number]
    for number in range(len(_DETAIL)):
        detail += [", ", len(_EVENT) + number]
    return Statement([*event, *detail, ", '{}')"], [*_EVENT.values(), *_DETAIL.values()])


_INSERT = _insert()


def record(
    action: str,
    obj: models.Model,
    *,
    by: Any,
    changes: Mapping[str, tuple[Any, Any]] | None = None,
    reason: str = "",
    session_id: UUID | None = None,
    on_behalf_of: Any = None,
    subject_ids: Iterable[UUID] = (),
) -> AuditEvent:
    """Write one audit event into the current organisation, in the caller's transaction. Takes no lock.

    `action` is "<noun>.<verb>" ("faq.published"), with a sentence in `domain.audit.actions`; `by` is a User,
    or None for the system itself; `changes` maps a field's name to its old and new value, as they may be read
    by an administrator; `subject_ids` are the people it tells about, for "who has read about me". Session,
    network and support grant come from the request (`domain.audit.context`).
    Raises RuntimeError outside an organisation: there is no record in the public schema.
    """
    return write(
        action,
        obj._meta.label_lower,
        str(obj.pk),
        force_str(obj),
        by=by,
        changes=changes,
        reason=reason,
        session_id=session_id,
        on_behalf_of=on_behalf_of,
        subject_ids=subject_ids,
    )


def record_read(
    objects: models.Model | Iterable[models.Model],
    *,
    by: Any,
    subject_ids: Iterable[UUID] = (),
    verb: str = "read",
    reason: str = "",
) -> AuditEvent | None:
    """Write that someone read sensitive data: one object, or a page of a list as one event.

    Without `subject_ids` the people are asked of the objects (`domain.audit.reading.subjects_of`). For a list
    the event has no object but its kind; None for an empty one. `verb` says how: read, listed, exported.
    """
    from .reading import Seen, subjects_of

    if isinstance(objects, models.Model):
        seen = Seen.of(objects)
        return write(
            f"{noun_of(objects)}.{verb}",
            objects._meta.label_lower,
            str(objects.pk),
            seen.label,
            by=by,
            reason=reason,
            subject_ids=list(subject_ids) or seen.people,
        )
    rows = list(objects)
    if not rows:
        return None
    people = list(subject_ids) or [person for row in rows for person in subjects_of(row)]
    return write(
        f"{noun_of(rows[0])}.{verb}",
        rows[0]._meta.label_lower,
        "",
        "",
        by=by,
        changes={"rows": (None, len(rows))},
        reason=reason,
        subject_ids=people,
    )


def noun_of(obj: models.Model | type[models.Model]) -> str:
    """What actions call the kind of an object: `audit_noun` of its model, or the model's name."""
    return getattr(obj, "audit_noun", "") or str(obj._meta.model_name)


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Fields whose value changed, for `record(changes=…)`."""
    return {name: (before.get(name), value) for name, value in after.items() if before.get(name) != value}


def write(
    action: str,
    object_type: str,
    object_id: str,
    object_label: str,
    *,
    by: Any,
    changes: Mapping[str, tuple[Any, Any]] | None = None,
    reason: str = "",
    session_id: UUID | None = None,
    on_behalf_of: Any = None,
    subject_ids: Iterable[UUID] = (),
) -> AuditEvent:
    if connection.schema_name == "public":
        raise RuntimeError("an audit event belongs to an organisation, and none is selected")
    context = current()
    proxied = on_behalf_of if on_behalf_of is not None else context.principal
    people = sorted({UUID(str(person)) for person in subject_ids})
    if len(people) > MOST_SUBJECTS:
        raise ValueError(f"an event tells about at most {MOST_SUBJECTS} people: record each page of a list")
    texts = {
        "actor_label": payload.clean(str(by) if by is not None else SYSTEM)[:200],
        "on_behalf_of_label": payload.clean(str(proxied) if proxied is not None else "")[:200],
        "object_label": payload.clean(object_label)[:200],
        "reason": payload.clean(str(reason))[:500],
        "network": context.network,
    }
    changed = {
        payload.clean(name): [payload.plain(old), payload.plain(new)]
        for name, (old, new) in (changes or {}).items()
    }
    parts = payload.parts_of(texts, changed)
    salts = payload.new_salts(parts)
    event = AuditEvent(
        id=uuid7(),
        at=timezone.now(),
        actor_id=getattr(by, "pk", None),
        on_behalf_of_id=getattr(proxied, "pk", None),
        session_id=session_id or context.session,
        grant_id=context.grant,
        action=action,
        object_type=object_type,
        object_id=payload.clean(object_id),
        subject_ids=people,
        commitment=payload.commitment(
            {name: payload.part_hash(salts[name], name, value) for name, value in parts.items()}
        ),
    )
    literal = connection.literal
    connection.run(
        _INSERT,
        [
            *[literal(getattr(event, name)) for name in _EVENT if name not in ("subject_ids", "commitment")],
            f"'{{{','.join(map(str, people))}}}'",
            literal(event.commitment),
            *[literal(texts[name]) for name in payload.TEXT_PARTS],
            literal(payload.canonical(changed).decode()),
            literal(payload.canonical(salts).decode()),
        ],
    )
    count_event()
    # As the manager's queries have them.
    for name, value in {**texts, "changes": changed}.items():
        setattr(event, name, value)
    event._state.adding = False
    return event
