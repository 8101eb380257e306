"""Files of activities: attaching, removing, verifying. Part of the area's rules."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from domain.access.rules import check_version
from domain.audit.entities import create_entity, delete_entity
from domain.audit.rules import record
from domain.core.errors import InvalidState
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
    row = ActivityDocument.objects.select_for_update(of=("self",)).get(pk=document.pk)
    check_version(row, version)
    check_may(by, APPROVE, row.activity.local_association.path)
    if row.verified_at is not None:
        raise InvalidState(_("This is decided already."), code="decided")
    row.verified_at, row.verified_by, row.updated_by = timezone.now(), by, by
    row.save()
    record("activity-document.verified", row, by=by, subject_ids=people_of(row.activity))
    return row


def missing_documents(activity: Activity) -> list[str]:
    """The types of documents that the type of an activity asks for and that aren't there."""
    asked = activity.type.required_documents
    if not asked:
        return []
    held = set(activity.documents.values_list("document_type", flat=True))
    return [key for key in asked if key not in held]


def _open_to(activity: Activity, by: Any) -> Activity:
    row = locked(activity)
    check_may_keep(by, row)
    if row.status == ActivityStatus.APPROVED:
        raise InvalidState(_("It is approved: its evidence stays as it is."), code="wrong-status")
    return row
