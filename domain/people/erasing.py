"""Erasing what is kept about a contact or a relative, as they may demand. Part of the area's rules.

The keys of what was sealed are destroyed, names and addresses go, notes, caregivers and links go; a row
without a name stays, to be counted. What is said on the record stays provable and loses their words
(`domain.audit.erasure`). It needs the owner's rights: a job (`erasure_jobs`).
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from domain.audit import erasure
from domain.audit.rules import write
from domain.core.errors import InvalidInput, InvalidState, NotAllowed
from domain.encryption.rules import shred, shred_rows
from domain.identity.models import User

from .choices import ClosedReason, ContactStatus, NoteVisibility
from .mentoring import end_assignments
from .models import Caregiver, Contact, ContactNote, ContactRelative, Note, RegisteredRelative
from .models.contacts import CHANGE, ERASE, PERSONAL
from .standing import check_may, locked, scope_of
from .statuses import change_status

# Called as `step(contact=…, by=…)` before the contact's own words go: a later area erases what it keeps of
# them, files for example. In the erasure's transaction.
erasure_steps: list[Callable[..., None]] = []
# Called with the key of each contact, relative and caregiver who goes: whoever keeps copies that name them
# lets go of those. In the erasure's transaction.
forgetters: list[Callable[[UUID], None]] = []
# Asks for a relative to be erased: `erasure_jobs` puts in how, since rules know no jobs.
relative_erasers: list[Callable[..., None]] = []


def require_erasable(contact: Contact, *, by: User | None) -> None:
    """Raise NotAllowed, or InvalidState for who was erased already."""
    check_may(by, ERASE, contact.local_association.path)
    if contact.erased_at is not None:
        raise InvalidState(_("What was kept about this person was erased."), code="erased-contact")


def ask_to_erase_relative(relative: RegisteredRelative, *, by: Any, reason: str) -> None:
    """Let what is kept about a relative without links be erased, in a job of this transaction."""
    for ask in relative_erasers:
        ask(relative, by=by, reason=reason)


@transaction.atomic
def erase_contact(contact: Contact, *, by: User | None, reason: str, with_relatives: bool = False) -> Contact:
    """Erase what is kept about a contact, whatever they were merged from; gives the row that stays.

    `with_relatives` erases those relatives as well who belong to nobody else. `reason` stays on the record.
    Raises NotAllowed, InvalidState, or InvalidInput without a reason.
    """
    reason = _reason(reason)
    remaining = locked(_remaining(contact))
    while _remaining(contact).pk != remaining.pk:
        # Merged, or the merge undone, while we waited: nobody is erased in another's place.
        remaining = locked(_remaining(contact))
    # As it is now that nobody else can erase it.
    require_erasable(remaining, by=by)
    aliases = list(Contact.objects.select_for_update(of=("self",)).filter(merged_into=remaining))
    for each in (*aliases, remaining):
        _erase_one(each, by=by, reason=reason, with_relatives=with_relatives)
    return remaining


def _remaining(contact: Contact) -> Contact:
    """Whom a contact was merged into, at last; themselves where nobody did."""
    row = Contact.objects.get(pk=contact.pk)
    while row.merged_into is not None:
        row = row.merged_into
    return row


@transaction.atomic
def erase_relative(relative: RegisteredRelative, *, by: User | None, reason: str) -> None:
    """Erase what is kept about a relative; their links go as well.

    Who may change contacts may do it where there are no links. Raises NotAllowed, or InvalidInput without a
    reason.
    """
    reason = _reason(reason)
    row = RegisteredRelative.objects.select_for_update().get(pk=relative.pk)
    if row.erased_at is not None:
        return
    scope = scope_of(by)
    if scope is not None:
        needed = ERASE if row.links.exists() else CHANGE
        if not (scope.can(needed) or scope.can(ERASE)):
            raise NotAllowed(_("You may not erase people."))
    _forget(row.pk)
    row.links.all().delete()
    row.first_name = row.last_name = row.phone = row.email = row.needs = row.language = ""
    row.birth_year, row.relation_types, row.erased_at, row.updated_by = None, [], timezone.now(), by
    row.save()
    erasure.erase_person(row.pk, by=by, reason=reason)
    write("relative.erased", row._meta.label_lower, str(row.pk), "", by=by, reason=reason)


def _erase_one(row: Contact, *, by: User | None, reason: str, with_relatives: bool) -> None:
    for step in erasure_steps:
        step(contact=row, by=by)
    end_assignments(row, by=by)
    about = ContactNote._base_manager.filter(contact=row)
    of_team = about.filter(visibility=NoteVisibility.TEAM)
    # Not how many are somebody's own: whoever reads the record isn't told that there are any.
    of_one = (about.filter(visibility=NoteVisibility.PRIVATE), Note._base_manager.filter(contact=row))
    for notes in (of_team, *of_one):
        shred_rows(notes, by=by, reason=reason, told=notes is of_team)
        notes.delete()
    caregivers = Caregiver.objects.filter(contact=row)
    for key in (row.pk, *caregivers.values_list("pk", flat=True)):
        _forget(key)
    caregivers.delete()
    relatives = list(RegisteredRelative.objects.filter(links__contact=row))
    ContactRelative.objects.filter(contact=row).delete()
    for relative in relatives:
        if with_relatives and not relative.links.exists():
            erase_relative(relative, by=by, reason=reason)
    shred(row, by=by, reason=reason)
    for name in PERSONAL:
        setattr(row, name, "")
    row.birth_year, row.diagnosis, row.language, row.source = None, None, "", ""
    row.erased_at = timezone.now()
    if row.merged_into_id is not None:
        row.merged_into = None
    change_status(row, ContactStatus.CLOSED, by=by, closed_reason=ClosedReason.ERASED)
    erasure.erase_person(row.pk, by=by, reason=reason)
    write("contact.erased", row._meta.label_lower, str(row.pk), "", by=by, reason=reason)


def _forget(key: UUID) -> None:
    for forget in forgetters:
        forget(key)


def _reason(reason: str) -> str:
    reason = " ".join(reason.split())[:500]
    if not reason:
        raise InvalidInput(_("Say why: it is kept on the record."), code="required", field="reason")
    return reason
