"""Choosing words in the admin, and where they show."""

import pytest
from django.urls import reverse
from django_tenants.utils import schema_context

from domain.audit.models import AuditEvent
from domain.config.default_terms import Forms
from domain.config.models import TerminologyOverride
from domain.config.rules import override_term

pytestmark = pytest.mark.django_db
LIST = "/admin/settings/terminology/"
NHF_WORD = Forms("nhfspørsmål", "nhfspørsmålene-flere", "nhfspørsmålet", "nhfspørsmålene")


@pytest.fixture
def own_word(db):
    """NHF calls its FAQs something else; Blindeforbundet doesn't."""
    with schema_context("nhf"):
        for locale in ("nb", "nn", "en"):
            override_term(term="faq", locale=locale, forms=NHF_WORD, by=None)


def form_data(page) -> dict[str, str]:
    form = page.context["form"]
    return {form.add_prefix(name): form[name].value() or "" for name in form.fields}


def test_the_list_shows_every_term_with_the_shipped_word_and_the_own(browser_of, own_word):
    page = browser_of("nhf", "admin@nhf.example").get(LIST).content.decode()
    assert "nhfspørsmål" in page
    assert "likeperson" in page
    assert "pårørande" in page


def test_a_coordinator_may_read_the_words_but_not_change_them(browser_of):
    browser = browser_of("nhf", "coordinator@nhf.example")
    page = browser.get(LIST)
    assert page.status_code == 200
    assert f"{LIST}contact/" not in page.content.decode()
    assert browser.get(f"{LIST}contact/").status_code == 302
    assert browser.post(f"{LIST}contact/reset/").status_code == 302


def test_an_admin_gives_a_term_its_own_word(browser_of):
    browser = browser_of("nhf", "admin@nhf.example")
    data = form_data(browser.get(f"{LIST}contact/"))
    data |= {
        "nb-singular": "bruker",
        "nb-plural": "brukere",
        "nb-definite_singular": "brukeren",
        "nb-definite_plural": "brukerne",
    }
    assert browser.post(f"{LIST}contact/", data).status_code == 302
    with schema_context("nhf"):
        assert TerminologyOverride.objects.get().plural == "brukere"
        event = AuditEvent.objects.get(action="terminology.overridden")
        assert event.actor_label == "Astrid Moen"


def test_half_a_word_is_refused_at_the_field_that_lacks_it_and_nothing_is_saved(browser_of):
    browser = browser_of("nhf", "admin@nhf.example")
    data = form_data(browser.get(f"{LIST}contact/"))
    data |= {"en-singular": "user", "en-plural": "users", "nn-singular": "brukar"}
    page = browser.post(f"{LIST}contact/", data)
    assert page.status_code == 200
    assert "nn-plural" in page.context["form"].errors
    with schema_context("nhf"):
        assert not TerminologyOverride.objects.exists()


def test_the_form_opens_the_language_that_holds_the_first_error(browser_of):
    client = browser_of("nhf", "admin@nhf.example")
    address = reverse("terminology:edit", args=["contact"])
    assert "active-panel-id" not in client.get(address).content.decode()
    page = client.post(address, {"nn-singular": "vegvisar"})
    assert 'data-w-tabs-active-panel-id-value="tab-nn"' in page.content.decode()


def test_emptied_fields_give_the_shipped_word_back_in_that_language_only(browser_of, own_word):
    browser = browser_of("nhf", "admin@nhf.example")
    data = form_data(browser.get(f"{LIST}faq/"))
    data |= dict.fromkeys((name for name in data if name.startswith("nb-") and "version" not in name), "")
    assert browser.post(f"{LIST}faq/", data).status_code == 302
    with schema_context("nhf"):
        assert set(TerminologyOverride.objects.values_list("locale", flat=True)) == {"nn", "en"}


def test_a_form_opened_before_someone_elses_change_overwrites_nothing(browser_of, own_word):
    browser = browser_of("nhf", "admin@nhf.example")
    data = form_data(browser.get(f"{LIST}faq/"))
    with schema_context("nhf"):
        override_term(term="faq", locale="nb", forms=NHF_WORD._replace(plural="annet"), by=None)
    page = browser.post(f"{LIST}faq/", {**data, "nb-plural": "mitt"})
    assert page.status_code == 200
    assert page.context["form"].non_field_errors()
    with schema_context("nhf"):
        assert TerminologyOverride.objects.get(locale="nb").plural == "annet"


def test_reset_gives_all_shipped_words_back(browser_of, own_word):
    browser = browser_of("nhf", "admin@nhf.example")
    assert f'formaction="{LIST}faq/reset/"' in browser.get(f"{LIST}faq/").content.decode()
    assert "formaction" not in browser.get(f"{LIST}contact/").content.decode()
    assert browser.get(f"{LIST}faq/reset/").status_code == 405
    assert browser.post(f"{LIST}faq/reset/").status_code == 302
    with schema_context("nhf"):
        assert not TerminologyOverride.objects.exists()


def test_an_unknown_term_has_no_page(browser_of):
    browser = browser_of("nhf", "admin@nhf.example")
    assert browser.get(f"{LIST}wizard/").status_code == 404
    assert browser.post(f"{LIST}wizard/reset/").status_code == 404


def test_own_words_show_in_menu_headings_and_titles_and_never_in_another_organisation(browser_of, own_word):
    from cms.models import FaqEntry

    names = FaqEntry.snippet_viewset
    addresses = [reverse("wagtailadmin_home")] + [reverse(names.get_url_name(v)) for v in ("list", "add")]
    nhf = browser_of("nhf", "admin@nhf.example")
    other = browser_of("blindeforbundet", "admin@blindeforbundet.example")
    for _turn in range(2):
        for address in addresses:
            ours = nhf.get(address, headers={"accept-language": "nb"})
            theirs = other.get(address, headers={"accept-language": "nb"})
            assert (ours.status_code, theirs.status_code) == (200, 200)
            assert "nhfspørsmål" in ours.content.decode(), address
            assert "nhfsp" not in theirs.content.decode(), address
            assert "nhfsp" not in theirs.content.decode().encode("ascii", "ignore").decode(), address


def test_the_names_of_menu_entries_are_nobodys_words():
    from cms.models import CardDeck, ConversationCard, FaqCategory, FaqEntry, ResourceCategory, ResourceLink

    # Wagtail makes a missing name of the label, once per process: one organisation's word, shown to all.
    for model in (FaqEntry, FaqCategory, ResourceLink, ResourceCategory, ConversationCard, CardDeck):
        assert model.snippet_viewset.menu_name == model._meta.model_name


def test_a_template_writes_a_word_in_the_form_it_asks_for(nhf, own_word):
    from django.template import Context, Template, TemplateSyntaxError
    from django.utils import translation

    def render(text: str, **context) -> str:
        return Template("{% load terminology %}" + text).render(Context(context))

    with translation.override("nb"):
        assert render('{% term "faq" plural %}') == NHF_WORD.plural
        assert render('{% term "faq" capital %}') == "Nhfspørsmål"
        assert render("{% term key definite_plural as x %}[{{ x }}]", key="contact") == "[kontaktene]"
    for wrong in ("{% term %}", '{% term "wizard" %}', '{% term "faq" genitive %}'):
        with pytest.raises(TemplateSyntaxError):
            render(wrong)


def test_a_word_is_text_and_never_markup(nhf):
    from django.template import Context, Template

    override_term(term="contact", locale="en", forms=Forms("<b>x</b>", "y", "", ""), by=None)
    assert Template('{% load terminology %}{% term "contact" %}').render(Context()) == "&lt;b&gt;x&lt;/b&gt;"
