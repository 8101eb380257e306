"""What a list exports can be imported again, and then nothing has changed."""

import csv
import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from cms import rules
from cms.admin.importing.kinds import FAQ
from cms.admin.importing.planning import Options, plan_import
from cms.admin.importing.tables import read_table
from cms.models import Audience, ConversationCard, FaqEntry, ResourceLink
from cms.models.faq import RICH_TEXT_FEATURES
from domain.access.choices import Role

ADDRESSES = {
    "faq": "/admin/content/faqs/",
    "link": "/admin/content/resource-links/",
    "card": "/admin/content/conversation-cards/",
}
MODELS = {"faq": FaqEntry, "link": ResourceLink, "card": ConversationCard}


@pytest.fixture
def content(make):
    """Some of each kind, with everything that makes trouble in spreadsheets."""
    make.faq("=1+1?", answer="<p>Et <b>fett</b> svar; med, alt &amp; «sånt».</p><ul><li>a</li></ul>")
    make.faq("'+47 er?", answer='<p>Se <a href="https://nav.no/?a=1&amp;b=2">her</a>.<br/>Ny linje.</p>')
    make.faq(
        "Utkast?", live=False, audience=Audience.ROLES, audience_roles=[Role.ORG_ADMIN, Role.COORDINATOR]
    )
    make.link("-Nav", description="Linje 1\nLinje 2\r\nLinje 3", audience=Audience.PUBLIC)
    make.link("@Helsenorge", description="")
    make.card("+Kort", follow_ups=["En, med komma?", "=To?"], theme="\tTema", sensitive_advice="Ro.\n\nRo.")
    make.card("Tomt")


@pytest.fixture
def export(browser_of):
    def get(kind: str, format: str) -> bytes:
        response = browser_of("nhf", "admin@nhf.example").get(ADDRESSES[kind], {"export": format})
        assert response.status_code == 200
        return b"".join(response.streaming_content)

    return get


@pytest.mark.parametrize("format", ["csv", "xlsx"])
@pytest.mark.parametrize("kind", ADDRESSES)
def test_an_export_comes_back_unchanged(content, export, importing, kind, format):
    work = importing(kind, export(kind, format))
    assert {"id", "locale", "audience", "audience_roles"} <= set(work.names)
    assert set(work.outcomes()) == {"unchanged"}
    assert len(work.plan.rows) == MODELS[kind].objects.count()
    assert work.carry_out().written == 0


@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_without_its_ids_too(content, export, importing, format):
    work = importing("faq", export("faq", format))
    work.names = [None if name == "id" else name for name in work.names]
    assert set(work.outcomes()) == {"unchanged"}


@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_a_draft_newer_than_what_readers_see_is_what_is_exported(make, export, importing, admin, format):
    entry = make.faq("Hva?", answer="<p>Publisert.</p>")
    entry.answer = "<p>Nyeste utkast.</p>"
    rules.edit(entry, by=admin)
    data = export("faq", format)
    work = importing("faq", data)
    assert work.outcomes() == ["unchanged"]
    assert "Nyeste utkast." in " ".join(work.table.rows[0].cells)


def test_no_exported_cell_runs_as_a_formula(content, export):
    for row in csv.reader(io.StringIO(export("card", "csv").decode(), newline="")):
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) for cell in row)
    sheet = load_workbook(io.BytesIO(export("card", "xlsx"))).active
    assert all(cell.data_type != "f" for row in sheet for cell in row)


def test_an_export_of_one_organisation_is_all_unknown_ids_in_another(content, export, importing):
    from django_tenants.utils import schema_context

    from domain.identity.models import User

    data = export("faq", "csv")
    with schema_context("blindeforbundet"):
        other = User.objects.get(email="admin@blindeforbundet.example")
        outcomes = importing("faq", data, by=other).outcomes()
    assert set(outcomes) == {"error"}


blocks = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Cn", "Zl", "Zp"]), min_size=1, max_size=40
).filter(lambda text: text.strip())


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(blocks, min_size=1, max_size=3), blocks)
def test_any_plain_answer_once_imported_is_unchanged_the_next_time(make, admin, parts, question):
    """Through text, HTML, the editor's form of it, and back."""
    from cms.admin.importing.columns import RichTextColumn, clean_rich_text, paragraphs
    from cms.admin.importing.output import write_csv

    features = tuple(RICH_TEXT_FEATURES)
    column = FAQ.column("answer")
    assert isinstance(column, RichTextColumn)
    stored = clean_rich_text(paragraphs("\n\n".join(parts)), features)
    data = write_csv(["Question", "Answer"], [[question, column.written(stored)]])
    back = read_table(data).rows[0].cells
    assert column.same(stored, column.read(back[1], None))
    assert back[0].strip() == question.strip()


def test_rows_that_failed_come_back_mended(make, importing):
    """The file that is given back is the file, less what went well, plus why; mended, it goes through."""
    from cms.admin.importing.output import write_csv
    from cms.admin.importing.views import with_reasons

    make.category()
    head = ["Category", "Question", "Answer", "=Egen kolonne"]
    work = importing("faq", head, ["Om oss", "A?", "a", "-1"], ["Omoss", "=B?", "b", "x"])
    report = work.carry_out(only_good=True)
    headers, rows = with_reasons(work.table.headers, [(cells, why) for _n, cells, why in report.failed])
    assert headers == [*head, "Error"]
    assert rows == [["Omoss", "=B?", "b", "x", rows[0][-1]]]
    assert "There is no “Omoss”" in rows[0][-1]
    rows[0][0] = "Om oss"
    again = importing("faq", write_csv(headers, rows))
    assert again.carry_out().created == 1
    assert set(FaqEntry.objects.values_list("question", flat=True)) == {"A?", "=B?"}
    # A second round doesn't grow a second column of reasons.
    assert with_reasons(headers, [(rows[0], "nytt")])[0] == headers


def test_looking_at_an_export_costs_the_same_however_long_it_is(
    make, export, admin, django_assert_max_num_queries
):
    for number in range(30):
        make.faq(f"Nummer {number}?")
    table = read_table(export("faq", "csv"))
    with django_assert_max_num_queries(20):
        plan_import(FAQ, table, FAQ.columns_of(table.headers), Options(language="nb"), by=admin)
