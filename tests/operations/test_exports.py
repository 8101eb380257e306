"""Lists as CSV files: what PostgreSQL writes is what Python would write, harmless, and on the record."""

import csv
import io
from datetime import UTC, datetime

from django.urls import get_resolver
from django.utils import translation
from wagtail.admin.viewsets import viewsets

from cms.admin.activities.viewsets import ActivityViewSet
from cms.admin.exporting import files
from cms.admin.exporting.columns import columns_of
from cms.admin.importing.escaping import escape, unescape
from cms.admin.scoped import ScopedViewSet
from domain.access.queries import scope_for
from domain.activities.models import Activity
from domain.audit.models import AuditEvent
from domain.people.models import Contact, DiagnosisCategory
from tenants.db import connection

COORDINATOR = "coordinator@nhf.example"
EXPORT = "/admin/activities/?export=csv"
COLUMNS = ActivityViewSet.list_export
THEMES = [
    "=1+1",
    "+47 912 34 567",
    "-5",
    "@SUM(A1)",
    "\tlikt",
    "＝1+1",
    "'=1",
    "''＠x",
    "'tis",
    "",
    'Om "ro", mest',
    "To\nlinjer",
    "Åpen dag",
    "ß",
    "7 av 9",
    "…",
    "例",
]


def table(answer) -> list[list[str]]:
    assert answer.status_code == 200
    return cells(b"".join(answer.streaming_content))


def cells(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode(), newline="")))


def theme_all(themes: list[str]) -> list[Activity]:
    rows = list(Activity.objects.order_by("pk")[: len(themes)])
    for row, theme in zip(rows, themes, strict=True):
        row.theme = theme
        row.save(update_fields=["theme"])
    return rows


def test_postgresql_writes_every_list_as_python_does(large, person):
    theme_all(THEMES)
    Contact.objects.filter(pk=Contact.objects.earliest("pk").pk).update(
        diagnosis_category=DiagnosisCategory.objects.first(), last_name="=2+2"
    )
    scope = scope_for(person(COORDINATOR))
    assert get_resolver().url_patterns  # By which the admin's lists are registered.
    told = set()
    for one in viewsets.viewsets:
        if not isinstance(one, ScopedViewSet) or not isinstance(one.list_export, list):
            continue
        view = one.index_view_class(list_export=one.list_export)
        rows = one.for_list(one.rows(scope)).order_by("pk")
        with translation.override("nn"):
            columns = view.export_columns(rows)
            if columns is None:
                continue
            by_postgresql, by_python = io.BytesIO(), io.BytesIO()
            with files._at_one_moment():
                number = files._copy(rows.values_list(*columns), by_postgresql)
                assert number == files._write(view, rows, by_python)[1]
        assert cells(by_postgresql.getvalue()) == cells(by_python.getvalue()), one.name
        told |= {one.name} if number else set()
    assert {"activities", "contacts", "assignments", "certifications", "roles", "local_memberships"} <= told


def test_an_export_runs_no_formula_and_has_the_time_of_the_clocks_on_the_wall(large, browser_of):
    theme_all(THEMES)
    row = Activity.objects.filter(status="approved").latest("pk")
    row.theme, row.decided_at = "Sommertid", datetime(2026, 7, 1, 22, 30, 5, 999999, tzinfo=UTC)
    row.save(update_fields=["theme", "decided_at"])
    _head, *rows = table(browser_of("nhf", COORDINATOR).get(EXPORT))
    written = [row[COLUMNS.index("theme")] for row in rows]
    assert {escape(theme) for theme in THEMES} <= set(written)
    assert {unescape(theme) for theme in written} >= set(THEMES)
    [summer] = [row for row in rows if "Sommertid" in row]
    assert summer[COLUMNS.index("decided_at")] == "2026-07-02 00:30:05"


def test_an_export_names_everybody_once_and_counts_all_rows(large, browser_of):
    table(browser_of("nhf", COORDINATOR).get(f"{EXPORT}&status=approved"))
    approved = Activity.objects.filter(status="approved")
    event = AuditEvent.objects.get(action="activity.exported")
    assert event.changes == {"rows": [None, approved.count()], "filters": [None, {"status": "approved"}]}
    assert len(event.subject_ids) == len(set(event.subject_ids))
    assert set(event.subject_ids) == set(approved.values_list("mentor", flat=True))


def test_a_list_that_python_writes_is_on_the_record_alike(large, browser_of):
    rows = table(browser_of("nhf", COORDINATOR).get("/admin/members/?export=csv"))
    event = AuditEvent.objects.get(action="membership.exported")
    # Who took it is told nothing of themselves.
    others = [row for row in rows[1:] if COORDINATOR not in row]
    assert event.changes["rows"] == [None, len(others)] and len(others) == len(rows) - 2
    assert len(event.subject_ids) == len(others)


def test_the_order_and_the_search_of_the_page_are_those_of_the_file(large, browser_of):
    client = browser_of("nhf", COORDINATOR)
    days = [row[0] for row in table(client.get(f"{EXPORT}&ordering=started_at"))[1:]]
    assert days == sorted(days)
    assert len(days) == Activity.objects.count()
    theme_all(["Seilduk"])
    assert len(table(client.get(f"{EXPORT}&q=seilduk"))) == 2


def test_a_list_without_columns_hands_out_none_of_its_rows_texts(nhf):
    assert columns_of(Contact.objects.all(), []) is None


def test_a_file_holds_what_was_there_at_one_moment(own_database):
    with files._at_one_moment(), connection.cursor() as cursor:
        cursor.execute("SHOW transaction_isolation")
        assert cursor.fetchone() == ("repeatable read",)
