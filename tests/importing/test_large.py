"""Files of more rows than one request can do: looked through and written by the worker, never twice."""

import os
import signal

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django_tenants.utils import schema_context

from cms import rules
from cms.admin.importing import background, staging
from cms.admin.importing.kinds import FAQ
from cms.admin.importing.output import write_csv
from cms.admin.importing.planning import Options
from cms.admin.importing.tables import read_table
from cms.models import ContentImport, FaqEntry, ImportedRow
from cms.models.imports import ImportState
from domain.audit.models import AuditEvent
from domain.identity.models import User
from tenants.choices import JobState
from tenants.models import JobRun, Organization
from tests.jobs.conftest import start_worker, wait_until  # noqa: F401 - fixtures
from tests.support.jobs import work_off

from .test_pages import HEAD, LIST, START, Visitor

ADMIN, COORDINATOR = "admin@nhf.example", "coordinator@nhf.example"


@pytest.fixture(autouse=True)
def _small_files_are_large(monkeypatch, settings, tmp_path):
    """What is large decides only who does the work; forty rows show it as well as a thousand."""
    settings.MEDIA_ROOT = tmp_path / "media"
    # For a worker of its own.
    monkeypatch.setenv("MEANDER_DATA", str(tmp_path))
    monkeypatch.setattr(background, "MAX_ROWS_AT_ONCE", 10)
    monkeypatch.setattr(background, "BATCH", 8)


def rows(number: int, *more) -> bytes:
    return write_csv(HEAD, [*(["Om oss", f"Nummer {n}?", "x"] for n in range(number)), *more])


@pytest.fixture
def visitor(browser_of, make):
    def make_visitor(email: str = ADMIN) -> Visitor:
        client = browser_of("nhf", email)
        client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
        return Visitor(client)

    make.category()
    return make_visitor


class Way:
    """One large file on its way through the pages."""

    def __init__(self, visitor: Visitor, data: bytes):
        self.me = visitor
        self.progress = visitor.columns(visitor.upload(data))["Location"]
        self.token = self.progress.split("/")[-3]

    def page(self, name: str):
        return self.me.client.get(f"{START}{self.token}/{name}")

    def state(self) -> dict:
        return self.page("state/").json()

    def carry_out(self, state: str = "draft"):
        return self.me.client.post(f"{START}{self.token}/check/", {"rows": "good", "state": state})


def test_from_file_to_content_with_the_failed_rows_back_and_the_file_gone(visitor):
    way = Way(visitor(), rows(20, ["Ikke", "Feil?", "x"]))
    page = way.me.client.get(way.progress)
    assert b"<progress" in page.content and b'aria-live="polite"' in page.content
    assert way.state() == {"percent": 0, "text": "It begins in a moment.", "stopped": False, "next": ""}
    assert not FaqEntry.objects.exists()

    assert work_off() == ["done"]
    assert way.me.client.get(way.progress)["Location"] == f"{START}{way.token}/check/"
    assert way.page("check/").context["counts"] == {"new": 20, "update": 0, "unchanged": 0, "error": 1}
    assert b"All 20 rows, or none" not in way.page("check/").content
    assert way.carry_out(state="publish")["Location"] == way.progress
    assert way.page("check/")["Location"] == way.progress
    assert way.page("columns/")["Location"] == way.progress
    assert way.state()["text"] == "0 of 20 rows are done."

    assert set(work_off()) == {"done"}
    assert way.state()["next"] == f"{START}{way.token}/done/"
    done = way.page("done/")
    report = done.context["report"]
    assert (report["created"], report["published"], len(report["failed"])) == (20, 20, 1)
    assert FaqEntry.objects.filter(live=True).count() == 20
    for each in done.context["failed_urls"]:
        back = read_table(way.me.client.get(each["url"]).content)
        assert [row.cells[:3] for row in back.rows] == [["Ikke", "Feil?", "x"]]
    assert default_storage.listdir("imports")[1] == []
    event = AuditEvent.objects.get(action="faq.imported")
    assert (event.changes["created"], event.changes["failed"]) == ([None, 20], [None, 1])


