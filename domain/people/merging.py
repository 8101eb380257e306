"""When two contacts are one person: merging them, and undoing it within the window. Part of the area's rules.

Everything that refers to the one refers to the other afterwards; the one stays as an alias that leads there.
What was moved is written down row by row, so that undoing restores that and nothing else.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.apps import apps
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from domain.core.errors import InvalidState
from domain.encryption.rules import shred

from .choices import ClosedReason, ContactStatus, NoteVisibility
from .models import Contact, ContactMerge, ContactNote
from .models.contacts import CHANGE
from .recording import note
from .rules import FIELDS
from .standing import check_may, check_present, locked
from .statuses import change_status

# How long a merge can be undone.
WINDOW = timedelta(days=30)


# Which basis, and since when: the database holds them to each other.
CONSENT = ("consent_basis", "consent_on")


@dataclass(frozen=True)
class Link:
    """A column that refers to a contact. `flag` is given up where the other has a row with it already."""

    model: str
    column: str = "contact"
    flag: str = ""

    def rows(self) -> Any:
        return apps.get_model(self.model)._base_manager


# What moves along; later areas add theirs in ready(). A row that the other has already (a unique constraint
# says so) stays with the alias.
links: list[Link] = [
    Link("people.ContactMentor", flag="is_primary"),
    Link("people.Caregiver", flag="is_primary"),
    Link("people.ContactRelative", flag="is_primary"),
    Link("people.ContactNote"),
    Link("people.Note"),
    Link("people.NoteRequest"),
]


@transaction.atomic
def merge_contacts(
    contact: Contact, *, into: Contact, by: Any, version: int | None = None, reason: str = ""
) -> Contact:
    """Merge a contact into another, which is given back; it can be undone for 30 days.

    What the other doesn't know of the person is taken over. Raises InvalidState for itself, for an alias and
    for an erased or closed one to merge into; NotAllowed unless both may be changed; StaleVersion.
    """
    if contact.pk == into.pk:
        raise InvalidState(_("It can't be merged into itself."), code="same-contact")
    # In one order, so that two merges at once don't wait for each other.
    first, second = sorted([contact, into], key=lambda each: str(each.pk))
    rows = {each.pk: locked(each, version if each is contact else None) for each in (first, second)}
    row, other = rows[contact.pk], rows[into.pk]
    check_may(by, CHANGE, row.local_association.path, other.local_association.path)
    check_present(row)
    check_present(other)
    if other.status == ContactStatus.CLOSED and row.status != ContactStatus.CLOSED:
        raise InvalidState(_("Merge it the other way round: that one is closed."), code="closed-contact")
    merge = ContactMerge(
        contact=other,
        merged=row,
        before={"status": row.status, "closed_reason": row.closed_reason, "closed_on": _day(row.closed_on)},
        created_by=by,
        updated_by=by,
    )
    merge.filled = _fill(other, row)
    other.updated_by = by
    other.save()
    row.merged_into = other
    change_status(row, ContactStatus.CLOSED, by=by, closed_reason=ClosedReason.MERGED)
    merge.moved = [moved for link in links for moved in _move(link, row, other, by=by)]
    # An alias leads to what remains in one step.
    for alias in Contact.objects.filter(merged_into=row):
        alias.merged_into, alias.updated_by = other, by
        alias.save()
        merge.moved.append({"model": "people.Contact", "column": "merged_into", "id": str(alias.pk)})
    merge.save(force_insert=True)
    people = [row.pk, other.pk]
    note(
        "contact.merged",
        row,
        by=by,
        reason=reason,
        changes={"merged_into": (None, str(other.pk)), "moved": (None, told(merge.moved))},
        subject_ids=people,
    )
    note(
        "contact.took-over",
        other,
        by=by,
        changes={"merged": (None, str(row.pk)), "filled": (None, ", ".join(merge.filled) or None)},
        subject_ids=people,
    )
    other.refresh_from_db()
    return other


@transaction.atomic
def undo_merge(contact: Contact, *, by: Any, version: int | None = None, reason: str = "") -> Contact:
    """Undo the merge of an alias: what it moved comes back, what was taken over goes, and it is as it was.

    Rows that went on to somewhere else, or that were changed into something of the other's own, stay there.
    Raises InvalidState where it is no alias or the window is over; NotAllowed; StaleVersion.
    """
    merge = (
        ContactMerge.objects.select_for_update(of=("self",)).filter(merged=contact, undone_at=None).first()
    )
    if merge is None:
        raise InvalidState(_("This wasn't merged into another."), code="not-merged")
    if timezone.now() > merge.created_at + WINDOW:
        raise InvalidState(
            _("A merge can be undone for %(days)d days; they are over.") % {"days": WINDOW.days},
            code="window-over",
        )
    first, second = sorted([merge.merged_id, merge.contact_id], key=str)
    rows = {
        pk: locked(Contact.objects.get(pk=pk), version if pk == contact.pk else None)
        for pk in (first, second)
    }
    row, other = rows[merge.merged_id], rows[merge.contact_id]
    check_may(by, CHANGE, row.local_association.path, other.local_association.path)
    if row.merged_into_id != other.pk:
        raise InvalidState(
            _("“%(name)s” was merged further: undo that first.") % {"name": other}, code="merged-further"
        )
    if other.erased_at is not None:
        raise InvalidState(_("What was kept about this person was erased."), code="erased-contact")
    row.merged_into = None
    before = merge.before
    change_status(
        row, before["status"], by=by, closed_reason=before["closed_reason"], on=_date(before["closed_on"])
    )
    for moved in reversed(merge.moved):
        _move_back(moved, row, other, by=by)
    nobody = Contact()
    kept = {name for name in merge.filled if getattr(other, name) != getattr(row, name)}
    if kept & set(CONSENT):
        kept |= set(CONSENT)  # Its basis and its day stand or fall together.
    for name in set(merge.filled) - kept:
        setattr(other, name, getattr(nobody, name))
    other.updated_by = by
    other.save()
    merge.undone_at, merge.undone_by, merge.updated_by = timezone.now(), by, by
    merge.save()
    note(
        "contact.unmerged",
        row,
        by=by,
        reason=reason,
        changes={"merged_into": (str(other.pk), None), "moved": (told(merge.moved), None)},
        subject_ids=[row.pk, other.pk],
    )
    row.refresh_from_db()
    return row


def shred_aliases(now: datetime) -> int:
    """Destroy the sealed diagnosis of aliases whose merge can't be undone any more; returns how many.

    What remains has a diagnosis of its own, or none: nobody reads that of an alias.
    """
    over = ContactMerge.objects.filter(
        undone_at__isnull=True, created_at__lt=now - WINDOW, merged__record_key__wrapped__isnull=False
    )
    reason = "The merge can't be undone any more"
    return sum(shred(merge.merged, by=None, reason=reason) for merge in over.select_related("merged"))


def undoable(contact: Contact) -> ContactMerge | None:
    """The merge that made the contact an alias, while it can be undone."""
    open_one = ContactMerge.objects.filter(merged=contact, undone_at=None)
    return open_one.filter(created_at__gte=timezone.now() - WINDOW).first()


def told(moved: list[dict[str, Any]]) -> int:
    """How many rows were moved, as the record says it: that somebody has notes of their own is theirs."""
    notes = ContactNote.objects.filter(pk__in=[each["id"] for each in moved])
    private = set(map(str, notes.filter(visibility=NoteVisibility.PRIVATE).values_list("pk", flat=True)))
    return sum(each["model"] != "people.Note" and each["id"] not in private for each in moved)


def _fill(other: Contact, row: Contact) -> list[str]:
    """Take over what the other doesn't know; consent as a pair, address with its postcode."""
    filled = []
    empty = ("", None)
    for name in FIELDS:
        if name in CONSENT or getattr(other, name) not in empty:
            continue
        if getattr(row, name) not in empty:
            setattr(other, name, getattr(row, name))
            filled.append(name)
    if other.consent_on is None and row.consent_on is not None:
        other.consent_basis, other.consent_on = row.consent_basis, row.consent_on
        filled += [*CONSENT]
    return filled


