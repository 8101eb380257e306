"""The list of organisations: what it says, filters, search, order, export, and how many queries it takes."""

import csv
import io
from datetime import timedelta

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django_tenants.utils import schema_context

from domain.identity.sessions import open_session
from tenants.choices import OrganizationStatus
from tenants.models import Domain, Organization

pytestmark = pytest.mark.django_db


def rows(answer) -> list[str]:
    return [organization.name for organization in answer.context["object_list"]]


def test_it_shows_the_platform_and_its_customers_but_not_the_template(browser):
    answer = browser.get(reverse("organizations:index"))

    assert rows(answer) == ["Meander", "Norges Blindeforbund", "Norges Handikapforbund"]
    page = answer.content.decode()
    assert "nhf.localhost" in page
    assert "Up to date" in page
    assert "MB" in page or "KB" in page


def test_an_organisation_that_lacks_a_migration_is_shown_as_behind(browser):
    with schema_context("public"), connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM nhf.django_migrations WHERE id = (SELECT max(id) FROM nhf.django_migrations)"
        )

    page = browser.get(reverse("organizations:index"))

    assert {row.schema_name: str(row.schema_version) for row in page.context["object_list"]} == {
        "platform": "Up to date",
        "blindeforbundet": "Up to date",
        "nhf": "Behind",
    }


def test_the_last_activity_is_that_of_the_members_sessions(browser, person, nhf):
    session = open_session(person("mentor@nhf.example"), nhf).session
    seen = timezone.now() - timedelta(days=3)
    type(session).objects.filter(pk=session.pk).update(last_seen_at=seen)

    found = {
        row.schema_name: row.last_activity
        for row in browser.get(reverse("organizations:index")).context["object_list"]
    }

    assert found["nhf"] == seen
    assert found["blindeforbundet"] is None


@pytest.mark.parametrize("words", ["handikap", "NHF", "nhf.localhost"])
def test_it_finds_organisations_by_name_schema_and_host(browser, words):
    assert rows(browser.get(reverse("organizations:results"), {"q": words})) == ["Norges Handikapforbund"]


def test_it_filters_by_status(browser):
    Organization.objects.filter(schema_name="nhf").update(status=OrganizationStatus.SUSPENDED)

    assert rows(browser.get(reverse("organizations:index"), {"status": "suspended"})) == [
        "Norges Handikapforbund"
    ]
    assert len(rows(browser.get(reverse("organizations:index"), {"status": ["suspended", "active"]}))) == 3


@pytest.mark.parametrize(
    "order", ["name", "-name", "status", "database_bytes", "-database_bytes", "-last_activity", "created_at"]
)
def test_it_sorts_by_every_column_that_says_so(browser, order):
    answer = browser.get(reverse("organizations:index"), {"ordering": order})

    assert len(rows(answer)) == 3
    if order == "-name":
        assert rows(answer)[0] == "Norges Handikapforbund"


def test_it_takes_as_many_queries_for_many_organisations_as_for_few(browser):
    address = reverse("organizations:index")
    browser.get(address)
    with CaptureQueriesContext(connection) as few:
        browser.get(address)
    connection.set_schema_to_public()
    for number in range(20):
        made = Organization.objects.create(
            schema_name=f"more{number}", slug=f"more{number}", name=f"More {number}", short_name="M"
        )
        Domain.objects.create(tenant=made, domain=f"more{number}.localhost", is_primary=True)
    with CaptureQueriesContext(connection) as many:
        answer = browser.get(address)

    assert len(rows(answer)) == 23
    assert len(many) == len(few)


def test_the_csv_holds_all_rows_and_runs_no_formula(browser):
    Organization.objects.filter(schema_name="nhf").update(name="=HYPERLINK(1)")

    answer = browser.get(reverse("organizations:index"), {"export": "csv"})

    table = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))
    assert [row["Name"] for row in table] == ["'=HYPERLINK(1)", "Meander", "Norges Blindeforbund"]
    assert [row["Hosts"] for row in table] == ["nhf.localhost", "localhost", "blindeforbundet.localhost"]
    assert int(table[0]["Size in bytes"]) > 100_000


def test_the_xlsx_has_the_same_rows(browser):
    answer = browser.get(reverse("organizations:index"), {"export": "xlsx"})

    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    assert [row[0].value for row in sheet.iter_rows()] == [
        "Name",
        "Meander",
        "Norges Blindeforbund",
        "Norges Handikapforbund",
    ]
