"""A contact's status and its history: what all rules that change it use."""

from datetime import date
from typing import Any

from django.utils import timezone

from .choices import ContactStatus
from .models import Contact, ContactStatusChange


def change_status(
    row: Contact, status: str, *, by: Any, closed_reason: str = "", on: date | None = None
) -> tuple[str, str]:
    """Give a locked contact a status and note it in its history; the caller records it. Gives the pair."""
    before = row.status
    row.status, row.closed_reason = status, closed_reason
    row.closed_on = (on or timezone.localdate()) if status == ContactStatus.CLOSED else None
    row.updated_by = by
    row.save()
    note_status(row, before, by=by)
    return before, str(row.status)


def note_status(row: Contact, before: str, *, by: Any) -> None:
    """Write down that the status is another than before."""
    ContactStatusChange.objects.create(
        contact=row, before=before, after=row.status, reason=row.closed_reason, by=by
    )
