"""What was looked at is written, or it is said why not; and the figures are those of the database."""

import threading

import pytest
from django.db import connection, transaction
from wagtail.models import ModelLogEntry, Revision

from cms import rules
from cms.admin.importing.planning import Outcome
from cms.models import ConversationCard, FaqCategory, FaqEntry
from domain.audit.models import AuditEvent
from domain.core.errors import NotAllowed

HEAD = ["Category", "Question", "Answer"]


def questions() -> set[str]:
    return set(FaqEntry.objects.values_list("question", flat=True))


class TestFigures:
    def test_are_counted_from_what_was_written(self, make, importing):
        make.faq("Gammel?", answer="<p>Før.</p>")
        make.faq("Lik?", answer="<p>Lik.</p>")
        rows = [
            ["Om oss", "Gammel?", "Etter."],
            ["Om oss", "Lik?", "<p>Lik.</p>"],
            ["Om oss", "Ny?", "Ny."],
            ["Finnes ikke", "Feil?", "x"],
        ]
        report = importing("faq", HEAD, *rows).carry_out(only_good=True, publish=True)
        assert (report.created, report.updated, report.published, report.unchanged) == (1, 1, 2, 1)
        assert [number for number, _cells, _why in report.failed] == [5]
        assert questions() == {"Gammel?", "Lik?", "Ny?"}

    def test_of_nothing_written_are_zero(self, make, importing):
        report = importing("faq", HEAD, ["Finnes ikke", "Feil?", "x"]).carry_out(only_good=True)
        assert (report.created, report.updated, report.published, report.headings) == (0, 0, 0, 0)
        assert not AuditEvent.objects.filter(action="faq.imported").exists()


class TestAllOrNone:
    def test_one_error_leaves_everything_as_it_was(self, make, importing):
        make.faq("Gammel?", answer="<p>Før.</p>")
        before = Revision.objects.count(), AuditEvent.objects.count(), ModelLogEntry.objects.count()
        rows = [["Om oss", "Gammel?", "Etter."], ["Ny", "Ny?", "Ny."], ["Om oss", "", "Feil"]]
        report = importing("faq", HEAD, *rows, create_headings=True).carry_out()
        assert report.written == 0
        assert [number for number, _cells, _why in report.failed] == [4]
        assert questions() == {"Gammel?"}
        assert FaqEntry.objects.get().answer == "<p>Før.</p>"
        assert not FaqCategory.objects.filter(name="Ny").exists()
        assert before == (Revision.objects.count(), AuditEvent.objects.count(), ModelLogEntry.objects.count())

    def test_an_error_that_only_writing_shows_takes_back_what_came_before(self, make, importing):
        make.category()
        work = importing("faq", HEAD, ["Om oss", "A?", "a"], ["Om oss", "B?", "b"])
        work.look()
        with refusing_in_the_database("B?"):
            report = work.carry_out()
        assert report.written == 0
        assert questions() == set()
        assert report.failed[0][0] == 3


class TestOnlyTheGoodRows:
    def test_a_row_the_database_refuses_leaves_the_others_written(self, make, importing):
        make.category()
        work = importing("faq", HEAD, *(["Om oss", f"{letter}?", "x"] for letter in "ABC"))
        work.look()
        with refusing_in_the_database("B?"):
            report = work.carry_out(only_good=True)
        assert report.created == 2
        assert questions() == {"A?", "C?"}
        assert [(number, why) for number, _cells, why in report.failed] == [
            (3, "The database refused it. Check the row and try again.")
        ]

    def test_a_category_goes_with_the_row_that_needed_it_and_comes_back_with_the_next(self, nhf, importing):
        work = importing("faq", HEAD, ["Ny", "B?", "x"], ["Ny", "C?", "x"], create_headings=True)
        work.look()
        with refusing_in_the_database("B?"):
            report = work.carry_out(only_good=True)
        assert (report.created, report.headings) == (1, 1)
        assert FaqEntry.objects.get().category.name == "Ny"
        assert FaqCategory.objects.get().sort_order == 1

    def test_no_category_is_left_behind_without_a_row(self, nhf, importing):
        work = importing("faq", HEAD, ["Ny", "B?", "x"], create_headings=True)
        work.look()
        with refusing_in_the_database("B?"):
            work.carry_out(only_good=True)
        assert not FaqCategory.objects.exists()


