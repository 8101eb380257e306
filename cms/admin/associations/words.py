"""The organisation's own word for a local association, as titles and labels need it."""

from django.utils.functional import lazy
from django.utils.text import capfirst

from domain.config.choices import Term
from domain.config.terminology import term


def name(form: str = "singular") -> str:
    """ "Lokallag", with a capital letter."""
    return capfirst(term(Term.LOCAL_ASSOCIATION, form))


name_lazy = lazy(name, str)
