"""The Norwegian catalogues: whole, well-formed, and stronger than those of the packages."""

import re
from collections import Counter

import polib
import pytest
from django.test import RequestFactory, override_settings
from django.utils import translation
from wagtail.admin.views.i18n import js_catalog

from tools import messages

CATALOGUES = [(language, domain) for language in messages.LANGUAGES for domain in ("django", "djangojs")]

# What an editor meets first, as Wagtail writes it, and what it must become.
SEEN_DAILY = [
    # Wagtail's text, bokmål, nynorsk
    ("Publish", "Publiser", "Publiser"),
    ("Unpublish", "Avpubliser", "Avpubliser"),
    ("Save draft", "Lagre utkast", "Lagre utkast"),
    ("Draft", "Utkast", "Utkast"),
    ("Submit for moderation", "Send til godkjenning", "Send til godkjenning"),
    ("History", "Historikk", "Historikk"),
    ("Preview", "Forhåndsvisning", "Førehandsvising"),
    ("Edit", "Rediger", "Rediger"),
    ("Delete", "Slett", "Slett"),
    ("Search", "Søk", "Søk"),
    ("Settings", "Innstillinger", "Innstillingar"),
    ("Images", "Bilder", "Bilete"),
    ("Documents", "Dokumenter", "Dokument"),
    ("Log out", "Logg ut", "Logg ut"),
    ("Forgotten password?", "Glemt passord?", "Gløymt passordet?"),
    ("Schedule to publish", "Planlegg publisering", "Planlegg publisering"),
    ("Compare with previous version", "Sammenlign med forrige versjon", "Samanlikn med førre versjon"),
    ("Translate", "Oversett", "Omset"),
    ("Live", "Publisert", "Publisert"),
    ("Locked by you", "Låst av deg", "Låst av deg"),
]

# Words that belong to the other written form; a few are enough to catch a text in the wrong file.
BOKMAL_ONLY = {
    "ikke",
    "fra",
    "jeg",
    "hvis",
    "hvorfor",
    "hvordan",
    "noe",
    "noen",
    "være",
    "bilder",
    "lenke",
    "nå",
}
NYNORSK_ONLY = {
    "ikkje",
    "frå",
    "eg",
    "viss",
    "kvifor",
    "korleis",
    "noko",
    "nokon",
    "vere",
    "bilete",
    "lenkje",
}


def catalogue(language: str, domain: str) -> polib.POFile:
    return messages.read(messages.po_path(language, domain))


@pytest.fixture(scope="module")
def compiled(tmp_path_factory):
    """The catalogues as Django reads them, without touching the compiled files of the checkout."""
    home = tmp_path_factory.mktemp("locale")
    for language, domain in CATALOGUES:
        folder = home / language / "LC_MESSAGES"
        folder.mkdir(parents=True, exist_ok=True)
        catalogue(language, domain).save_as_mofile(str(folder / f"{domain}.mo"))
    with override_settings(LOCALE_PATHS=[home]):
        yield


@pytest.mark.parametrize(("language", "domain"), CATALOGUES)
def test_every_entry_is_translated_with_the_placeholders_of_its_source(language, domain):
    assert messages.faults(catalogue(language, domain), wanted={}) == []


@pytest.mark.parametrize(("language", "domain"), CATALOGUES)
def test_no_text_stands_twice(language, domain):
    keys = Counter(messages.key_of(entry) for entry in catalogue(language, domain))
    assert [key for key, times in keys.items() if times > 1] == []


@pytest.mark.parametrize(("language", "domain"), CATALOGUES)
def test_the_header_names_the_language_and_norwegian_plurals(language, domain):
    metadata = catalogue(language, domain).metadata
    assert metadata["Language"] == language
    assert metadata["Plural-Forms"] == "nplurals=2; plural=(n != 1);"
    assert metadata["Content-Type"] == "text/plain; charset=UTF-8"


@pytest.mark.parametrize(("language", "domain"), CATALOGUES)
def test_leading_and_trailing_space_is_that_of_the_source(language, domain):
    def edges(text):
        return text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]

    wrong = [e.msgid for e in catalogue(language, domain) if e.msgstr and edges(e.msgid) != edges(e.msgstr)]
    assert wrong == []


