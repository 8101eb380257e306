"""What pages about people have in common: a right holds where the person belongs."""

from typing import Any

from django.utils.formats import date_format
from django.utils.functional import lazy
from django.utils.text import capfirst

from cms.admin.scoped import ScopedViewSet
from cms.admin.scoped.access import full_permission
from domain.certification.choices import CertificationStatus, MentorState, ReminderOutcome
from domain.certification.places import people_within
from domain.config.choices import Term
from domain.config.terminology import term


class AboutPeopleViewSet(ScopedViewSet):
    """A `ScopedViewSet` of rows about people."""

    def person_of(self, row: Any) -> Any:
        return row.user

    def may(self, scope, verb, row=None):
        permission = full_permission(self.model, verb)
        if row is None:
            return scope.can(permission)
        people = people_within(scope, permission)
        return people is None or people.filter(pk=self.person_of(row).pk).exists()


def word(key: str, form: str = "singular") -> str:
    """The organisation's own word, with a capital letter."""
    return capfirst(term(Term(key), form))


word_lazy = lazy(word, str)


def day(date: Any) -> str:
    return date_format(date, "SHORT_DATE_FORMAT") if date else ""


# Icon and tone of each state: the words say it, colour only helps.
STATUS_LOOKS = {
    CertificationStatus.PENDING: ("time", "quiet"),
    CertificationStatus.VALID: ("circle-check", "good"),
    CertificationStatus.EXPIRING: ("warning", ""),
    CertificationStatus.EXPIRED: ("cross", "bad"),
    CertificationStatus.REVOKED: ("lock", "bad"),
}
STATE_LOOKS = {
    MentorState.ACTIVE: ("circle-check", "good"),
    MentorState.PAUSED: ("time", "quiet"),
    MentorState.AUTO_PAUSED: ("warning", "bad"),
}
OUTCOME_LOOKS = {
    ReminderOutcome.PLANNED: ("time", "quiet"),
    ReminderOutcome.SENDING: ("mail", "quiet"),
    ReminderOutcome.SENT: ("circle-check", "good"),
    ReminderOutcome.UNCERTAIN: ("warning", ""),
    ReminderOutcome.NO_ADDRESS: ("warning", "bad"),
    ReminderOutcome.SKIPPED: ("cross", "quiet"),
    ReminderOutcome.SUPERSEDED: ("cross", "quiet"),
    ReminderOutcome.FAILED: ("warning", "bad"),
}


def looks(of: dict[Any, tuple[str, str]], key: Any) -> dict[str, str]:
    icon, tone = of[key]
    return {"icon": icon, "tone": tone}
