"""Whether somebody may be given an assignment, or people to support, on a day; and if not, why.

Asked by whoever assigns. It goes by dates, not by what the jobs have written, and says nothing where the
organisation doesn't use certification.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from domain.core.errors import InvalidInput, InvalidState

from .choices import RoleContext, StandingCode
from .models import MentorStatus
from .queries import current_text, has_signed, is_in_use, lacking_kinds, today_here


@dataclass(frozen=True)
class Standing:
    """`code` is stable; `words` say it in the reader's language, empty where nothing is in the way."""

    code: StandingCode
    words: str = ""
    until: date | None = None

    @property
    def is_allowed(self) -> bool:
        return self.code == StandingCode.ALLOWED


ALLOWED = Standing(StandingCode.ALLOWED)


def standing(user: Any, *, on: date | None = None, context: str = RoleContext.MENTOR) -> Standing:
    """A person's standing on a day (today unless given), as a mentor or as a driver.

    A pause comes first, then required certificates (of mentors), then the declaration of confidentiality,
    where the organisation has published one.
    """
    if not is_in_use():
        return ALLOWED
    day = on or today_here()
    status = MentorStatus.objects.filter(user=user).first()
    if status is not None and status.is_paused_on(day):
        return _paused(status)
    if context == RoleContext.MENTOR:
        for kind, held in lacking_kinds(user, day):
            return _uncertified(kind, held, day)
    if current_text(context) is not None and not has_signed(user, context, day):
        return Standing(
            StandingCode.DECLARATION_NOT_SIGNED, _("The declaration of confidentiality is not signed.")
        )
    return ALLOWED


def check_standing(user: Any, *, on: date | None = None, context: str = RoleContext.MENTOR) -> None:
    """Raise InvalidState with the reason and its code unless the person may be assigned on that day."""
    found = standing(user, on=on, context=context)
    if not found.is_allowed:
        raise InvalidState(found.words, code=found.code.value)


def check_mentor(*, contact: Any, user: Any, day: date) -> None:
    """The same for who is to support somebody (`domain.people.mentoring.mentor_checks`).

    A pause that is being entered or ended meanwhile is waited for: it would end what is begun here, or not.
    """
    # Read for its lock alone, which is held to the end of the assignment.
    list(MentorStatus.objects.select_for_update(no_key=True).filter(user=user).values_list("pk"))
    found = standing(user, on=day)
    if not found.is_allowed:
        raise InvalidInput(found.words, code=found.code.value, field="user")


def _paused(status: MentorStatus) -> Standing:
    if status.returns_on is None:
        return Standing(StandingCode.PAUSED, _("Paused until further notice."))
    return Standing(
        StandingCode.PAUSED, _("Paused until %(day)s.") % {"day": _said(status.returns_on)}, status.returns_on
    )


def _uncertified(kind: Any, held: Any, day: date) -> Standing:
    if held is not None and held.revoked_on is not None and held.revoked_on <= day:
        return Standing(
            StandingCode.CERTIFICATE_REVOKED,
            _("The certificate “%(kind)s” was revoked on %(day)s.")
            % {"kind": kind, "day": _said(held.revoked_on)},
        )
    if held is not None and held.valid_until is not None and held.valid_until < day:
        return Standing(
            StandingCode.CERTIFICATE_EXPIRED,
            _("The certificate “%(kind)s” expired on %(day)s.")
            % {"kind": kind, "day": _said(held.valid_until)},
        )
    return Standing(
        StandingCode.NO_CERTIFICATE, _("The certificate “%(kind)s” has not been issued.") % {"kind": kind}
    )


def _said(day: date) -> str:
    return date_format(day, "DATE_FORMAT")
