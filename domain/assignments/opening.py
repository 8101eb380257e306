"""Opening the content of an assignment: proof of who it is, state, receipt and decryption are one
transaction. Part of the area's rules."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from domain.access.queries import scope_for
from domain.audit.rules import record
from domain.core.errors import InvalidInput, InvalidState
from domain.encryption.devices import seal_to_device
from domain.encryption.fields import EncryptedJSONField
from domain.encryption.reading import read_sealed
from domain.identity.device_keys import own_keys
from domain.identity.models import DeviceKey, UserSession
from domain.identity.verification import require_recent
from tenants.db import connection

from .choices import AssignmentStatus as S
from .models import Assignment, AssignmentReadReceipt
from .rules import locked, require_readable, require_recipient, step
from .states import READABLE, refusal

INFO = b"meander assignment v1"


@dataclass(frozen=True)
class Opened:
    """What the recipient gets: the content, or what only their phone can open. Never printed."""

    assignment: Assignment
    receipt: AssignmentReadReceipt
    content: dict[str, str] | None
    sealed: bytes | None = None
    device_key: DeviceKey | None = None

    def __repr__(self) -> str:
        return f"<Opened {self.assignment.pk}>"


def associated_data(assignment_id: UUID, device_key_id: UUID) -> bytes:
    """What the ciphertext for a phone is bound to: organisation, assignment and key."""
    return f"{connection.schema_name}/{assignment_id}/{device_key_id}".encode()


@transaction.atomic
@sensitive_variables()
def open_assignment(
    assignment: Assignment,
    *,
    by: Any,
    session: UserSession | None,
    device_key: UUID | None = None,
    version: int | None = None,
) -> Opened:
    """The content, for the recipient alone, who has just proved who they are in this session.

    With `device_key` it is sealed to that key of theirs. The first time it becomes `opened`. Every time there
    is a receipt, in the transaction of the decryption: no receipt, no content. Raises StepUpRequired,
    NotAllowed, InvalidState with words for what was withdrawn, declined, expired or destroyed, InvalidInput
    for a key that isn't theirs, StaleVersion.
    """
    row = locked(assignment, version)
    require_recipient(row, by)
    require_recent(session)
    require_readable(row)
    if row.status not in READABLE:
        raise refusal(row.status, "open")
    if row.content_destroyed_at is not None:
        raise InvalidState(_("Its content was destroyed."), code="content-erased")
    key = None if device_key is None else _sealing_key(by, device_key)
    if row.status == S.SENT:
        row = step(row, "open", by=by)
    receipt = AssignmentReadReceipt(
        assignment=row,
        user=by,
        session_id=session.pk if session is not None else None,
        device_key_id=key.pk if key is not None else None,
        opened_at=timezone.now(),
        created_by=by,
        updated_by=by,
    )
    receipt.save(force_insert=True)
    record(
        "assignment.read-by-recipient",
        row,
        by=by,
        changes={"receipt": (None, str(receipt.pk))},
        session_id=receipt.session_id,
        subject_ids=[person for person in (row.recipient_id, row.contact_id) if person is not None],
    )
    content = read_sealed(row, "content", by=by, scope=scope_for(by))
    if key is None:
        return Opened(row, receipt, content)
    field = Assignment._meta.get_field("content")
    assert isinstance(field, EncryptedJSONField)
    sealed = seal_to_device(
        field.encode(content), bytes(key.public_key), info=INFO, aad=associated_data(row.pk, key.pk)
    )
    return Opened(row, receipt, None, sealed, key)


@transaction.atomic
def close_reading(
    assignment: Assignment, *, by: Any, version: int | None = None, receipt: UUID | None = None
) -> Assignment:
    """Note that the recipient has put it away: the reading named, or their latest that is open.

    Safe to repeat: the first note stays. Raises InvalidState where nothing was opened, NotAllowed.
    """
    row = locked(assignment, version)
    require_recipient(row, by)
    readings = AssignmentReadReceipt.objects.filter(assignment=row, user=by).order_by("-opened_at")
    if receipt is not None:
        found = readings.filter(pk=receipt).first()
    else:
        found = readings.filter(closed_at=None).first() or readings.first()
    if found is None:
        raise InvalidState(_("You haven't opened it."), code="not-opened")
    closed = AssignmentReadReceipt.objects.filter(pk=found.pk, closed_at=None).update(
        closed_at=timezone.now()
    )
    if closed:
        found.refresh_from_db()
        record(
            "assignment-read-receipt.closed",
            found,
            by=by,
            changes={"closed_at": (None, found.closed_at)},
            subject_ids=[by.pk],
        )
    return row


@sensitive_variables()
def read_own(assignment: Assignment, *, by: Any) -> dict[str, str]:
    """What the sender wrote, until the recipient has opened it. Recorded. Raises NotAllowed, InvalidState."""
    if assignment.content_destroyed_at is not None:
        raise InvalidState(_("Its content was destroyed."), code="content-erased")
    return read_sealed(assignment, "content", by=by, scope=scope_for(by), verb="read-by-sender")


def _sealing_key(by: Any, key_id: UUID) -> DeviceKey:
    key = own_keys(by).filter(pk=key_id, purpose=DeviceKey.Purpose.SEAL).first()
    if key is None:
        raise InvalidInput(
            _("This is no key of yours that is in use."), code="unknown-key", field="device_key"
        )
    return key