def _move(link: Link, row: Contact, other: Contact, *, by: Any) -> Iterator[dict[str, Any]]:
    """Let the rows of a link refer to the other; gives what undoing needs to know of each."""
    taken = bool(link.flag) and link.rows().filter(**{link.column: other, link.flag: True}).exists()
    for each in link.rows().select_for_update(of=("self",)).filter(**{link.column: row}).order_by("pk"):
        moved: dict[str, Any] = {"model": link.model, "column": link.column, "id": str(each.pk)}
        setattr(each, link.column, other)
        if taken and getattr(each, link.flag):
            setattr(each, link.flag, False)
            moved["flag"] = link.flag
        if hasattr(each, "updated_by_id"):
            each.updated_by = by
        try:
            with transaction.atomic():
                each.save()
        except IntegrityError:
            continue
        yield moved


def _move_back(moved: dict[str, Any], row: Contact, other: Contact, *, by: Any) -> None:
    """One row back to where it was; not where it has gone elsewhere meanwhile."""
    rows = apps.get_model(moved["model"])._base_manager
    each = rows.select_for_update(of=("self",)).filter(pk=moved["id"], **{moved["column"]: other}).first()
    if each is None:
        return
    setattr(each, moved["column"], row)
    if flag := moved.get("flag"):
        setattr(each, flag, True)
    if hasattr(each, "updated_by_id"):
        each.updated_by = by
    try:
        with transaction.atomic():
            each.save()
    except IntegrityError:
        return


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