class refusing_in_the_database:
    """A trigger that refuses one question: what a constraint does that no dry run can see."""

    def __init__(self, question: str):
        self.question = question

    def __enter__(self):
        with connection.as_owner(), connection.cursor() as cursor:
            cursor.execute(
                f"""
                CREATE FUNCTION pg_temp.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                  IF NEW.question = '{self.question}' THEN RAISE check_violation; END IF;
                  RETURN NEW;
                END $$;
                CREATE TRIGGER refuse BEFORE INSERT ON cms_faqentry
                  FOR EACH ROW EXECUTE FUNCTION pg_temp.refuse();
                """
            )

    def __exit__(self, *exc):
        with connection.as_owner(), connection.cursor() as cursor:
            cursor.execute("DROP TRIGGER refuse ON cms_faqentry; DROP FUNCTION pg_temp.refuse();")


class TestDraftsAndPublishing:
    def test_a_new_one_is_a_draft_unless_one_asks_otherwise(self, make, importing):
        make.category()
        importing("faq", HEAD, ["Om oss", "A?", "a"]).carry_out()
        importing("faq", HEAD, ["Om oss", "B?", "b"]).carry_out(publish=True)
        assert {e.question: e.live for e in FaqEntry.objects.all()} == {"A?": False, "B?": True}

    def test_a_changed_one_shows_readers_what_it_showed_until_it_is_published(self, make, importing):
        entry = make.faq("Gammel?", answer="<p>Før.</p>")
        importing("faq", HEAD, ["Om oss", "Gammel?", "Etter."]).carry_out()
        entry.refresh_from_db()
        assert entry.answer == "<p>Før.</p>"
        assert entry.has_unpublished_changes
        assert "Etter." in entry.get_latest_revision_as_object().answer

    def test_publishing_needs_the_right_to(self, make, importing, coordinator):
        make.category()
        work = importing("faq", HEAD, ["Om oss", "A?", "a"], by=coordinator)
        with pytest.raises(NotAllowed):
            work.carry_out(publish=True)
        assert questions() == set()
        assert work.carry_out().created == 1

    def test_every_row_is_a_revision_and_a_log_entry_of_whoever_imported(self, make, importing, admin):
        make.faq("Gammel?", answer="<p>Før.</p>")
        importing("faq", HEAD, ["Om oss", "Gammel?", "Etter."], ["Om oss", "Ny?", "Ny."]).carry_out()
        for entry in FaqEntry.objects.all():
            assert entry.latest_revision.user == admin
        assert FaqEntry.objects.get(question="Ny?").created_by == admin
        logged = ModelLogEntry.objects.filter(user=admin).values_list("action", "label")
        assert {("wagtail.edit", "Gammel?"), ("wagtail.create", "Ny?")} <= set(logged)

    def test_new_ones_come_last_in_the_order_of_the_file(self, make, importing):
        make.faq("Først?")
        importing("faq", HEAD, ["Om oss", "Å?", "a"], ["Om oss", "A?", "b"]).carry_out()
        order = FaqEntry.objects.order_by("sort_order").values_list("question", flat=True)
        assert list(order) == ["Først?", "Å?", "A?"]

    def test_lists_and_choices_arrive(self, make, importing):
        make.card("Å bli kjent")
        head = ["deck", "title", "prompt", "follow_ups", "difficulty", "audience", "audience_roles"]
        row = ["Første møte", "Ny", "Hei?", "En?\nTo?", "deep", "roles", "coordinator"]
        importing("card", head, row).carry_out(publish=True)
        card = ConversationCard.objects.get(title="Ny")
        assert card.follow_ups == ["En?", "To?"]
        assert (card.difficulty, card.audience, card.audience_roles) == ("deep", "roles", ["coordinator"])


class TestAudit:
    def test_the_import_as_a_whole_is_recorded_with_its_figures(self, make, importing, admin):
        make.category()
        importing("faq", HEAD, ["Om oss", "A?", "a"], ["Ikke", "B?", "b"]).carry_out(only_good=True)
        event = AuditEvent.objects.get(action="faq.imported")
        assert event.actor_id == admin.pk
        assert event.reason == "spørsmål.csv"
        assert event.changes["created"] == [None, 1]
        assert event.changes["failed"] == [None, 1]

    def test_and_so_is_every_row(self, make, importing, admin):
        make.category()
        importing("faq", HEAD, ["Om oss", "A?", "a"]).carry_out(publish=True)
        actions = AuditEvent.objects.filter(actor_id=admin.pk, object_label="A?").values_list(
            "action", flat=True
        )
        assert set(actions) == {"faq.created", "faq.published"}


