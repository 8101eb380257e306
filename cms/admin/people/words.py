"""The organisation's own words for contacts, and how their states look."""

from typing import Any

from django.utils.functional import lazy
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from domain.config.choices import Term
from domain.config.terminology import term
from domain.people.choices import ContactStatus
from domain.people.models import Contact

STATUS_ICONS = {
    ContactStatus.NEW: ("plus", ""),
    ContactStatus.ACTIVE: ("circle-check", "good"),
    ContactStatus.PAUSED: ("time", "quiet"),
    ContactStatus.CLOSED: ("lock", "quiet"),
}


def word(key: str, form: str = "singular") -> str:
    """A term with a capital letter: “Kontakt”, “Besøksvert”."""
    return capfirst(term(Term(key), form))


word_lazy = lazy(word, str)


def state_of(row: Contact) -> str:
    if row.erased_at is not None:
        return _("Erased")
    if row.merged_into_id is not None:
        return _("Merged into another person")
    return str(row.get_status_display())


def state_icon(row: Contact) -> str:
    return STATUS_ICONS[ContactStatus(row.status)][0]


def state_tone(row: Contact) -> str:
    return STATUS_ICONS[ContactStatus(row.status)][1]


def mentors_of(row: Any) -> str:
    """Today's mentors of a row of `with_mentors`."""
    return ", ".join(str(each.user) for each in row.current_mentors)