def test_one_comes_back_from_another_browser_and_a_colleague_does_not(visitor):
    way = Way(visitor(), rows(20))
    elsewhere = visitor()
    start = elsewhere.client.get(START)
    assert [each["url"] for each in start.context["under_way"]] == [way.progress]
    assert elsewhere.client.get(way.progress).status_code == 200
    work_off()
    assert elsewhere.client.get(f"{START}{way.token}/check/").status_code == 200
    colleague = visitor(COORDINATOR)
    assert colleague.client.get(START).context["under_way"] == []
    for page in ("progress/", "state/", "check/", "columns/", "done/", "failed.csv"):
        assert colleague.client.get(f"{START}{way.token}/{page}").status_code == 404


def test_a_run_that_has_had_its_time_is_followed_by_the_next(visitor, monkeypatch):
    monkeypatch.setattr(background, "PART", 0)
    way = Way(visitor(), rows(20))
    work_off()
    way.carry_out()
    assert work_off() == ["done"] * 3  # 8 rows, 8, and 4.
    assert way.page("done/").context["report"]["created"] == 20
    assert FaqEntry.objects.count() == 20


def test_carrying_out_twice_and_jobs_delivered_twice_write_once(visitor):
    way = Way(visitor(), rows(20))
    work_off()
    way.carry_out()
    way.carry_out()
    current = ContentImport.objects.get()
    organization = Organization.objects.get(schema_name="nhf")
    assert background.write(current.token, organization, lambda percent, step: None)["created"] == 20
    assert background.write(current.token, organization, lambda percent, step: None) == {}
    work_off()
    assert FaqEntry.objects.count() == 20


def test_what_was_changed_after_the_look_is_reported_row_by_row(visitor, make, person):
    entry = make.faq("Nummer 3?", answer="<p>Før.</p>")
    make.faq("Nummer 4?", answer="<p>x</p>")
    way = Way(visitor(), rows(20))
    work_off()
    assert way.page("check/").context["counts"] == {"new": 18, "update": 1, "unchanged": 1, "error": 0}
    entry.answer = "<p>Fra noen andre.</p>"
    rules.edit(entry, by=person(COORDINATOR))
    way.carry_out()
    work_off()
    report = way.page("done/").context["report"]
    assert (report["created"], report["updated"], report["unchanged"]) == (18, 0, 1)
    assert [number for number, _cells, _why in report["failed"]] == [5]
    assert "changed by someone else" in report["failed"][0][2]


def test_rows_that_repeat_one_another_in_different_batches_are_found_by_the_look(visitor):
    way = Way(visitor(), rows(20, ["Om oss", "Nummer 1?", "y"]))
    work_off()
    way.carry_out()
    work_off()
    assert [why for _number, _cells, why in way.page("done/").context["report"]["failed"]] == [
        "The same as row 3."
    ]
    assert FaqEntry.objects.count() == 20


def test_a_missing_category_is_made_once_for_all_batches(visitor):
    me = visitor()
    data = write_csv(HEAD, [["Ny", f"Nummer {n}?", "x"] for n in range(20)])
    progress = me.columns(me.upload(data), create_headings="on")["Location"]
    work_off()
    me.client.post(progress.replace("progress", "check"), {"rows": "good", "state": "draft"})
    work_off()
    report = me.client.get(progress.replace("progress", "done")).context["report"]
    assert (report["created"], report["headings"]) == (20, 1)
    assert FaqEntry.objects.values("category").distinct().count() == 1


def test_all_or_none_is_not_offered(visitor):
    way = Way(visitor(), rows(20))
    work_off()
    answer = way.me.client.post(f"{START}{way.token}/check/", {"rows": "all", "state": "draft"})
    assert answer.status_code == 422
    assert ContentImport.objects.get().state == ImportState.CHECKED


