"""Writing, sending, withdrawing, completing and expiring assignments. `opening` and `answering` are the
recipient's part."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from domain.access.queries import scope_for
from domain.access.rules import check_version
from domain.associations.models import LocalAssociation
from domain.associations.standing import check_may
from domain.audit.entities import create_entity, update_entity
from domain.audit.rules import record
from domain.certification.choices import RoleContext
from domain.certification.standing import check_standing
from domain.core.errors import InvalidInput, InvalidState, NotAllowed
from domain.encryption.rules import shred
from domain.people.mentoring import check_mentor
from domain.people.models import Contact
from domain.people.standing import check_present

from .choices import LONGEST_LIFE, USUAL_LIFE
from .choices import AssignmentStatus as S
from .content import checked
from .honorarium import count_completion
from .models import ADD, CHANGE, Assignment
from .states import OPEN_STATES, check, refusal

FIELDS = ("recipient", "role_context", "expires_at", "content")


@transaction.atomic
@sensitive_variables()
def write_assignment(
    *,
    recipient: Any,
    content: Any,
    by: Any,
    contact: Contact | None = None,
    local_association: LocalAssociation | None = None,
    role_context: str = RoleContext.MENTOR,
    expires_at: datetime | None = None,
) -> Assignment:
    """A draft; it belongs to the contact's local association where there is a contact.

    Raises InvalidInput, NotAllowed, or InvalidState for a contact that was merged or erased.
    """
    if contact is not None:
        _check_contact(contact, by)
        if local_association is not None and local_association.pk != contact.local_association_id:
            raise InvalidInput(
                _("It belongs to the local association of the contact."), field="local_association"
            )
        local_association = contact.local_association
    if local_association is None:
        raise InvalidInput(
            _("Say to which local association it belongs, or which contact it is about."),
            code="required",
            field="local_association",
        )
    check_may(by, ADD, local_association.path)
    row = Assignment(
        recipient=recipient,
        sender=by,
        contact=contact,
        local_association=local_association,
        role_context=_role(role_context),
        content=checked(content),
        expires_at=_until(expires_at),
    )
    return create_entity(row, by=by)


@transaction.atomic
@sensitive_variables()
def change_assignment(
    assignment: Assignment, *, changes: Mapping[str, Any], by: Any, version: int | None = None
) -> Assignment:
    """Change a draft. Raises InvalidState once it was sent, InvalidInput, NotAllowed, StaleVersion."""
    row = locked(assignment, version)
    check_may(by, CHANGE, row.local_association.path)
    if row.status != S.DRAFT:
        raise InvalidState(_("What was sent isn't changed any more: withdraw it."), code="not-a-draft")
    unknown = sorted(set(changes) - set(FIELDS))
    if unknown:
        raise InvalidInput(_("This can't be set here."), code="not-editable", field=unknown[0])
    values = dict(changes)
    if "content" in values:
        # Who didn't write it can't know what they would replace.
        if by is not None and row.sender_id != by.pk:
            raise NotAllowed(_("Only the sender changes the content."))
        values["content"] = checked(values["content"])
    if "role_context" in values:
        values["role_context"] = _role(values["role_context"])
    if "expires_at" in values:
        values["expires_at"] = _until(values["expires_at"])
    return update_entity(row, by=by, values=values)


@transaction.atomic
def send_assignment(assignment: Assignment, *, by: Any, version: int | None = None) -> Assignment:
    """Give a draft to its recipient, who must be one that may be assigned today.

    Raises InvalidState, with the reason and its code for a mentor who is paused, not certified or hasn't
    signed; InvalidInput for somebody who is no mentor; NotAllowed; StaleVersion.
    """
    row = locked(assignment, version)
    check_may(by, CHANGE, row.local_association.path)
    check(row.status, "send")
    _check_unexpired(row)
    if row.contact is not None:
        check_present(row.contact)
    check_recipient(row.recipient, row.role_context)
    return step(row, "send", by=by)


def check_recipient(user: Any, role_context: str) -> None:
    """Raise InvalidInput or InvalidState, with the reason, unless the person may be given it today."""
    if user is None:
        raise InvalidInput(_("Choose somebody."), code="required", field="recipient")
    try:
        check_mentor(user, timezone.localdate())
    except InvalidInput as error:
        raise InvalidInput(error.message, code=error.code, field="recipient") from error
    check_standing(user, context=role_context)


@transaction.atomic
def withdraw_assignment(
    assignment: Assignment, *, by: Any, version: int | None = None, reason: str = ""
) -> Assignment:
    """Take it back: the key of its content is destroyed at once, for everybody and for ever.

    Raises InvalidState for what is over already, NotAllowed, StaleVersion.
    """
    row = locked(assignment, version)
    check_may(by, CHANGE, row.local_association.path)
    return step(row, "withdraw", by=by, reason=reason)


@transaction.atomic
def complete_assignment(assignment: Assignment, *, by: Any, version: int | None = None) -> Assignment:
    """Say that it was done; by the recipient, or whoever keeps assignments there. Counts for the honorarium.

    The content can be read for `retention_assignments_days` more. Raises InvalidState, NotAllowed,
    StaleVersion.
    """
    row = locked(assignment, version)
    if by is not None and by.pk != row.recipient_id:
        check_may(by, CHANGE, row.local_association.path)
    check(row.status, "complete")
    _check_unexpired(row)
    done = step(row, "complete", by=by)
    count_completion(done)
    return done


@transaction.atomic
def expire_assignment(assignment: Assignment, *, now: datetime) -> bool:
    """Destroy the content of what has expired; False where somebody was quicker, or it hasn't."""
    row = locked(assignment)
    if row.status not in OPEN_STATES or row.expires_at > now:
        return False
    step(row, "expire", by=None)
    return True


