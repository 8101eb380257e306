"""What happened with a contact, told by the rows of areas: the audit record is not asked for it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from domain.core.scope import Scope

from .choices import NoteVisibility
from .models import Contact, ContactNote

# Icons are those of the admin.
ICONS = {"new": "plus", "active": "circle-check", "paused": "time", "closed": "lock"}


@dataclass(frozen=True)
class Moment:
    """One entry: when, what in words, by whom, and the row it leads to (its model's label and key)."""

    at: datetime
    icon: str
    words: str
    by: str = ""
    model: str = ""
    pk: Any = None


# Called with the contact and the caller's scope; later areas (activities, assignments) add theirs in ready().
sources: list[Callable[[Contact, Scope], Iterable[Moment]]] = []


def timeline(contact: Contact, scope: Scope, *, limit: int = 50) -> list[Moment]:
    """The latest moments first: as many as asked for, of all sources together."""
    found = [moment for source in sources for moment in source(contact, scope)]
    return sorted(found, key=lambda moment: moment.at, reverse=True)[:limit]


def status_moments(contact: Contact, scope: Scope) -> Iterable[Moment]:
    for change in contact.status_changes.select_related("by"):
        words = (
            _("Status: %(status)s") % {"status": change.get_after_display()}
            if change.before
            else _("Registered")
        )
        if change.reason:
            words = f"{words} – {change.get_reason_display()}"
        yield Moment(change.at, ICONS[change.after], words, str(change.by or ""))


def mentor_moments(contact: Contact, scope: Scope) -> Iterable[Moment]:
    today = timezone.localdate()
    for row in contact.mentors.select_related("user"):
        if row.valid_from <= today:
            # Assigned on the day itself: not before what led to it.
            is_same = timezone.localdate(row.created_at) == row.valid_from
            at = row.created_at if is_same else _start_of(row.valid_from)
            yield Moment(at, "user", _("%(name)s began to support") % {"name": row.user})
        if row.valid_to is not None and row.valid_to <= today:
            yield Moment(
                _start_of(row.valid_to), "user", _("%(name)s ended the support") % {"name": row.user}
            )


def note_moments(contact: Contact, scope: Scope) -> Iterable[Moment]:
    """Notes that the caller may read, without their words."""
    notes = ContactNote.objects.visible_to(scope).filter(contact=contact).select_related("author")
    for row in notes:
        words = row.get_kind_display()
        if row.visibility == NoteVisibility.PRIVATE:
            words = _("%(kind)s (only for me)") % {"kind": words}
        yield Moment(row.created_at, "edit", words, str(row.author or ""), row._meta.label_lower, row.pk)


def merge_moments(contact: Contact, scope: Scope) -> Iterable[Moment]:
    for row in contact.merges.select_related("created_by"):
        yield Moment(
            row.created_at, "resubmit", _("Another registration was merged in"), str(row.created_by or "")
        )


def _start_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


sources += [status_moments, mentor_moments, note_moments, merge_moments]
