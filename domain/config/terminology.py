"""The organisation's words: shipped ones, replaced by its own.

Labels are asked for while a page is built (`term`, `term_lazy`, the template tag `{% term %}`); all of them
together cost one query per request. Nothing is kept between requests, so a change shows at once in every
process, and one organisation's word can't appear in another's page.
"""

import hashlib
import json

from django.conf import settings
from django.utils.functional import lazy
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django_tenants.utils import get_public_schema_name

from domain.core.errors import InvalidInput
from tenants.db import connection

from . import memory
from .choices import LOCALES_WITH_DEFINITE_FORMS, Term, TermForm
from .default_terms import DEFAULT_TERMS, Forms
from .models import TerminologyOverride

Overrides = dict[tuple[str, str], Forms]


def check_term(key: str) -> None:
    """Raise InvalidInput ("unknown-term") unless the key is on the closed list."""
    if key not in Term.values:
        raise InvalidInput(
            _("“%(term)s” is not one of the platform's terms.") % {"term": key},
            code="unknown-term",
            field="term",
        )


def check_locale(locale: str) -> None:
    """Raise InvalidInput ("unknown-locale") unless words are kept in this language."""
    if locale not in DEFAULT_TERMS:
        raise InvalidInput(
            _("“%(locale)s” is not one of the platform's languages.") % {"locale": locale},
            code="unknown-locale",
            field="locale",
        )


def terms_for(locale: str) -> dict[str, Forms]:
    """Every term in one language (nb, nn or en), the organisation's own word where it has one."""
    check_locale(locale)
    own = own_terms()
    return {key: own.get((key, locale), forms) for key, forms in DEFAULT_TERMS[locale].items()}


def own_terms() -> Overrides:
    """The organisation's own words by (term, locale); definite forms left empty are filled in."""
    if connection.schema_name == get_public_schema_name():
        return {}
    if connection.in_atomic_block and connection.needs_rollback:
        # A failed transaction answers no questions, and the message about it needs only some word.
        return {}
    return memory.once("terminology", _read)


def terminology_etag() -> str:
    """Changes exactly when some word changes in some language."""
    words = [[*key, *forms] for key, forms in sorted(own_terms().items())]
    return hashlib.sha256(json.dumps([_SHIPPED, words]).encode()).hexdigest()[:32]


def term(key: str, form: str = TermForm.SINGULAR, locale: str | None = None) -> str:
    """One word in one form; the language is the reader's unless it is given.

    Raises InvalidInput for an unknown key, form or locale. Where no language is active (migrations, names
    of permissions), the shipped English word, without asking the database.
    """
    check_term(key)
    if form not in TermForm.values:
        raise InvalidInput(
            _("“%(form)s” is not a form of a word.") % {"form": form}, code="unknown-form", field="form"
        )
    if locale is None:
        locale = active_locale()
        if locale is None:
            return getattr(DEFAULT_TERMS["en"][key], form)
    check_locale(locale)
    return getattr(own_terms().get((key, locale)) or DEFAULT_TERMS[locale][key], form)


# For menu labels, `verbose_name` and the like: one object for all organisations, read anew each time.
term_lazy = lazy(term, str)


def active_locale() -> str | None:
    """The reader's language as one of nb, nn, en; None where translations are switched off."""
    language = get_language()
    if language is None:
        return None
    code = language.lower().split("-")[0]
    if code == "no":
        return "nb"
    return code if code in DEFAULT_TERMS else settings.LANGUAGE_CODE


def complete(locale: str, forms: Forms) -> Forms:
    """Definite forms for a language whose definite forms are not endings (“the …”)."""
    if locale in LOCALES_WITH_DEFINITE_FORMS:
        return Forms(
            forms.singular,
            forms.plural,
            forms.definite_singular or forms.singular,
            forms.definite_plural or forms.plural,
        )
    return Forms(
        forms.singular,
        forms.plural,
        forms.definite_singular or f"the {forms.singular}",
        forms.definite_plural or f"the {forms.plural}",
    )


def _read() -> Overrides:
    rows = TerminologyOverride.objects.order_by().values_list("term", "locale", *Forms._fields)
    return {(key, locale): complete(locale, Forms(*forms)) for key, locale, *forms in rows}


_SHIPPED = hashlib.sha256(json.dumps(DEFAULT_TERMS, sort_keys=True).encode()).hexdigest()
