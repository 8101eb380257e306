"""Making a copy of all that is kept about a contact; and once a day, what is no longer to be kept goes."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy

from domain.config.queries import current_organization
from domain.core.errors import DomainError
from domain.identity.models import User
from tenants.jobs import ACTIVE_STATES, JobContext, JobRefused, enqueue, job
from tenants.models import JobRun, Organization
from tenants.schedules import active_organizations, every, read_schemas

from .handing_out import ask_for_copy, destroy_copies, kept, make_copy, waiting_copy
from .merging import WINDOW, shred_aliases
from .models import Contact, ContactHandOut, ContactMerge, NoteRequest
from .models.requests import HOLDS_FOR
from .requesting import destroy_envelopes

HAND_OUT = "contacts.hand_out"
# Where the copy is fetched by the API; the admin has a page of its own.
URL = "/api/v1/contact-hand-outs/{}/content/"


@transaction.atomic
def ask(contact: Contact, *, by: User) -> Any:
    """Ask for a copy; gives the run: that of the copy they wait for, where they do. Raises NotAllowed,
    InvalidState."""
    contact = kept(contact, by=by)
    waits = waiting_copy(contact, by=by)
    if waits is not None:
        run = JobRun.objects.filter(
            organization=current_organization(), name=HAND_OUT, key=str(waits.pk), state__in=ACTIVE_STATES
        ).first()
        if run is not None:
            return run
    row = ask_for_copy(contact, by=by)
    return enqueue(HAND_OUT, current_organization(), key=str(row.pk), copy=str(row.pk), by=str(by.pk))


@job(HAND_OUT, title=gettext_lazy("Hand out what is kept about a contact"))
def hand_out(context: JobContext, *, copy: str, by: str) -> dict[str, Any]:
    """Make the copy; whoever asked for it must still be allowed to. The result says where to fetch it."""
    asker = User.objects.filter(pk=UUID(by), is_active=True).first()
    row = ContactHandOut.objects.filter(pk=UUID(copy)).first()
    if asker is None or row is None:
        raise JobRefused(gettext("Whoever asked for this has no account any more."))
    context.progress(10, gettext("Putting together what is kept"))
    try:
        row = make_copy(row, by=asker)
    except DomainError as refusal:
        raise JobRefused(str(refusal.message)) from refusal
    return {"url": URL.format(row.pk), "copy": str(row.pk)}


def organizations_with_something_to_destroy(now: datetime) -> Iterable[Organization]:
    """Those with a copy that has expired, a merge whose window ends, or a sealed note that counts no more."""
    organizations = {one.schema_name: one for one in active_organizations(now)}
    copies, merges = ContactHandOut._meta.db_table, ContactMerge._meta.db_table
    requests = NoteRequest._meta.db_table
    contacts, keys = Contact._meta.db_table, "encryption_recordkey"
    due = read_schemas(
        # Names of our own tables.
        f"""EXISTS (SELECT FROM {{schema}}.{copies} WHERE destroyed_at IS NULL AND expires_at <= now())
        OR EXISTS (SELECT FROM {{schema}}.{requests} WHERE envelope <> ''
            AND created_at <= now() - interval '{HOLDS_FOR.days} days')
        OR EXISTS (SELECT FROM {{schema}}.{merges} m
            JOIN {{schema}}.{contacts} c ON c.id = m.merged_id
            JOIN {{schema}}.{keys} k ON k.id = c.record_key_id
            WHERE m.undone_at IS NULL AND k.wrapped IS NOT NULL
              AND m.created_at < now() - interval '{WINDOW.days} days')""",  # noqa: S608
        set(organizations),
        tables=[copies, requests, merges, contacts, keys],
    )
    return [organizations[schema] for schema, is_due in due.items() if is_due]


@every(minutes=60, due=organizations_with_something_to_destroy)
@job(
    "contacts.clear_up",
    title=gettext_lazy("Destroy copies and diagnoses that are no longer needed"),
    keep=False,
)
def clear_up(context: JobContext) -> dict[str, int]:
    """Safe to run as often as one likes: what is destroyed already is left alone."""
    now = timezone.now()
    return {
        "copies": destroy_copies(now),
        "diagnoses": shred_aliases(now),
        "envelopes": destroy_envelopes(),
    }