class TestBetweenLookingAndCarryingOut:
    def test_what_someone_else_changed_is_reported_and_left_alone(self, make, importing, coordinator):
        entry = make.faq("Gammel?", answer="<p>Før.</p>")
        work = importing("faq", HEAD, ["Om oss", "Gammel?", "Fra fil."], ["Om oss", "Ny?", "Ny."])
        work.look()
        entry.answer = "<p>Fra noen andre.</p>"
        rules.edit(entry, by=coordinator)
        report = work.carry_out(only_good=True)
        assert (report.created, report.updated) == (1, 0)
        assert "changed by someone else" in report.failed[0][2]
        entry.refresh_from_db()
        assert "Fra noen andre." in entry.get_latest_revision_as_object().answer

    def test_with_all_or_none_that_means_none(self, make, importing, coordinator):
        entry = make.faq("Gammel?", answer="<p>Før.</p>")
        work = importing("faq", HEAD, ["Om oss", "Gammel?", "Fra fil."], ["Om oss", "Ny?", "Ny."])
        work.look()
        entry.answer = "<p>Fra noen andre.</p>"
        rules.edit(entry, by=coordinator)
        assert work.carry_out().written == 0
        assert questions() == {"Gammel?"}

    def test_what_someone_else_added_is_not_added_twice(self, make, importing):
        make.category()
        work = importing("faq", HEAD, ["Om oss", "Ny?", "Fra fil."])
        work.look()
        make.faq("Ny?")
        assert work.carry_out(only_good=True).written == 0
        assert FaqEntry.objects.count() == 1

    def test_what_someone_else_deleted_does_not_come_back(self, make, importing, admin):
        entry = make.faq("Gammel?")
        work = importing("faq", HEAD, ["Om oss", "Gammel?", "Fra fil."])
        work.look()
        rules.delete(entry, by=admin)
        assert work.carry_out(only_good=True).written == 0
        assert questions() == set()

    def test_importing_the_same_thing_twice_writes_it_once(self, make, importing):
        make.category()
        work = importing("faq", HEAD, ["Om oss", "Ny?", "Ny."])
        work.look()
        assert work.carry_out().created == 1
        again = work.carry_out()
        assert again.written == 0
        assert FaqEntry.objects.count() == 1

    def test_a_right_taken_away_meanwhile_counts(self, make, importing, coordinator):
        make.category()
        work = importing("faq", HEAD, ["Om oss", "Ny?", "Ny."], by=coordinator)
        work.look()
        from domain.access.models import RoleAssignment

        RoleAssignment.objects.filter(user=coordinator).delete()
        work.by = type(coordinator).objects.get(pk=coordinator.pk)
        assert work.carry_out(only_good=True).written == 0
        assert questions() == set()


def test_two_people_importing_the_same_file_at_once_write_it_once(own_database, django_db_blocker):
    """Two connections, both having looked before either wrote."""
    from django_tenants.utils import schema_context
    from wagtail.models import Locale

    from cms.admin.importing.kinds import FAQ
    from cms.admin.importing.output import write_csv
    from cms.admin.importing.planning import Options, plan_import
    from cms.admin.importing.tables import read_table
    from cms.admin.importing.writing import run_import
    from domain.identity.models import User

    with schema_context("nhf"):
        rules.create(FaqCategory(name="Om oss", locale=Locale.objects.get(language_code="nb")), by=None)
    table = read_table(write_csv(HEAD, [["Om oss", f"Nummer {number}?", "x"] for number in range(5)]))
    names, options = FAQ.columns_of(table.headers), Options(language="nb")
    looked, reports = threading.Barrier(2), []

    def one_person():
        try:
            with schema_context("nhf"):
                by = User.objects.get(email="admin@nhf.example")
                plan = plan_import(FAQ, table, names, options, by=by)
                assert plan.count(Outcome.NEW) == 5
                looked.wait(timeout=20)
                reports.append(
                    run_import(
                        FAQ,
                        table,
                        names,
                        options,
                        stamps=plan.stamps(),
                        only_good=True,
                        publish=False,
                        by=by,
                        file_name="x.csv",
                    )
                )
        finally:
            connection.close()

    threads = [threading.Thread(target=one_person) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(report.created for report in reports) == [0, 5]
    with schema_context("nhf"), transaction.atomic():
        assert FaqEntry.objects.count() == 5
