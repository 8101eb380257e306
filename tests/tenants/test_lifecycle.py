"""Suspending, resuming, closing, reopening; who may; what the public sees; what the record keeps."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone
from django_tenants.utils import schema_context

from domain.audit.models import AuditEvent
from domain.identity.models import User
from tenants import dumps
from tenants.choices import OrganizationStatus
from tenants.lifecycle import (
    close_organization,
    drop_organization,
    reopen_organization,
    resume_organization,
    suspend_organization,
)
from tenants.models import Organization

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(db) -> User:
    return User.objects.get(email="owner@meander.example")


@pytest.fixture
def organization(db) -> Organization:
    return Organization.objects.get(schema_name="nhf")


def last_record() -> AuditEvent:
    with schema_context(settings.PLATFORM_SCHEMA):
        return AuditEvent.objects.order_by("-at", "-id").first()


def test_a_suspended_organisation_answers_403_as_a_page_and_as_a_problem(organization, owner, browser_of):
    suspend_organization(organization, by=owner, reason="Unpaid since March")
    browser = browser_of("nhf")
    for path in ("/", "/admin/", "/admin/login/", "/media/x", "/documents/1/x"):
        page = browser.get(path)
        assert page.status_code == 403
        assert page["Content-Type"].startswith("text/html")
        assert "Norges Handikapforbund" in page.content.decode()
        assert "Unpaid" not in page.content.decode()
    problem = browser.get("/api/v1/content/faqs/")
    assert problem.status_code == 403
    assert problem["Content-Type"] == "application/problem+json"
    assert problem.json()["type"] == "/problems/organization-suspended"
    assert browser_of("blindeforbundet").get("/admin/login/").status_code == 200


def test_the_problem_of_a_closed_organisation_says_closed(organization, browser_of):
    Organization.objects.filter(pk=organization.pk).update(status=OrganizationStatus.CLOSED)
    assert browser_of("nhf").get("/api/v1/me/").json()["type"] == "/problems/organization-closed"
    page = browser_of("nhf").get("/")
    assert page.status_code == 403
    assert "Norges Handikapforbund" in page.content.decode()


def test_a_resumed_organisation_answers_again_at_once(
    organization, owner, browser_of, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        suspend_organization(organization, by=owner, reason="A mistake")
    assert browser_of("nhf").get("/admin/login/").status_code == 403
    with django_capture_on_commit_callbacks(execute=True):
        resume_organization(organization, by=owner)
    assert browser_of("nhf").get("/admin/login/").status_code == 200
    organization.refresh_from_db()
    assert organization.status_reason == ""


def test_what_was_done_is_in_the_platforms_record(organization, owner):
    suspend_organization(organization, by=owner, reason="Unpaid since March")
    event = last_record()
    assert event.action == "organization.suspended"
    assert event.actor_id == owner.pk
    assert event.object_id == str(organization.pk)
    assert event.reason == "Unpaid since March"
    assert event.changes == {"status": ["active", "suspended"]}


def test_the_change_and_its_record_are_one(organization, owner, monkeypatch):
    from tenants import events

    def refuse(event):
        raise RuntimeError("no record, no change")

    monkeypatch.setattr(events, "receivers", [*events.receivers, refuse])
    with pytest.raises(RuntimeError):
        suspend_organization(organization, by=owner, reason="Unpaid")
    organization.refresh_from_db()
    assert organization.status == OrganizationStatus.ACTIVE
    assert last_record() is None or last_record().action != "organization.suspended"


def test_platform_staff_can_do_it_from_the_platforms_own_site(organization, owner):
    with schema_context(settings.PLATFORM_SCHEMA):
        suspend_organization(organization, by=owner, reason="Unpaid")
        resume_organization(organization, by=owner)
    organization.refresh_from_db()
    assert organization.status == OrganizationStatus.ACTIVE


def test_nobody_of_an_organisation_can_change_its_status(organization, person):
    admin = person("admin@nhf.example")
    with pytest.raises(PermissionDenied):
        suspend_organization(organization, by=admin, reason="Why not")
    with pytest.raises(PermissionDenied):
        close_organization(organization, by=admin, reason="Why not")


@pytest.mark.parametrize("reason", ["", "   ", "x" * 501])
def test_a_reason_is_required_and_short(organization, owner, reason):
    with pytest.raises(ValidationError):
        suspend_organization(organization, by=owner, reason=reason)


def test_only_the_next_state_can_be_reached(organization, owner):
    with pytest.raises(ValidationError):
        resume_organization(organization, by=owner)
    with pytest.raises(ValidationError):
        reopen_organization(organization, by=owner)
    suspend_organization(organization, by=owner, reason="Unpaid")
    with pytest.raises(ValidationError):
        suspend_organization(organization, by=owner, reason="Unpaid")


@pytest.mark.parametrize("schema", ["platform", "meander_template"])
def test_the_platform_and_the_template_can_be_neither_suspended_nor_closed(owner, schema):
    organization = Organization.objects.get(schema_name=schema)
    with pytest.raises(ValidationError):
        suspend_organization(organization, by=owner, reason="Unpaid")
    with pytest.raises(ValidationError):
        close_organization(organization, by=owner, reason="Unpaid")


def test_closing_writes_a_dump_and_sets_the_day_of_deletion(organization, owner, settings):
    settings.ORGANIZATION_GRACE_DAYS = 30
    close_organization(organization, by=owner, reason="Moved elsewhere")
    assert organization.status == OrganizationStatus.CLOSED
    remaining = organization.drop_after - timezone.now()
    assert timedelta(days=29, hours=23) < remaining <= timedelta(days=30)
    dump = settings.DUMP_DIR / last_record().changes["dump"][1]
    manifest = dumps.read_manifest(dump)
    assert manifest["schema"] == "nhf"
    assert dump.stat().st_mode & 0o077 == 0
    assert all(part.stat().st_mode & 0o077 == 0 for part in dump.iterdir())


def test_a_closing_without_a_dump_does_not_happen(organization, owner, settings, tmp_path):
    settings.POSTGRES_BIN_DIR = str(tmp_path)  # an empty folder: no pg_dump
    with pytest.raises(dumps.DumpFailed, match="POSTGRES_BIN_DIR"):
        close_organization(organization, by=owner, reason="Moved elsewhere")
    organization.refresh_from_db()
    assert organization.status == OrganizationStatus.ACTIVE
    assert [path for path in settings.DUMP_DIR.iterdir() if "unfinished" in path.name] == []


def test_a_closed_organisation_can_be_reopened_within_the_grace_period(organization, owner):
    close_organization(organization, by=owner, reason="Moved elsewhere")
    reopen_organization(organization, by=owner)
    organization.refresh_from_db()
    assert organization.status == OrganizationStatus.ACTIVE
    assert organization.drop_after is None


def test_nothing_is_dropped_before_its_day(organization, owner):
    close_organization(organization, by=owner, reason="Moved elsewhere")
    with pytest.raises(ValidationError, match="grace"):
        drop_organization(organization)
    assert Organization.objects.filter(pk=organization.pk).exists()
