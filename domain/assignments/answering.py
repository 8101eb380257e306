"""The recipient's one final answer. Part of the area's rules."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from domain.audit.context import current as audit_context
from domain.audit.rules import record
from domain.core.errors import InvalidState

from .choices import Response
from .consent_text import ConsentText, shown
from .models import Assignment, AssignmentConsent
from .rules import locked, require_readable, require_recipient, step
from .states import check


@transaction.atomic
def accept_assignment(
    assignment: Assignment, *, text_sha256: str, by: Any, version: int | None = None
) -> Assignment:
    """Take it on, agreeing to the words that were shown (`text_sha256` says which).

    Raises InvalidState for another state than opened, or words that aren't those of today (`text-changed`);
    NotAllowed; StaleVersion.
    """
    row = locked(assignment, version)
    require_recipient(row, by)
    check(row.status, "accept")
    require_readable(row)
    text = shown(text_sha256)
    if text is None:
        raise InvalidState(_("The text isn't the one you were shown. Read it again."), code="text-changed")
    _answer(row, Response.ACCEPTED, by=by, text=text)
    return step(row, "accept", by=by)


@transaction.atomic
def decline_assignment(
    assignment: Assignment, *, by: Any, reason: str = "", version: int | None = None
) -> Assignment:
    """Say no, opened or not; the content is destroyed. Raises InvalidState, NotAllowed, StaleVersion."""
    row = locked(assignment, version)
    require_recipient(row, by)
    check(row.status, "decline")
    require_readable(row)
    _answer(row, Response.DECLINED, by=by, reason=" ".join(reason.split()))
    return step(row, "decline", by=by)


def _answer(
    row: Assignment, response: Response, *, by: Any, text: ConsentText | None = None, reason: str = ""
) -> None:
    answer = AssignmentConsent(
        assignment=row,
        user=by,
        response=response,
        text_version=text.version if text else None,
        text_sha256=text.sha256 if text else "",
        language=text.language if text else "",
        responded_at=timezone.now(),
        session_id=audit_context().session,
        reason=reason[:300],
        created_by=by,
        updated_by=by,
    )
    answer.save(force_insert=True)
    # Why is in the row: it may tell about somebody.
    record(
        f"assignment-consent.{response}",
        answer,
        by=by,
        changes={"text_sha256": (None, answer.text_sha256)} if text else None,
        subject_ids=[by.pk],
    )
