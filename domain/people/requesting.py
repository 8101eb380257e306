"""Asking authors for their private notes, because a person wants to see what is kept about them.

Part of the area's rules. Each author releases a note or says why not, within `ANSWERED_WITHIN`. Where they
don't release it, the privacy officer and a second person may, sealed (`sealing`): neither of them reads it.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from domain.access.queries import scope_for
from domain.access.rules import check_version
from domain.config.queries import current_organization
from domain.core.errors import InvalidInput, InvalidState, NotAllowed
from domain.encryption.reading import read_sealed_rows
from domain.identity.choices import MembershipStatus
from domain.identity.models import Membership
from tenants.jobs import enqueue

from .choices import NoteAnswer, NoteVisibility
from .models import Contact, ContactNote, Note, NoteRequest
from .models.contacts import EXPORT
from .models.requests import CONFIRM, PLACE
from .recording import note
from .sealing import SHORTEST_PHRASE, seal
from .standing import check_may, check_text

# So that a month, which the person may wait at most (GDPR, article 12(3)), leaves time for what follows.
TELL_AUTHOR = "contacts.tell_author"
ANSWERED_WITHIN = timedelta(days=14)
LONGEST_PHRASE = 200


def ask_authors(contact: Contact, *, by: Any) -> list[NoteRequest]:
    """Ask the author of every private note about a contact who wasn't asked for it lately.

    In the transaction of whoever asks for the copy, with the contact locked; gives the new requests.
    """
    contacts = [contact.pk, *contact.aliases.order_by().values_list("pk", flat=True)]
    held = NoteRequest.objects.holding()
    private = ContactNote.objects.filter(contact__in=contacts, visibility=NoteVisibility.PRIVATE)
    own = Note.objects.filter(contact__in=contacts)
    due_on = timezone.localdate() + ANSWERED_WITHIN
    made = []
    for column, rows in (("contact_note", private), ("own_note", own)):
        asked = held.filter(**{f"{column}__isnull": False}).order_by().values(column)
        for row in rows.exclude(pk__in=asked).select_related("contact").order_by("pk"):
            request = NoteRequest(contact=row.contact, author_id=row.author_id, due_on=due_on)
            request.created_by = request.updated_by = by
            setattr(request, column, row)
            request.save(force_insert=True)
            note(
                "note-request.asked",
                request,
                by=by,
                changes={"due_on": (None, due_on)},
                subject_ids=_people(request),
            )
            made.append(request)
    return made


def ask_to_tell(contact: UUID, author: UUID | None) -> None:
    """Have an author mailed, once for all of their notes about a contact (`reminder_jobs`)."""
    enqueue(
        TELL_AUTHOR,
        current_organization(),
        key=f"{contact}.{author}",
        contact_id=str(contact),
        author_id=str(author),
    )


@transaction.atomic
def release_note(row: NoteRequest, *, by: Any, version: int | None = None) -> NoteRequest:
    """Let a private note go into the copy, as its author alone may. Raises NotAllowed, InvalidState."""
    row = _to_answer(row, by, version)
    return _answer(row, NoteAnswer.RELEASED, by=by)


@transaction.atomic
@sensitive_variables()
def withhold_note(
    row: NoteRequest, *, justification: str, by: Any, version: int | None = None
) -> NoteRequest:
    """Keep a private note back and say why, as its author alone may.

    Raises InvalidInput without a reason, NotAllowed, InvalidState.
    """
    row = _to_answer(row, by, version)
    justification = justification.strip()
    if not justification:
        raise InvalidInput(_("Say why the note is kept back."), code="required", field="justification")
    row.justification = justification[:2000]
    check_text(row)
    return _answer(row, NoteAnswer.WITHHELD, by=by)


@transaction.atomic
def ask_to_seal(row: NoteRequest, *, reason: str, by: Any, version: int | None = None) -> NoteRequest:
    """Ask that a note be released sealed although its author didn't: the first of two people.

    Raises NotAllowed, InvalidInput without a reason, InvalidState while the author may still answer.
    """
    row = _locked(row, version)
    check_may(by, EXPORT, row.contact.local_association.path)
    reason = " ".join(reason.split())
    if not reason:
        raise InvalidInput(_("Say why: it is kept on the record."), code="required", field="reason")
    _check_sealable(row)
    if row.sealed_at is not None:
        raise InvalidState(_("A second person is asked already."), code="sealed-already")
    row.sealed_by, row.sealed_at, row.updated_by = by, timezone.now(), by
    row.save()
    note("note-request.seal-asked", row, by=by, reason=reason, subject_ids=_people(row))
    return row


@transaction.atomic
@sensitive_variables()
def confirm_sealed(row: NoteRequest, *, phrase: str, by: Any, version: int | None = None) -> NoteRequest:
    """Confirm it as the second person: the note is sealed with the phrase, which is kept nowhere.

    Who confirmed may do so again with another phrase until the note was handed out. Raises NotAllowed for who
    asked for it, or wrote it; InvalidInput for a short phrase; InvalidState.
    """
    row = _locked(row, version)
    check_may(by, CONFIRM, "")
    if by is not None and by.pk in (row.sealed_by_id, row.author_id):
        raise NotAllowed(_("A second person has to confirm this."))
    if row.sealed_at is None:
        raise InvalidState(_("Nobody has asked for a sealed release."), code="not-asked")
    if row.confirmed_at is not None and (row.confirmed_by_id != by.pk or row.handed_out_at is not None):
        raise InvalidState(_("This note is released already."), code="answered")
    _check_sealable(row)
    phrase = phrase.strip()
    if not SHORTEST_PHRASE <= len(phrase) <= LONGEST_PHRASE:
        raise InvalidInput(
            _("Choose a phrase of at least %(number)d characters.") % {"number": SHORTEST_PHRASE},
            code="too-short",
            field="phrase",
        )
    row.envelope = seal(_words(row), phrase)
    row.confirmed_by, row.confirmed_at, row.updated_by = by, timezone.now(), by
    row.save()
    note("note-request.confirmed", row, by=by, subject_ids=_people(row))
    return row


def check_not_asked_for(row: ContactNote | Note) -> None:
    """Raise InvalidState for a note that its author is asked for: it stays so until handed out."""
    waiting = row.requests.holding().filter(handed_out_at__isnull=True)
    if waiting.exists():
        raise InvalidState(
            _("The person has asked to see what is kept: this note can't be changed or deleted until then."),
            code="asked-for",
        )


def for_copy(contact: Contact, *, by: Any) -> tuple[list[NoteRequest], list[NoteRequest]]:
    """The requests whose notes go into a copy: as they are, and sealed.

    Who knows the phrase of a sealed one doesn't get it: somebody else makes that copy.
    """
    rows = NoteRequest.objects.filter(contact=contact).select_related("contact_note", "own_note", "author")
    sealed = rows.released_sealed().exclude(envelope="")
    if by is not None:
        sealed = sealed.exclude(confirmed_by=by)
    return list(rows.released()), list(sealed)


def note_handed_out(requests: list[NoteRequest], *, by: Any) -> None:
    """Say of requests that their notes went into a copy."""
    for row in requests:
        if row.handed_out_at is None:
            row.handed_out_at, row.updated_by = timezone.now(), by
            row.save(update_fields=["handed_out_at", "updated_by"])
            note("note-request.handed-out", row, by=by, subject_ids=_people(row))


def destroy_envelopes() -> int:
    """Let go of sealed notes whose request counts no more; returns how many."""
    rows = NoteRequest.objects.exclude(envelope="").exclude(pk__in=NoteRequest.objects.holding().values("pk"))
    return rows.update(envelope="")


def may_answer(row: NoteRequest, by: Any) -> bool:
    return row.is_open and by is not None and row.author_id == by.pk


def may_ask_to_seal(row: NoteRequest, by: Any) -> bool:
    if row.sealed_at is not None or not _is_sealable(row):
        return False
    return NoteRequest.objects.filter(scope_for(by).within(EXPORT, PLACE), pk=row.pk).exists()


def may_confirm(row: NoteRequest, by: Any) -> bool:
    if row.sealed_at is None or not _is_sealable(row) or by.pk in (row.sealed_by_id, row.author_id):
        return False
    if row.confirmed_at is not None and (row.confirmed_by_id != by.pk or row.handed_out_at is not None):
        return False
    return scope_for(by).can(CONFIRM, "")


def _locked(row: NoteRequest, version: int | None) -> NoteRequest:
    row.check_schema()
    found = (
        NoteRequest.objects.select_for_update(of=("self",))
        .select_related("contact__local_association", "contact_note", "own_note")
        .get(pk=row.pk)
    )
    check_version(found, version)
    if not found.holds:
        raise InvalidState(_("This request is over: a new one is made with the next copy."), code="over")
    return found


def _to_answer(row: NoteRequest, by: Any, version: int | None) -> NoteRequest:
    row = _locked(row, version)
    if by is None or row.author_id != by.pk:
        raise NotAllowed(_("Only who wrote the note may answer."))
    if not row.is_open:
        raise InvalidState(_("This was answered already."), code="answered")
    return row


def _answer(row: NoteRequest, answer: NoteAnswer, *, by: Any) -> NoteRequest:
    row.answer, row.answered_at, row.updated_by = answer, timezone.now(), by
    row.save()
    verb = "released" if answer == NoteAnswer.RELEASED else "withheld"
    note(f"note-request.{verb}", row, by=by, subject_ids=_people(row))
    return row


def _is_sealable(row: NoteRequest) -> bool:
    """The author said no, or let the time pass, or is here no more to say anything."""
    if not row.holds or row.answer == NoteAnswer.RELEASED:
        return False
    if row.answer == NoteAnswer.WITHHELD or row.due_on < timezone.localdate():
        return True
    here = Membership.objects.here().filter(status=MembershipStatus.ACTIVE, user=row.author_id)
    return not here.exists()


def _check_sealable(row: NoteRequest) -> None:
    if row.answer == NoteAnswer.RELEASED:
        raise InvalidState(_("The author has released this note."), code="answered")
    if not _is_sealable(row):
        raise InvalidState(_("The author may answer until the day is over."), code="not-due")


@sensitive_variables()
def _words(row: NoteRequest) -> str:
    """What is sealed: read by the system, which is on the record, and shown to nobody."""
    asked = row.note
    opened = read_sealed_rows(type(asked), [asked.pk], ["body"], by=None, scope=None)
    body = opened.get(asked.pk, {}).get("body") or ""
    head = [str(timezone.localdate(asked.created_at)), getattr(asked, "title", "")]
    return "\n".join([part for part in head if part] + ["", body])


def _people(row: NoteRequest) -> list[Any]:
    return [person for person in (row.contact_id, row.author_id) if person is not None]


@sensitive_variables()
def read_words(row: NoteRequest, *, by: Any) -> dict[str, Any]:
    """What somebody may read of a request: its author the note, they and who judges why it is kept back.

    Names are those of columns; None for what is not theirs, or isn't there. Each opening is on the record.
    """
    scope, asked = scope_for(by), row.note
    found: dict[str, Any] = dict.fromkeys(("contact_note", "own_note", "title", "body", "justification"))
    if row.author_id == by.pk:
        opened = read_sealed_rows(type(asked), [asked.pk], ["body"], by=by, scope=scope)
        found["body"] = opened.get(asked.pk, {}).get("body")
        found["title"] = getattr(asked, "title", None)
        found["contact_note"], found["own_note"] = row.contact_note_id, row.own_note_id
    if row.justification is not None:
        read = read_sealed_rows(NoteRequest, [row.pk], ["justification"], by=by, scope=scope)
        found["justification"] = read.get(row.pk, {}).get("justification")
    return found