def test_what_has_stopped_says_why_and_goes_on_where_it_was(visitor):
    way = Way(visitor(), rows(20))
    work_off()
    way.carry_out()
    run = ContentImport.objects.get().job_run
    with schema_context("public"), connection.as_owner():
        JobRun.objects.filter(pk=run).update(state=JobState.PARKED, error="It took too long.")
    assert way.state()["stopped"]
    page = way.me.client.get(way.progress).content.decode()
    assert "It took too long." in page and "Go on" in page
    assert way.me.client.post(way.progress)["Location"] == way.progress
    work_off()
    assert way.page("done/").context["report"]["created"] == 20


def test_cancelling_before_it_is_written_leaves_nothing(visitor):
    way = Way(visitor(), rows(20))
    assert way.me.client.post(f"{START}{way.token}/cancel/")["Location"] == LIST
    assert not ContentImport.objects.exists()
    assert default_storage.listdir("imports")[1] == []
    assert work_off() == ["done"]
    assert not FaqEntry.objects.exists()


def test_a_file_a_job_works_with_is_not_swept_away(visitor):
    way = Way(visitor(), rows(20))
    path = default_storage.path(f"imports/{way.token}.json")
    os.utime(path, (0, 0))
    assert staging.sweep(keep=background.in_use()) == 0
    work_off()
    os.utime(path, (0, 0))
    assert staging.sweep(keep=background.in_use()) == 1


def test_a_right_taken_away_meanwhile_counts(visitor, person):
    way = Way(visitor(COORDINATOR), rows(20))
    work_off()
    way.carry_out()
    from domain.access.models import RoleAssignment

    RoleAssignment.objects.filter(user=person(COORDINATOR)).delete()
    work_off()
    assert not FaqEntry.objects.exists()
    assert ImportedRow.objects.filter(outcome="failed").count() == 20


def test_no_row_is_imported_twice_when_the_worker_is_killed_in_the_middle(
    start_worker,  # noqa: F811
    wait_until,  # noqa: F811
):
    """A real worker, killed while it writes; its own ledger tells the next where to go on."""
    number = 260  # The worker's own batches are of a hundred.
    with schema_context("nhf"):
        from wagtail.models import Locale

        from cms.models import FaqCategory

        organization = Organization.objects.get(schema_name="nhf")
        rules.create(FaqCategory(name="Om oss", locale=Locale.objects.get(language_code="nb")), by=None)
        by = User.objects.get(email=ADMIN)
        table = read_table(rows(number))
        staged = staging.Staged("f" * 32, FAQ.key, str(by.pk), "stor.csv", table)
        staged.names, staged.options = FAQ.columns_of(table.headers), Options(language="nb")
        background.begin_check(staged, organization)
        background.check(staged.token, lambda percent, step: None)
        background.begin_write(staging.read(staged.token), publish=False, organization=organization)
    worker = start_worker()

    def written() -> int:
        with schema_context("nhf"):
            return ImportedRow.objects.count()

    wait_until(lambda: written() > 0, "the first batch", worker=worker)
    os.killpg(worker.process.pid, signal.SIGKILL)
    worker.process.wait()
    assert 0 < written() < number
    again = start_worker()
    wait_until(lambda: state_of(staged.token) == ImportState.DONE, "the end", seconds=120, worker=again)

    with schema_context("nhf"):
        assert FaqEntry.objects.count() == number
        assert FaqEntry.objects.values("question").distinct().count() == number
        assert background.report_of(ContentImport.objects.get()).created == number
        assert AuditEvent.objects.filter(action="faq.imported").count() == 1
        assert not default_storage.exists(staged.path)


def state_of(token: str) -> str:
    with schema_context("nhf"):
        return ContentImport.objects.get(token=token).state
