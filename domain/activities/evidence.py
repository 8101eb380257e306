"""Files of activities: attaching, removing, verifying, refusing. Part of the area's rules."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from domain.access.rules import check_version
from domain.audit.entities import create_entity, delete_entity
from domain.audit.rules import record
from domain.core.errors import InvalidInput, InvalidState
from domain.files.choices import FileKind
from domain.files.models import StoredFile
from domain.files.rules import require_attachable
from domain.people.standing import check_may

from .choices import ActivityStatus, AttachmentKind, DocumentType
from .models import Activity, ActivityAttachment, ActivityDocument
from .models.activities import APPROVE
from .standing import check_may_keep, locked, people_of


@transaction.atomic
def attach(activity: Activity, file: StoredFile, *, by: Any, caption: str = "") -> ActivityAttachment:
    """Attach a photo or document that `by` has uploaded. Raises InvalidInput, InvalidState, NotAllowed."""
    row = _open_to(activity, by)
    stored = require_attachable(file, by=by)
    kind = AttachmentKind.PHOTO if stored.kind == FileKind.PHOTO else AttachmentKind.DOCUMENT
    made = ActivityAttachment(activity=row, file=stored, kind=kind, caption=" ".join(caption.split()))
    return create_entity(made, by=by)


@transaction.atomic
def remove_attachment(attachment: ActivityAttachment, *, by: Any, version: int | None = None) -> None:
    """Remove an attachment, and its file with it. Raises InvalidState, NotAllowed, StaleVersion."""
    _open_to(attachment.activity, by)
    delete_entity(ActivityAttachment.objects.get(pk=attachment.pk), by=by, version=version)


@transaction.atomic
def add_document(
    activity: Activity,
    file: StoredFile,
    *,
    by: Any,
    document_type: str = "",
    is_for_grant: bool = True,
) -> ActivityDocument:
    """Attach a document for the grant. Raises as attaching.

    Without a type it is the first that the activity's type asks for and isn't there yet, else another one.
    """
    row = _open_to(activity, by)
    stored = require_attachable(file, by=by)
    document_type = document_type or next(iter(missing_documents(row)), DocumentType.OTHER)
    made = ActivityDocument(activity=row, file=stored, document_type=document_type, is_for_grant=is_for_grant)
    return create_entity(made, by=by)


@transaction.atomic
def remove_document(document: ActivityDocument, *, by: Any, version: int | None = None) -> None:
    """Remove a document, and its file with it. Raises as removing an attachment."""
    _open_to(document.activity, by)
    delete_entity(ActivityDocument.objects.get(pk=document.pk), by=by, version=version)


@transaction.atomic
def verify_document(document: ActivityDocument, *, by: Any, version: int | None = None) -> ActivityDocument:
    """Say that one has looked at it and it is what it says. Raises InvalidState when somebody has already."""
    row = _undecided(document, by=by, version=version)
    row.verified_at, row.verified_by, row.updated_by = timezone.now(), by, by
    row.save()
    record("activity-document.verified", row, by=by, subject_ids=people_of(row.activity))
    return row


@transaction.atomic
def refuse_document(
    document: ActivityDocument, *, reason: str, by: Any, version: int | None = None
) -> ActivityDocument:
    """Say that it doesn't prove what it should, with a reason its mentor reads: another one is needed.

    Raises InvalidInput without a reason, InvalidState when somebody has decided, or the activity is approved.
    """
    row = _undecided(document, by=by, version=version)
    if row.activity.status == ActivityStatus.APPROVED:
        raise InvalidState(_("It is approved: its evidence stays as it is."), code="wrong-status")
    words = " ".join(reason.split())[:500]
    if not words:
        raise InvalidInput(_("Say why."), code="required", field="reason")
    row.refused_at, row.refused_by, row.refusal_reason, row.updated_by = timezone.now(), by, words, by
    row.save()
    record("activity-document.refused", row, by=by, reason=words, subject_ids=people_of(row.activity))
    return row


def missing_documents(activity: Activity) -> list[str]:
    """The types of documents that the type of an activity asks for and that aren't there, or were refused."""
    asked = activity.type.required_documents
    if not asked:
        return []
    valid = activity.documents.filter(refused_at=None)
    held = set(valid.values_list("document_type", flat=True))
    return [key for key in asked if key not in held]


def _undecided(document: ActivityDocument, *, by: Any, version: int | None) -> ActivityDocument:
    """The document, locked with its activity: an approval sees it decided or waits."""
    locked(document.activity)
    row = ActivityDocument.objects.select_for_update(of=("self",)).get(pk=document.pk)
    check_version(row, version)
    check_may(by, APPROVE, row.activity.local_association.path)
    if row.verified_at is not None or row.refused_at is not None:
        raise InvalidState(_("This is decided already."), code="decided")
    return row


def _open_to(activity: Activity, by: Any) -> Activity:
    row = locked(activity)
    check_may_keep(by, row)
    if row.status == ActivityStatus.APPROVED:
        raise InvalidState(_("It is approved: its evidence stays as it is."), code="wrong-status")
    return row