@transaction.atomic
def destroy_content(assignment: Assignment, *, by: Any, reason: str) -> bool:
    """Destroy the key of what is kept on; False where it was gone already. Recorded."""
    row = locked(assignment)
    if row.content_destroyed_at is not None:
        return False
    _destroy(row, by=by, reason=reason)
    row.updated_by = by
    row.save()
    return True


# --- What the rules have in common


def locked(assignment: Assignment, version: int | None = None) -> Assignment:
    """The assignment as it is now, locked. Raises StaleVersion where it is another than was read."""
    assignment.check_schema()
    row = (
        Assignment.objects.select_for_update(of=("self",), no_key=True)
        .select_related("local_association", "recipient", "sender", "contact", "record_key")
        .get(pk=assignment.pk)
    )
    check_version(row, version)
    return row


def step(row: Assignment, name: str, *, by: Any, reason: str = "") -> Assignment:
    """Take a locked assignment one step on, and record it. Raises InvalidState."""
    found = check(row.status, name)
    before, row.status, row.updated_by = row.status, found.target, by
    setattr(row, found.time, timezone.now())
    if found.destroys:
        _destroy(row, by=by, reason=row.get_status_display())
    row.save()
    record(
        f"assignment.{found.target}",
        row,
        by=by,
        reason=reason,
        changes={"status": (before, row.status)},
        subject_ids=[person for person in (row.recipient_id, row.contact_id) if person is not None],
    )
    return row


def require_recipient(row: Assignment, by: Any) -> None:
    """Raise NotAllowed for anybody else than whom it was sent to."""
    if by is None or row.recipient_id != by.pk:
        raise NotAllowed(_("Only the person it was sent to may do this."))


def require_readable(row: Assignment) -> None:
    """Raise InvalidState, in words, for what expired a moment ago and the job hasn't reached yet."""
    if row.status in OPEN_STATES:
        _check_unexpired(row)


def _check_unexpired(row: Assignment) -> None:
    if row.expires_at <= timezone.now():
        raise refusal(S.EXPIRED, "open")


def _destroy(row: Assignment, *, by: Any, reason: str) -> None:
    if row.content_destroyed_at is None:
        shred(row, by=by, reason=str(reason))
        row.content_destroyed_at = timezone.now()


def _check_contact(contact: Contact, by: Any) -> None:
    check_present(contact)
    if by is not None and not Contact.objects.visible_to(scope_for(by)).filter(pk=contact.pk).exists():
        raise NotAllowed(_("You may not see this person."))


def _role(value: str) -> str:
    if value not in RoleContext.values:
        raise InvalidInput(_("This is not something people are asked as."), field="role_context")
    return value


def _until(moment: datetime | None) -> datetime:
    now = timezone.now()
    if moment is None:
        return now + USUAL_LIFE
    if not now < moment <= now + LONGEST_LIFE:
        raise InvalidInput(
            _("It must expire later than now, and within a year."), code="expires", field="expires_at"
        )
    return moment
