"""Nothing new is written in a language that is not in use; what is there already stays, and says so."""

import pytest
from django.urls import reverse
from wagtail.models import Locale

from cms import rules
from cms.admin.importing.kinds import FAQ
from cms.admin.importing.output import write_csv
from cms.admin.importing.planning import Options, plan_import
from cms.admin.importing.tables import read_table
from cms.models import FaqCategory, FaqEntry
from domain.config.queries import current_settings
from domain.config.rules import change_settings
from domain.core.errors import InvalidInput

from .conftest import locale

pytestmark = pytest.mark.django_db
LIST = "/admin/content/faqs/"
ADMIN = "admin@nhf.example"


@pytest.fixture
def without_english(nhf, make):
    """An entry in Bokmål and its published English translation, whose language is then taken out of use."""
    entry = make.faq("Hva koster det?", audience="public")
    copy = rules.translate(entry, locale("en"), by=None)
    copy.question = "What does it cost?"
    rules.edit(copy, by=None, publish=True)
    row = current_settings()
    change_settings(changes={"locales": ["nb", "nn"]}, by=None, version=row.version)
    return FaqEntry.objects.get(locale__language_code="en")


def translate_address(entry: FaqEntry) -> str:
    return reverse("simple_translation:submit_snippet_translation", args=["cms", "faqentry", str(entry.pk)])


def test_nothing_is_created_or_translated_by_the_rules(without_english, make):
    category = FaqCategory.objects.get(locale__language_code="en")
    with pytest.raises(InvalidInput, match="English is not a language in use"):
        rules.create(FaqEntry(question="New?", answer="x", category=category, locale=locale("en")), by=None)
    with pytest.raises(InvalidInput):
        rules.create(FaqCategory(name="New", locale=locale("en")), by=None)
    with pytest.raises(InvalidInput):
        rules.translate(make.faq("Ny?"), locale("en"), by=None)
    assert FaqEntry.objects.filter(locale__language_code="en").count() == 1


def test_the_form_of_a_new_one_offers_and_takes_the_languages_in_use_only(without_english, browser_of):
    client = browser_of("nhf", ADMIN)
    page = client.get(f"{LIST}add/", {"locale": "nb"})
    assert [each["locale"].language_code for each in page.context["translations"]] == ["nn"]
    for answer in (client.get(f"{LIST}add/?locale=en"), client.post(f"{LIST}add/?locale=en", {})):
        assert answer.headers["Location"] == LIST
    assert FaqEntry.objects.filter(locale__language_code="en").count() == 1


def test_a_new_one_is_in_the_main_language_where_none_was_chosen(nhf, browser_of):
    Locale.objects.get(language_code="nb")
    row = current_settings()
    change_settings(changes={"locales": ["nb"]}, by=None, version=row.version)
    assert browser_of("nhf", ADMIN).get(f"{LIST}add/").context["locale"].language_code == "nb"


def test_translating_offers_and_takes_the_languages_in_use_only(without_english, make, browser_of):
    client = browser_of("nhf", ADMIN)
    entry = make.faq("Ny?")
    page = client.get(translate_address(entry))
    assert [each.language_code for each in page.context["form"].fields["locales"].queryset] == ["nn"]
    client.post(translate_address(entry), {"locales": [locale("en").pk]})
    assert set(entry.get_translations().values_list("locale__language_code", flat=True)) == set()


def test_the_menu_offers_no_translation_once_every_language_in_use_has_one(without_english, browser_of):
    client = browser_of("nhf", ADMIN)
    entry = FaqEntry.objects.get(locale__language_code="nb")
    assert translate_address(entry) in client.get(LIST).content.decode()
    rules.translate(entry, locale("nn"), by=None)
    assert "/translation/submit/" not in client.get(LIST).content.decode()


def test_what_is_there_is_marked_edited_and_published_as_before(without_english, browser_of, person):
    client = browser_of("nhf", ADMIN)
    page = client.get(LIST).content.decode()
    assert page.count("language not in use") == 1
    assert client.get(f"{LIST}edit/{without_english.pk}/").status_code == 200
    draft = FaqEntry.objects.get(pk=without_english.pk)
    draft.question = "What is the price?"
    rules.edit(draft, by=person(ADMIN), publish=True)
    assert FaqEntry.objects.get(pk=without_english.pk).question == "What is the price?"


def test_readers_still_get_it(without_english, api_of):
    answer = api_of("nhf").get("/api/v1/content/faqs/", headers={"Accept-Language": "en"}).json()
    assert [each["question"] for each in answer["results"]] == ["What does it cost?"]


def test_an_import_changes_what_is_there_and_adds_nothing(without_english, person):
    head = ["locale", "category", "question", "answer"]
    category = without_english.category.name
    data = write_csv(
        head,
        [
            ["en", category, "What does it cost?", "Nothing at all."],
            ["en", category, "New?", "x"],
            ["nb", "Om oss", "Ny?", "x"],
        ],
    )
    table = read_table(data)
    plan = plan_import(FAQ, table, FAQ.columns_of(table.headers), Options("nb"), by=person(ADMIN))
    assert [row.outcome.value for row in plan.rows] == ["update", "error", "new"]
    assert "is not a language in use" in str(plan.rows[1].problems[0])
