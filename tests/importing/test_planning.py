"""Before anything is written, each row says what would become of it, and in plain words what is wrong."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from cms import rules
from cms.admin.importing.planning import Outcome
from cms.models import Audience, CardDeck, FaqCategory, FaqEntry, ResourceLink

FAQ_HEAD = ["Category", "Question", "Answer"]


class TestWhatBecomesOfARow:
    def test_new_changed_and_unchanged_are_told_apart(self, make, importing):
        make.faq("Hva koster det?", answer="<p>Ingenting.</p>")
        make.faq("Hvem er dere?", answer="<p>Vi.</p>")
        work = importing(
            "faq",
            FAQ_HEAD,
            ["Om oss", "Hva koster det?", "Fem kroner."],
            ["Om oss", "Hvem er dere?", "<p>Vi.</p>"],
            ["Om oss", "Hvor er dere?", "Her."],
        )
        assert work.outcomes() == ["update", "unchanged", "new"]
        assert not FaqEntry.objects.filter(question="Hvor er dere?").exists()

    def test_a_change_shows_before_and_after(self, make, importing):
        make.link("Nav", description="Før")
        plan = importing("link", ["title", "url", "category", "description"], ["Nav", "", "", "Etter"]).look()
        assert [(c.label, c.old, c.new) for c in plan.rows[0].changes] == [("description", "Før", "Etter")]

    def test_the_id_says_which_one_is_meant_so_that_the_question_can_change(self, make, importing):
        entry = make.faq("Hva koster det?")
        plan = importing("faq", ["id", "question"], [str(entry.pk), "Koster det noe?"]).look()
        assert plan.rows[0].outcome is Outcome.UPDATE
        assert plan.rows[0].item.pk == entry.pk

    def test_without_an_id_language_and_question_say_it_whatever_the_case(self, make, importing):
        make.faq("Hva koster det?")
        head = ["locale", *FAQ_HEAD]
        row = ["Om oss", "hva  KOSTER det?", "Ingenting."]
        assert importing("faq", head, ["nb", *row]).outcomes() == ["update"]
        make.category(code="nn")
        assert importing("faq", head, ["nn", *row]).outcomes() == ["new"]

    def test_what_counts_is_the_newest_draft_since_that_is_what_editors_see(self, make, importing, admin):
        entry = make.faq("Hva koster det?")
        entry.answer = "<p>Ti kroner.</p>"
        rules.edit(entry, by=admin)
        work = importing("faq", FAQ_HEAD, ["Om oss", "Hva koster det?", "<p>Ti kroner.</p>"])
        assert work.outcomes() == ["unchanged"]

    def test_an_empty_cell_empties_what_may_be_empty_and_leaves_the_rest(self, make, importing):
        link = make.link("Nav", description="Før")
        plan = importing("link", ["id", "title", "description"], [str(link.pk), "", ""]).look()
        assert [c.label for c in plan.rows[0].changes] == ["description"]
        assert plan.rows[0].item.title == "Nav"

    def test_columns_left_out_change_nothing(self, make, importing):
        entry = make.faq(audience=Audience.PUBLIC)
        plan = importing("faq", ["id", "answer"], [str(entry.pk), "Nytt."]).look()
        assert plan.rows[0].item.audience == Audience.PUBLIC

    def test_a_plain_answer_becomes_paragraphs(self, make, importing):
        make.category()
        plan = importing("faq", FAQ_HEAD, ["Om oss", "Hva?", "En.\nTo.\n\nTre < fire."]).look()
        assert plan.rows[0].item.answer == "<p>En.<br/>To.</p><p>Tre &lt; fire.</p>"

    def test_html_is_cleaned_as_the_editor_would(self, make, importing):
        make.category()
        answer = (
            '<p onclick="x()">Se <a href="https://nav.no" style="x">her</a></p>'
            '<script>alert(1)</script><h1>Stor</h1><iframe src="x"></iframe><a href="javascript:x()">y</a>'
        )
        html = importing("faq", FAQ_HEAD, ["Om oss", "Hva?", answer]).look().rows[0].item.answer
        assert '<a href="https://nav.no">her</a>' in html
        for bad in ("onclick", "style", "<script", "<h1", "<iframe", "javascript"):
            assert bad not in html

    def test_choices_may_be_written_as_they_are_read_in_any_language(self, make, importing):
        make.category()
        with translation.override("nb"):
            public, coordinator = str(Audience.PUBLIC.label), "Koordinator"
        plan = importing(
            "faq",
            [*FAQ_HEAD, "audience", "audience_roles"],
            ["Om oss", "A?", "a", public, ""],
            ["Om oss", "B?", "b", "Everyone", ""],
            ["Om oss", "C?", "c", "roles", f"{coordinator}, peer_mentor"],
            ["Om oss", "D?", "d", "", ""],
        ).look()
        assert [row.item.audience for row in plan.rows] == ["public", "public", "roles", "members"]
        assert plan.rows[2].item.audience_roles == ["coordinator", "peer_mentor"]

    def test_follow_up_questions_are_the_lines_of_a_cell(self, make, importing):
        make.category("Første møte", CardDeck)
        plan = importing(
            "card",
            ["deck", "title", "prompt", "follow-up questions"],
            ["Første møte", "A", "B", "En?\n\n To? "],
        ).look()
        assert plan.rows[0].item.follow_ups == ["En?", "To?"]


class TestHeadings:
    @pytest.mark.parametrize("language", ["nb", "nn", "en"])
    def test_are_known_in_every_language_of_the_admin(self, importing, language):
        with translation.override(language):
            labels = [
                str(column.label).capitalize() for column in importing("faq", ["x"], ["1"]).kind.columns
            ]
        names = [column.name for column in importing("faq", ["x"], ["1"]).kind.columns]
        for other in ("nb", "nn", "en"):
            with translation.override(other):
                assert importing("faq", labels, ["1"] * len(labels)).names == names

    def test_of_two_alike_the_first_is_taken(self, importing):
        assert importing("faq", ["Svar", "svar", "Noe annet"], ["1", "2", "3"]).names == [
            "answer",
            None,
            None,
        ]


class TestErrors:
    def problem(self, importing, kind, head, row, **options) -> str:
        return importing(kind, head, row, **options).problems()[0]

    def test_a_missing_question_is_named_by_its_column(self, make, importing):
        make.category()
        assert (
            self.problem(importing, "faq", FAQ_HEAD, ["Om oss", "", "Svar"]) == "Question: Must be filled in."
        )

    def test_an_answer_of_empty_tags_is_no_answer(self, make, importing):
        make.category()
        assert "Answer: Must be" in self.problem(importing, "faq", FAQ_HEAD, ["Om oss", "Hva?", "<p> </p>"])

    def test_a_category_that_does_not_exist(self, make, importing):
        problem = self.problem(importing, "faq", FAQ_HEAD, ["Finnes ikke", "Hva?", "Svar"])
        assert "There is no “Finnes ikke” in nb." in problem

    def test_a_category_of_another_language_does_not_do(self, make, importing):
        make.category("Om oss", code="nb")
        problem = self.problem(importing, "faq", ["locale", *FAQ_HEAD], ["en", "Om oss", "What?", "That."])
        assert "no “Om oss” in en" in problem

    @pytest.mark.parametrize("url", ["http://nav.no", "javascript:alert(1)", "nav.no", "ftp://nav.no"])
    def test_an_address_that_is_not_https(self, make, importing, url):
        make.link("Annen")
        problem = self.problem(importing, "link", ["category", "title", "url"], ["Rettigheter", "Nav", url])
        assert problem.startswith("Address: ")

    def test_a_text_longer_than_its_field(self, make, importing):
        make.category()
        assert "255" in self.problem(importing, "faq", FAQ_HEAD, ["Om oss", "x" * 300, "Svar"])

    def test_too_many_follow_up_questions(self, make, importing):
        make.category("Første møte", CardDeck)
        head = ["deck", "title", "prompt", "follow_ups"]
        problem = self.problem(importing, "card", head, ["Første møte", "A", "B", "\n".join("abcdefghijkl")])
        assert problem.startswith("Follow-up questions: ")

    @pytest.mark.parametrize(
        ("audience", "roles", "expected"),
        [
            ("roles", "", "Name at least one role"),
            ("public", "coordinator", "Roles are named"),
            ("alle og enhver", "", "is not known"),
            ("roles", "sjef", "is not a role"),
        ],
    )
    def test_audience_and_roles_that_do_not_fit(self, make, importing, audience, roles, expected):
        make.category()
        head = [*FAQ_HEAD, "audience", "audience_roles"]
        assert expected in self.problem(importing, "faq", head, ["Om oss", "Hva?", "Svar", audience, roles])

    @pytest.mark.parametrize("bad", ["123", "not-an-id", "0193a5d2-0000-7000-8000-000000000000"])
    def test_an_id_that_is_none_or_of_nothing_here(self, importing, bad):
        assert self.problem(importing, "faq", ["id", "question"], [bad, "Hva?"]).startswith("ID: ")

    def test_an_id_of_another_organisation_is_an_id_of_nothing(self, make, importing, blindeforbundet):
        from django_tenants.utils import schema_context

        entry = None
        with schema_context("blindeforbundet"):
            entry = make.faq("Deres?")
        with schema_context("nhf"):
            problem = self.problem(importing, "faq", ["id", "question"], [str(entry.pk), "Hva?"])
        assert "There is none with this id here" in problem

    def test_a_language_that_is_not_one(self, make, importing):
        problem = self.problem(importing, "faq", ["locale", *FAQ_HEAD], ["fi", "Om oss", "Mitä?", "Se."])
        assert "“fi” is not a language" in problem

    def test_the_language_of_what_is_there_stays(self, make, importing):
        entry = make.faq()
        problem = self.problem(importing, "faq", ["id", "locale", "question"], [str(entry.pk), "en", "What?"])
        assert "can't be changed" in problem

    def test_two_of_the_same_name_need_an_id(self, make, importing):
        make.faq("Hva?")
        make.faq("Hva?")
        assert "2 of this name" in self.problem(importing, "faq", FAQ_HEAD, ["Om oss", "Hva?", "Nytt"])

    def test_the_second_of_two_equal_rows(self, make, importing):
        make.category()
        work = importing("faq", FAQ_HEAD, ["Om oss", "Hva?", "En"], ["Om oss", "hva?", "To"])
        assert work.problems() == ["", "The same as row 2."]

    def test_a_cell_beyond_the_headings(self, make, importing):
        make.category()
        work = importing("faq", b"Category;Question;Answer\nOm oss;Hva?;Ja;oi\n")
        assert "more cells than there are headings" in work.problems()[0]

    def test_something_locked_by_another(self, make, importing, person):
        entry = make.faq("Hva?")
        FaqEntry.objects.filter(pk=entry.pk).update(locked=True, locked_by=person("coordinator@nhf.example"))
        assert "locked" in self.problem(importing, "faq", FAQ_HEAD, ["Om oss", "Hva?", "Nytt"])

    def test_a_locked_one_that_stays_as_it_is_is_no_error(self, make, importing, person):
        entry = make.faq("Hva?")
        FaqEntry.objects.filter(pk=entry.pk).update(locked=True, locked_by=person("coordinator@nhf.example"))
        assert importing("faq", FAQ_HEAD, ["Om oss", "Hva?", "<p>Ingenting.</p>"]).outcomes() == ["unchanged"]


class TestCategoriesMadeOnTheWay:
    def test_are_named_once_however_many_rows_need_them(self, nhf, importing):
        rows = [["Ny", "A?", "a"], ["ny ", "B?", "b"], ["Nyere", "C?", "c"]]
        plan = importing("faq", FAQ_HEAD, *rows, create_headings=True).look()
        assert [heading.name for heading in plan.new_headings] == ["Ny", "Nyere"]
        assert not FaqCategory.objects.exists()

    def test_are_not_made_for_a_row_that_fails(self, nhf, importing):
        plan = importing("faq", FAQ_HEAD, ["Ny", "", "a"], create_headings=True).look()
        assert plan.new_headings == []

    def test_need_the_right_to_make_them(self, nhf, importing, coordinator):
        work = importing("faq", FAQ_HEAD, ["Ny", "A?", "a"], create_headings=True, by=coordinator)
        assert "You may not make a new “Ny”" in work.problems()[0]


def test_looking_costs_the_same_number_of_queries_however_many_rows_there_are(make, importing, admin):
    def queries(count: int) -> int:
        work = importing("link", ["category", "title", "url"], *rows[:count])
        with CaptureQueriesContext(connection) as captured:
            work.look()
        return len(captured)

    for number in range(10):
        make.link(f"Lenke {number}")
    rows = [["Rettigheter", f"Lenke {number}", f"https://nav.no/{number}"] for number in range(20)]
    queries(1)
    assert queries(20) == queries(2)


def test_looking_writes_nothing(make, importing):
    entry = make.faq()
    before = list(FaqEntry.objects.values()), list(ResourceLink.objects.values())
    importing("faq", FAQ_HEAD, ["Ny", str(entry), "x"], ["Ny", "A?", "a"], create_headings=True).look()
    assert before == (list(FaqEntry.objects.values()), list(ResourceLink.objects.values()))
