"""A new organisation from the form: what is asked and refused, what the job makes, what a failure leaves."""

from pathlib import Path

import pytest
from django.db import connection
from django.urls import reverse
from django_tenants.utils import schema_context

from cms.admin.organizations.creation import suggested_schema
from domain.audit.models import AuditEvent
from tenants.choices import JobState, OrganizationStatus
from tenants.models import Domain, JobRun, Organization
from tests.support.jobs import work_off

pytestmark = pytest.mark.django_db
FIELDS = {
    "name": "Norges Døveforbund",
    "short_name": "Døveforbundet",
    "schema_name": "",
    "host": "",
    "organization_number": "970 142 274",
    "contact_email": "post@ndf.example",
    "default_language": "nn",
    "brand_color": "#225588",
}


@pytest.fixture
def new():
    return reverse("organizations:new")


@pytest.mark.parametrize(
    ("name", "schema"),
    [
        ("NHF", "nhf"),
        ("Norges Døveforbund", "norges_doveforbund"),
        ("LHL Hjerneslag & afasi", "lhl_hjerneslag_afasi"),
        ("22. juli-støttegruppa", "juli_stottegruppa"),
        ("Sámi Đoarjja", "sami_doarjja"),
        ("中文", ""),
        ("x" * 60, "x" * 40),
    ],
)
def test_a_schema_name_is_suggested_from_the_name(name, schema):
    assert suggested_schema(name) == schema


def test_the_form_starts_a_job_and_leads_to_its_progress(browser, new, platform):
    answer = browser.post(new, FIELDS)

    run = JobRun.objects.get(name="organization.provision")
    assert answer.headers["Location"] == reverse("organizations:run", args=[run.pk]) + "?follow=1"
    assert run.organization == platform
    assert run.arguments["schema_name"] == "doveforbundet"
    assert run.arguments["host"] == "doveforbundet.localhost"
    assert run.arguments["organization_number"] == "970142274"
    assert not Organization.objects.filter(schema_name="doveforbundet").exists()


def test_sending_the_form_twice_is_one_job(browser, new):
    assert browser.post(new, FIELDS).headers["Location"] == browser.post(new, FIELDS).headers["Location"]
    assert JobRun.objects.count() == 1


def test_the_job_makes_the_organisation_and_the_page_leads_to_it(browser, new):
    where = browser.post(new, FIELDS).headers["Location"]

    work_off()

    made = Organization.objects.get(schema_name="doveforbundet")
    assert (made.status, made.default_language, made.brand_color) == (
        OrganizationStatus.ACTIVE,
        "nn",
        "#225588",
    )
    assert made.primary_host == "doveforbundet.localhost"
    answer = browser.get(where, follow=True)
    assert answer.redirect_chain[-1][0] == reverse("organizations:detail", args=[made.pk])
    assert "Norges Døveforbund is set up and ready." in answer.content.decode()
    with schema_context("platform"):
        event = AuditEvent.objects.get(action="organization.created", object_id=str(made.pk))
    assert (event.actor_label, event.object_label) == ("Unni Berg", "Norges Døveforbund")
    connection.set_schema_to_public()


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", "", "required"),
        ("schema_name", "Nhf", "be used as a schema name"),
        ("schema_name", "public", "reserved"),
        ("schema_name", "nhf", "Another organisation"),
        ("host", "nhf.localhost", "answers on this host already"),
        ("host", "not a host", "host name alone"),
        ("organization_number", "123456789", "not a Norwegian organisation number"),
        ("contact_email", "post", "valid email"),
        ("brand_color", "red", "six hex digits"),
        ("default_language", "de", "not one of"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field_and_the_rest_is_kept(browser, new, field, value, words):
    answer = browser.post(new, {**FIELDS, field: value})

    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == [field]
    assert words in str(answer.context["form"].errors[field])
    assert answer.context["form"]["short_name"].value() == "Døveforbundet"
    assert JobRun.objects.count() == 0


def test_a_name_without_latin_letters_asks_for_a_schema_name(browser, new):
    answer = browser.post(new, {**FIELDS, "short_name": "中文"})

    assert "schema_name" in answer.context["form"].errors


def test_when_the_host_was_taken_meanwhile_it_says_so_keeps_the_data_and_leaves_nothing(
    browser, new, settings
):
    where = browser.post(new, FIELDS).headers["Location"]
    Domain.objects.create(
        tenant=Organization.objects.get(schema_name="nhf"), domain="doveforbundet.localhost", is_primary=False
    )

    work_off()

    run = JobRun.objects.get()
    assert (run.state, run.attempts) == (JobState.FAILED, 1)
    page = browser.get(where)
    assert run.error in page.content.decode()
    again = browser.get(page.context["change_url"])
    assert again.context["form"]["name"].value() == "Norges Døveforbund"
    assert again.context["form"]["default_language"].value() == "nn"
    assert not Organization.objects.filter(schema_name="doveforbundet").exists()
    assert not Path(settings.MEDIA_ROOT, "doveforbundet").exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_namespace WHERE nspname = 'doveforbundet'")
        assert cursor.fetchone() is None


def test_the_progress_is_told_as_data_too(browser, new):
    browser.post(new, FIELDS)
    run = JobRun.objects.get()
    JobRun.objects.filter(pk=run.pk).update(state=JobState.RUNNING, progress=70, step="Cloning")

    answer = browser.get(reverse("organizations:run_state", args=[run.pk]))

    assert answer.json() == {"progress": 70, "text": "Cloning", "ended": False}
    assert "no-store" in answer.headers["Cache-Control"]


def test_the_progress_page_works_without_scripts(browser, new):
    browser.post(new, FIELDS)
    JobRun.objects.update(state=JobState.RUNNING, progress=70, step="Cloning the template")

    page = browser.get(reverse("organizations:run", args=[JobRun.objects.get().pk])).content.decode()

    assert '<noscript><meta http-equiv="refresh" content="3"></noscript>' in page
    assert 'role="progressbar"' in page
    assert 'aria-valuenow="70"' in page
    assert "Cloning the template" in page


def test_when_no_worker_runs_the_page_says_that_it_waits_for_one(browser, new):
    answer = browser.get(browser.post(new, FIELDS).headers["Location"])

    assert "No worker is running" in answer.content.decode()
