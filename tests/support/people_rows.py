"""Rows about contacts that an address can name (tests/support/rows.py has the others)."""

from typing import Any

from domain.people.handing_out import ask_for_copy, make_copy
from domain.people.models import Contact, ContactHandOut


def make_copy_of(contact: Contact) -> Any:
    """A copy that is ready, and nobody's: the system asked for it."""
    asked: ContactHandOut = ask_for_copy(contact, by=None)
    return make_copy(asked, by=None)
