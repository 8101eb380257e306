"""Mails about what is written, each once: to authors who are asked for private notes, and when the day has
come to follow up what a note says."""

from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from domain.access.coordinators import active_people
from domain.access.mailing import letter
from domain.access.queries import scope_for
from domain.config.choices import Area
from domain.config.queries import is_enabled
from domain.core.sending import organizations_where, remind_once
from domain.identity.models import User
from tenants.jobs import JobContext, enqueue, job
from tenants.schedules import every

from .handing_over import ASK
from .models import ContactNote, Note, NoteRequest
from .queries import who_follows_up
from .recording import note
from .requesting import TELL_AUTHOR, ask_to_tell

FOLLOW_UP = "contacts.remind_of_follow_up"


@every(minutes=60, due=organizations_where(NoteRequest, "answer = '' AND confirmed_at IS NULL"))
@job("contacts.tell_authors", title=_("Tell authors that private notes are asked for"), keep=False)
def tell_authors(context: JobContext) -> dict[str, int]:
    """Ask for the mails that couldn't be sent when the notes were asked for."""
    waiting = NoteRequest.objects.open().filter(reminded_at=None)
    asked = list(waiting.order_by().values_list("contact", "author").distinct())
    for contact, author in asked:
        ask_to_tell(contact, author)
    return {"mails": len(asked)}


@job(TELL_AUTHOR, title=_("Tell an author that private notes are asked for"), atomic=False, keep=False)
def tell_author(context: JobContext, contact_id: str, author_id: str) -> dict[str, str]:
    """Mail the author that there is something to answer: neither about whom nor which notes."""
    rows = NoteRequest.objects.open().filter(contact=UUID(contact_id), author=UUID(author_id))
    reader = active_people().filter(pk=UUID(author_id)).first()

    def mails(claimed: list[NoteRequest]) -> Any:
        if reader is None or not reader.email:
            return
        values = {"due_on": min(row.due_on for row in claimed), "in_admin": _opens_admin(reader)}
        subject = _("A private note of yours is asked for")
        path = "/admin/note-requests/"
        yield (
            f"note-request.{claimed[0].pk}.{reader.pk}",
            letter(reader, context.organization, subject, "mail/note_request.txt", path, **values),
        )

    outcome = remind_once(
        rows,
        attempt=context.attempt,
        told=lambda row: note("note-request.reminded", row, by=None, subject_ids=[row.contact_id]),
        mails=mails,
    )
    return {"outcome": outcome.value} if outcome else {}


@every(
    minutes=60,
    due=organizations_where(ContactNote, "followed_up_at IS NULL AND follow_up_on <= current_date + 1"),
)
@job("contacts.follow_up", title=_("Remind of what is to follow after notes"), keep=False)
def follow_up(context: JobContext) -> dict[str, int]:
    """Ask for the reminders that are due, by the organisation's own day."""
    if not is_enabled(Area.CONTACTS):
        return {}
    today = timezone.localdate(timezone=ZoneInfo(context.organization.time_zone))
    due = ContactNote.objects.filter(followed_up_at=None, reminded_at=None, follow_up_on__lte=today)
    keys = list(due.values_list("pk", flat=True))
    for key in keys:
        enqueue(FOLLOW_UP, context.organization, key=str(key), note_id=str(key))
    return {"reminders": len(keys)}


@job(FOLLOW_UP, title=_("Remind of the follow-up of a note"), atomic=False, keep=False)
def remind_of_follow_up(context: JobContext, note_id: str) -> dict[str, str]:
    """Mail the author; where they left, whoever coordinates the contact, if it is a note of the team."""
    rows = ContactNote.objects.filter(pk=UUID(note_id), followed_up_at=None)

    def mails(claimed: list[ContactNote]) -> Any:
        row = claimed[0]
        for reader in who_follows_up(row):
            if reader.email:
                values = {"in_admin": _opens_admin(reader)}
                path = f"/admin/contact-notes/inspect/{row.pk}/"
                subject = _("The day to follow up a note has come")
                yield (
                    f"contact-note-follow-up.{row.pk}.{reader.pk}",
                    letter(reader, context.organization, subject, "mail/note_follow_up.txt", path, **values),
                )

    outcome = remind_once(
        rows,
        attempt=context.attempt,
        told=lambda row: note("contact-note.reminded", row, by=None, subject_ids=[row.contact_id]),
        mails=mails,
    )
    return {"outcome": outcome.value} if outcome else {}


@job(ASK, title=_("Ask a member who leaves about their notes"), keep=False)
def ask_about_notes(context: JobContext, person_id: str) -> dict[str, int]:
    """Mail somebody who is about to leave that their notes about contacts wait for a choice."""
    reader = active_people().filter(pk=UUID(person_id)).first()
    number = Note.objects.filter(author=UUID(person_id)).undecided().count()
    if reader is None or not reader.email or not number:
        return {"sent": 0}
    values = {"in_admin": _opens_admin(reader), "number": number}
    subject = _("Choose what becomes of your notes")
    letter(reader, context.organization, subject, "mail/notes_left.txt", "/admin/notes/", **values).send()
    return {"sent": 1}


def _opens_admin(reader: User) -> bool:
    """Whether they have the admin to answer in; others have the app."""
    return scope_for(reader).can("wagtailadmin.access_admin")