@pytest.mark.parametrize(("language", "foreign"), [("nb", NYNORSK_ONLY), ("nn", BOKMAL_ONLY)])
def test_bokmal_and_nynorsk_are_not_mixed(language, foreign):
    mixed = [
        text
        for domain in ("django", "djangojs")
        for entry in catalogue(language, domain)
        for text in [entry.msgstr, *entry.msgstr_plural.values()]
        if foreign & set(re.findall(r"\w+", messages.PLACEHOLDER.sub("", text).lower()))
    ]
    assert mixed == []


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_a_marker_parts_the_packages_strings_from_ours(language):
    po = catalogue(language, "django")
    assert sum(messages.is_marker(entry) for entry in po) == 1
    ours = messages.own_entries(po)
    assert all(entry.occurrences for entry in ours)
    own = set(map(id, ours))
    assert not any(entry.occurrences for entry in po if id(entry) not in own)


@pytest.mark.parametrize(("english", "bokmal", "nynorsk"), SEEN_DAILY)
def test_what_an_editor_sees_daily_is_norwegian(compiled, english, bokmal, nynorsk):
    with translation.override("nb"):
        assert translation.gettext(english) == bokmal
    with translation.override("nn"):
        assert translation.gettext(english) == nynorsk


def test_plurals_and_placeholders_come_out_in_nynorsk(compiled):
    with translation.override("nn"):
        one, many = "Used %(usage_count)s time", "Used %(usage_count)s times"
        assert translation.ngettext(one, many, 1) % {"usage_count": 1} == "Brukt 1 gong"
        assert translation.ngettext(one, many, 3) % {"usage_count": 3} == "Brukt 3 gonger"


def test_the_scripts_of_the_admin_get_nynorsk(compiled):
    with translation.override("nn"):
        script = js_catalog(RequestFactory().get("/")).content.decode()
    assert '"Are you sure?": "Er du sikker?"' in script
    assert '"Loading\\u2026": "Lastar \\u2026"' in script


def test_messages_are_found_under_their_import_names_in_python():
    code = """
from django.utils.translation import gettext_lazy as _, ngettext, pgettext
label = _("Draft")
words = ngettext("%(n)s card", "%(n)s cards", n) % {"n": n}
verb = pgettext("verb", "Order")
code = gettext(variable)
"""
    found = list(messages.python_messages(code, "module.py"))
    assert [(m.context, m.singular, m.plural) for m in found] == [
        (None, "Draft", None),
        (None, "%(n)s card", "%(n)s cards"),
        ("verb", "Order", None),
    ]


def test_a_text_put_together_before_its_translation_is_a_fault():
    (fault,) = messages.python_messages('gettext(f"Hello {name}")', "module.py")
    assert fault.startswith("module.py:1: gettext()")


def test_messages_are_found_in_templates():
    source = """{% load i18n %}{% translate "Save" %} {{ _("Open") }}
{% blocktranslate trimmed count counter=n %}
  {{ counter }} link
{% plural %}
  {{ counter }} links
{% endblocktranslate %}{% translate "May" context "month name" %}"""
    found = messages.called_messages(messages.templatize(source))
    assert {(m.context, m.singular, m.plural) for m in found} == {
        (None, "Save", None),
        (None, "Open", None),
        (None, "%(counter)s link", "%(counter)s links"),
        ("month name", "May", None),
    }


def test_a_lost_placeholder_or_tag_is_named():
    lost = polib.POEntry(msgid="%(name)s <b>{count}</b>", msgstr="%(name)s {count}")
    assert messages.placeholder_fault(lost) == "placeholders or tags differ in '%(name)s <b>{count}</b>'"
    plural = polib.POEntry(
        msgid="1 page", msgid_plural="%(n)s pages", msgstr_plural={0: "1 side", 1: "sider"}
    )
    assert messages.placeholder_fault(plural)


def test_missing_texts_are_named_and_added_below_the_marker():
    po = polib.POFile()
    wanted = {(None, "Card"): messages.Message(None, "Card", "Cards", {"cms/models/cards.py"})}
    assert messages.faults(po, wanted) == ["missing: 'Card' (cms/models/cards.py)"]
    assert messages.add(po, wanted) == 1
    (entry,) = messages.own_entries(po)
    assert (entry.msgid, entry.msgid_plural, entry.occurrences) == (
        "Card",
        "Cards",
        [("cms/models/cards.py", "")],
    )
    assert messages.faults(po, wanted) == ["empty: 'Card'"]
    assert messages.add(po, wanted) == 0
