"""The state table of assignments: which step leads from where to where. The only one there is.

draft → sent → opened → accepted → completed
             ↘ declined ↙
withdrawn and expired from anything that isn't over
"""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from domain.core.errors import InvalidState

from .choices import AssignmentStatus as S


@dataclass(frozen=True)
class Step:
    """`time` is the column that says when it was done; `destroys` whether the content's key goes with it."""

    sources: tuple[str, ...]
    target: str
    time: str
    destroys: bool = False


STEPS: dict[str, Step] = {
    "send": Step((S.DRAFT.value,), S.SENT.value, "sent_at"),
    "open": Step((S.SENT.value,), S.OPENED.value, "opened_at"),
    "accept": Step((S.OPENED.value,), S.ACCEPTED.value, "accepted_at"),
    "decline": Step((S.SENT.value, S.OPENED.value), S.DECLINED.value, "declined_at", destroys=True),
    "complete": Step((S.ACCEPTED.value,), S.COMPLETED.value, "completed_at"),
    "withdraw": Step(
        (S.DRAFT.value, S.SENT.value, S.OPENED.value, S.ACCEPTED.value),
        S.WITHDRAWN.value,
        "withdrawn_at",
        destroys=True,
    ),
    "expire": Step(
        (S.DRAFT.value, S.SENT.value, S.OPENED.value, S.ACCEPTED.value),
        S.EXPIRED.value,
        "expired_at",
        destroys=True,
    ),
}
# Still on its way to being done.
OPEN_STATES = STEPS["withdraw"].sources
# In which the recipient can open the content, once more as well.
READABLE = (S.SENT.value, S.OPENED.value, S.ACCEPTED.value, S.COMPLETED.value)
# In which the sender can read what they wrote.
WITH_SENDER = (S.DRAFT.value, S.SENT.value)


def refusal(status: str, step: str) -> InvalidState:
    """Why a step isn't possible from a state, in words."""
    words = {
        S.DRAFT: _("It has not been sent yet."),
        S.SENT: _("It was sent already, and has not been opened yet."),
        S.OPENED: _("It was opened already."),
        S.ACCEPTED: _("It was accepted already."),
        S.DECLINED: _("It was declined, and its content destroyed."),
        S.WITHDRAWN: _("It was withdrawn, and its content destroyed."),
        S.EXPIRED: _("It has expired, and its content was destroyed."),
        S.COMPLETED: _("It was completed already."),
    }
    return InvalidState(words[S(status)], code=f"assignment-{status}")


def check(status: str, step: str) -> Step:
    """The step, if it leads from this state. Raises InvalidState."""
    found = STEPS[step]
    if status not in found.sources:
        raise refusal(status, step)
    return found
