"""Lists of content: order, filters, search and export."""

import csv
import io
from datetime import timedelta

import openpyxl
import pytest
from django.urls import reverse
from django.utils import timezone

from cms import rules
from cms.models import FaqCategory, FaqEntry

from .conftest import locale

pytestmark = pytest.mark.django_db
LIST = "/admin/content/faqs/"


@pytest.fixture
def pages(nhf, make, browser_of, person):
    """Some questions, and what the list shows of them for given parameters, in its order."""
    about, money = make.category("Om oss"), make.category("Økonomi")
    make.faq("Hvem er dere?", about)
    make.faq("Hva koster det?", money, audience="public")
    make.faq("Ærlig talt?", about, live=False)
    later = make.faq("Snart?", money, live=False, go_live_at=timezone.now() + timedelta(days=1))
    rules.publish(later, by=None)
    reviewed = make.faq("Under vurdering?", about, live=False)
    reviewed.get_workflow().start(reviewed, person("coordinator@nhf.example"))
    rules.translate(FaqEntry.objects.get(question="Hvem er dere?"), locale("en"), by=None)
    client = browser_of("nhf", "admin@nhf.example")
    names = ("Hvem er dere?", "Hva koster det?", "Ærlig talt?", "Snart?", "Under vurdering?")

    def shown(**parameters) -> list[str]:
        page = client.get(f"{LIST}results/", parameters).content.decode()
        assert page
        return sorted((name for name in names if f"{name}\n" in page or f">{name}" in page), key=page.index)

    shown.client, shown.about, shown.money = client, about, money
    return shown


def test_the_list_is_in_the_order_readers_see(pages):
    assert pages(locale="nb") == [
        "Hvem er dere?",
        "Ærlig talt?",
        "Under vurdering?",
        "Hva koster det?",
        "Snart?",
    ]


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"audience": "public"}, {"Hva koster det?"}),
        ({"status": "live", "locale": "nb"}, {"Hvem er dere?", "Hva koster det?"}),
        ({"status": "scheduled"}, {"Snart?"}),
        ({"status": "review"}, {"Under vurdering?"}),
        ({"status": "draft", "locale": "en"}, {"Hvem er dere?"}),
        ({"q": "koster"}, {"Hva koster det?"}),
        ({"q": "hvem", "status": "live"}, {"Hvem er dere?"}),
        ({"q": "hvem", "ordering": "-audience"}, {"Hvem er dere?"}),
        ({"q": "finnes ikke"}, set()),
    ],
)
def test_filters_and_search_go_together(pages, parameters, expected):
    assert set(pages(**parameters)) == expected


def test_a_category_is_a_filter(pages):
    assert pages(category=str(pages.money.pk)) == ["Hva koster det?", "Snart?"]


@pytest.mark.parametrize(
    "ordering",
    ["question", "-question", "_group_name", "-audience", "live", "_updated_at", "-_updated_at", "locale"],
)
def test_every_column_sorts(pages, ordering):
    assert len(pages(ordering=ordering, locale="nb")) == 5


def test_the_number_of_queries_does_not_grow_with_the_list(pages, make, django_assert_max_num_queries):
    for number in range(12):
        make.faq(f"Nummer {number}?", pages.about)
    # Wagtail asks twice per row whether it can be translated.
    with django_assert_max_num_queries(40 + 2 * 18):
        pages()


def rows(response) -> list[dict]:
    text = b"".join(response.streaming_content).decode()
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_an_export_holds_nothing_a_spreadsheet_would_run(nhf, make, browser_of, start):
    evil = f"{start}cmd|' /C calc'!A0"
    entry = make.faq("Hva?")
    FaqEntry.objects.filter(pk=entry.pk).update(question=evil)
    client = browser_of("nhf", "admin@nhf.example")
    row = rows(client.get(f"{LIST}?export=csv"))[0]
    assert row["Question"].startswith("'")
    book = openpyxl.load_workbook(io.BytesIO(b"".join(client.get(f"{LIST}?export=xlsx").streaming_content)))
    values = [cell for line in book.active.iter_rows() for cell in line if "calc" in str(cell.value)]
    assert [cell.data_type for cell in values] == ["s"]
    assert str(values[0].value).startswith("'")


def test_an_export_holds_what_the_filters_leave(pages):
    found = rows(pages.client.get(f"{LIST}?export=csv&audience=public"))
    assert [(row["Question"], row["Category"], row["Language"]) for row in found] == [
        ("Hva koster det?", "Økonomi", "nb")
    ]


def test_categories_show_how_much_is_in_them(pages):
    page = pages.client.get(reverse(FaqCategory.snippet_viewset.get_url_name("list"))).content.decode()
    assert "Økonomi" in page


def test_the_order_page_lists_one_language(pages):
    address = reverse(FaqEntry.snippet_viewset.get_url_name("order"))
    page = pages.client.get(address).content.decode()
    assert page.count('data-w-orderable-target="item"') == 5
    english = pages.client.get(f"{address}?locale=en").content.decode()
    assert english.count('data-w-orderable-target="item"') == 1
