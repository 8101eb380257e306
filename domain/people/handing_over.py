"""What becomes of a member's own notes about contacts when they leave. Part of the area's rules.

Their author says it, note by note, while they still may: handed over, it is a note of the team about the
contact; kept private, it goes unread with its author's erasure. Who ends a membership sees how many are
undecided, no more.
"""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from domain.access.queries import scope_for
from domain.access.rules import check_version
from domain.audit.rules import record
from domain.config.queries import current_organization
from domain.core.errors import InvalidInput, InvalidState, NotAllowed
from domain.encryption.reading import read_sealed
from domain.identity.models import User
from tenants.jobs import enqueue

from .choices import NoteKind, NoteVisibility
from .models import ContactNote, Note
from .recording import note
from .requesting import check_not_asked_for
from .standing import check_present

ASK = "notes.ask_to_choose"
# Characters of a note of the team.
LONGEST = 10_000
# Whoever ends memberships asks members about their notes before it.
END_MEMBERSHIPS = "identity.change_membership"


@transaction.atomic
@sensitive_variables()
def hand_over_note(row: Note, *, by: Any, version: int | None = None) -> ContactNote:
    """Let a note of one's own about a contact become one of the team, in its author's name.

    Whoever follows up the contact reads it then, the coordinator among them. Raises NotAllowed for anybody
    but the author, InvalidState for one without a contact or asked for, InvalidInput where it is too long.
    """
    row = _locked(row, by, version)
    check_not_asked_for(row)
    contact = row.contact
    if contact is None:
        raise InvalidState(_("This note is about nobody: it can't be handed over."), code="not-linked")
    check_present(contact)
    body = f"{row.title}\n\n{read_sealed(row, 'body', by=by, scope=scope_for(by)) or ''}".strip()
    if len(body) > LONGEST:
        raise InvalidInput(_("This note is too long for the team: shorten it first."), field="body")
    made = ContactNote(
        contact=contact,
        author=by,
        kind=NoteKind.OBSERVATION,
        visibility=NoteVisibility.TEAM,
        body=body,
        created_by=by,
        updated_by=by,
    )
    made.save(force_insert=True)
    note("contact-note.handed-over", made, by=by, subject_ids=[contact.pk])
    note("note.deleted", row, by=by, subject_ids=[by.pk])
    row.delete()
    return made


@transaction.atomic
def keep_note(row: Note, *, by: Any, version: int | None = None) -> Note:
    """Keep a note about a contact private: it goes unread with one's erasure. Raises as `hand_over_note`."""
    row = _locked(row, by, version)
    if row.contact_id is None:
        raise InvalidState(_("This note is about nobody: there is nothing to choose."), code="not-linked")
    if row.kept_at is None:
        row.kept_at, row.updated_by = timezone.now(), by
        row.save()
        note("note.kept", row, by=by, subject_ids=[by.pk])
    return row


@transaction.atomic
def ask_to_choose(person: User, *, by: Any) -> int:
    """Have a member who is about to leave asked, by mail, what becomes of their notes; gives how many.

    Raises NotAllowed, or InvalidState where there is nothing to choose.
    """
    if by is not None and not scope_for(by).can(END_MEMBERSHIPS, ""):
        raise NotAllowed(_("You are not allowed to do this."))
    number = Note.objects.filter(author=person).undecided().count()
    if not number:
        raise InvalidState(_("This person has no notes left to choose about."), code="nothing-open")
    record("person.notes-asked", person, by=by, subject_ids=[person.pk])
    enqueue(ASK, current_organization(), key=str(person.pk), person_id=str(person.pk))
    return number


def _locked(row: Note, by: Any, version: int | None) -> Note:
    row.check_schema()
    found = Note.objects.select_for_update(of=("self",)).select_related("contact").get(pk=row.pk)
    check_version(found, version)
    if by is None or found.author_id != by.pk:
        raise NotAllowed(_("Only who wrote this may change it."))
    return found
