"""Taking what tells about a person out of the record, without breaking its proofs.

The event stays; of each part the salt and the value go and its hash stays, so the commitment in the hashed
payload still holds while nothing can be guessed from it. Each erasure is itself an event: one that erased
something without saying so is found by verification.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from . import payload
from .models import AuditDetail, AuditEvent
from .rules import write

ERASED = "audit-detail.erased"
PAGE = 500


def erase_person(person_id: UUID, *, by: Any, reason: str) -> int:
    """Erase a person from the details of every event: where they acted, were acted for, or were the subject.

    Of events they caused, their label and network go; of events about them, label of the object, changed
    values and reason as well. Returns the number of events. Needs the owner's rights (a job `as_owner`).
    """
    key = str(person_id)
    erased = 0
    with transaction.atomic():
        mine = Q(event__actor_id=person_id) | Q(event__on_behalf_of_id=person_id)
        about = Q(event__subject_ids__contains=[person_id]) | Q(event__object_id=key)
        details = AuditDetail.objects.filter(mine | about).select_related("event").order_by("pk")
        for detail in details.iterator(chunk_size=PAGE):
            event = detail.event
            parts: set[str] = set()
            if event.actor_id == person_id:
                parts |= {"actor_label", "network"}
            if event.on_behalf_of_id == person_id:
                parts |= {"on_behalf_of_label"}
            # That they were erased, and why, stays.
            if event.action != ERASED and (person_id in event.subject_ids or event.object_id == key):
                parts |= {"object_label", "reason"} | {payload.CHANGE + name for name in detail.changes}
            erased += _erase(detail, parts)
        if erased:
            _say(key, "identity.user", erased, by=by, reason=reason)
    return erased


def erase_object(object_type: str, object_id: str, *, by: Any, reason: str) -> int:
    """Erase one object from the details of the events about it: its label, changed values and reasons.

    For what tells of a person without being one: an invitation is called by an address. Returns the number
    of events. Needs the owner's rights.
    """
    erased = 0
    with transaction.atomic():
        about = AuditDetail.objects.filter(event__object_type=object_type, event__object_id=object_id)
        for detail in about.exclude(event__action=ERASED).select_related("event").order_by("pk"):
            changed = {payload.CHANGE + name for name in detail.changes}
            erased += _erase(detail, {"object_label", "reason"} | changed)
        if erased:
            _say(object_id, object_type, erased, by=by, reason=reason)
    return erased


def erase_parts(event: AuditEvent, names: Iterable[str], *, by: Any, reason: str) -> int:
    """Erase some parts of one event ("reason", "changes.name"). Returns 1, or 0 if there was nothing left."""
    with transaction.atomic():
        detail = AuditDetail.objects.select_for_update().get(pk=event.pk)
        erased = _erase(detail, set(names))
        if erased:
            _say(str(event.pk), AuditEvent._meta.label_lower, erased, by=by, reason=reason)
    return erased


def _erase(detail: AuditDetail, names: set[str]) -> int:
    present = names & detail.salts.keys()
    if not present:
        return 0
    for name in present:
        if name.startswith(payload.CHANGE):
            value = detail.changes.pop(name.removeprefix(payload.CHANGE))
        else:
            value = getattr(detail, name)
            setattr(detail, name, "")
        detail.erased[name] = payload.part_hash(detail.salts.pop(name), name, value).hex()
    detail.save()
    return 1


def _say(object_id: str, object_type: str, count: int, *, by: Any, reason: str) -> None:
    write(ERASED, object_type, object_id, "", by=by, changes={"events": (None, count)}, reason=reason)


def is_covered(event: AuditEvent, erased_ids: set[str]) -> bool:
    """Whether the record says that something of this event was erased."""
    ids = {str(event.pk), event.object_id, str(event.actor_id), str(event.on_behalf_of_id)}
    return bool(erased_ids & (ids | {str(person) for person in event.subject_ids}))
