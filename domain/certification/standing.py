"""Whether somebody may be given an assignment, or people to support, on a day; and if not, why.

Asked by whoever assigns. It goes by dates, not by what the jobs have written, and says nothing where the
organisation doesn't use certification.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from domain.core.errors import InvalidInput, InvalidState

from .choices import RoleContext, StandingCode
from .models import MentorStatus
from .queries import is_in_use, lacking_kinds_of, today_here, who_signed


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
    return standings([user], on=on, context=context)[user.pk]


def standings(
    users: Iterable[Any], *, on: date | None = None, context: str = RoleContext.MENTOR
) -> dict[Any, Standing]:
    """The standing of each of these people, by key: the same few queries for one of them as for all."""
    keys = [user.pk for user in users]
    if not keys or not is_in_use():
        return dict.fromkeys(keys, ALLOWED)
    day = on or today_here()
    paused = {
        status.user_id: _paused(status)
        for status in MentorStatus.objects.filter(user__in=keys)
        if status.is_paused_on(day)
    }
    lacking = lacking_kinds_of(keys, day) if context == RoleContext.MENTOR else {}
    signed = who_signed(keys, context, day)
    found = dict[Any, Standing]()
    for key in keys:
        if key in paused:
            found[key] = paused[key]
        elif lacking.get(key):
            kind, held = lacking[key][0]
            found[key] = _uncertified(kind, held, day)
        elif signed is not None and key not in signed:
            found[key] = Standing(
                StandingCode.DECLARATION_NOT_SIGNED, _("The declaration of confidentiality is not signed.")
            )
        else:
            found[key] = ALLOWED
    return found


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
