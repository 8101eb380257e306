"""Asking the record."""

from uuid import UUID

from django.db.models import Q, QuerySet

from .models import AuditEvent

# Actions that only looked.
READING_VERBS = ("read", "listed", "exported", "searched")
_READING = Q()
for _verb in READING_VERBS:
    _READING |= Q(action__endswith=f".{_verb}")


def about(person_id: UUID) -> QuerySet[AuditEvent]:
    """Events that tell about a person, newest first."""
    # The second condition is the index's own.
    return AuditEvent.objects.filter(subject_ids__contains=[person_id]).exclude(subject_ids=[])


def reads_about(person_id: UUID) -> QuerySet[AuditEvent]:
    """Who has read about a person: the events of reading, newest first."""
    return about(person_id).filter(_READING)


def without_reads(events: QuerySet[AuditEvent]) -> QuerySet[AuditEvent]:
    """Only what changed something: readers are many, and have a page of their own."""
    return events.exclude(_READING)


def done_by(person_id: UUID) -> QuerySet[AuditEvent]:
    """What a person did, themselves or by proxy, newest first."""
    return AuditEvent.objects.filter(Q(actor_id=person_id) | Q(on_behalf_of_id=person_id))


def of_kind(events: QuerySet[AuditEvent], kind: str) -> QuerySet[AuditEvent]:
    """Narrowed down to changes, reads, sessions (signing in and out) or support (under a grant)."""
    sessions = Q(action__startswith="session.")
    if kind == "support":
        return events.filter(grant_id__isnull=False)
    if kind == "reads":
        return events.filter(_READING)
    return events.filter(sessions) if kind == "sessions" else events.exclude(_READING | sessions)


def history_of(object_type: str, object_id: str) -> QuerySet[AuditEvent]:
    """What happened to one object, newest first."""
    return AuditEvent.objects.filter(object_type=object_type, object_id=object_id)
