"""Schedules: who is due, how often, and that one failing doesn't stop the others."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone
from django_tenants.utils import schema_context
from wagtail.models import Locale

from cms.jobs import organizations_with_content_due
from cms.models import FaqCategory, FaqEntry
from domain.audit.jobs import ACTIVITY
from domain.audit.models import AuditEvent
from domain.audit.rules import record
from tenants import schedules
from tenants.choices import JobState, OrganizationStatus
from tenants.housekeeping import KEPT
from tenants.jobs import enqueue, registry
from tenants.models import Heartbeat, JobRun, Organization
from tests.support.jobs import work_off

pytestmark = pytest.mark.django_db


@pytest.fixture
def only(monkeypatch):
    """Leaves the named schedules alone in the world."""

    def keep(*names: str) -> None:
        kept = {name: schedules.schedules[name] for name in names}
        monkeypatch.setattr(schedules, "schedules", kept)

    return keep


def entry(**fields) -> FaqEntry:
    locale = Locale.objects.get(language_code="nb")
    category = FaqCategory.objects.create(name="Reiser", locale=locale)
    return FaqEntry.objects.create(
        question="Får jeg dekket reisen?", answer="<p>Ja</p>", category=category, locale=locale, **fields
    )


def due() -> set[str]:
    with schema_context("public"):
        return {row.schema_name for row in organizations_with_content_due(timezone.now())}


def test_every_job_has_a_name_for_people():
    assert [
        name for name, job in registry.items() if job.title == name and not name.startswith("sample.")
    ] == []


def test_an_organisation_with_nothing_scheduled_is_not_due(nhf):
    entry()

    assert "nhf" not in due()


def test_what_has_expired_is_unpublished_by_the_schedule(nhf, only):
    only("content.publish_scheduled")
    expired = entry(live=True, expire_at=timezone.now() - timedelta(minutes=1))
    kept = FaqEntry.objects.create(
        question="Og maten?", answer="<p>Ja</p>", category=expired.category, locale=expired.locale, live=True
    )
    assert "nhf" in due()

    schedules.tick()
    work_off()

    with schema_context("nhf"):
        expired.refresh_from_db()
        kept.refresh_from_db()
    assert (expired.live, expired.expired, kept.live) == (False, True, True)
    assert "nhf" not in due()


def test_a_draft_whose_time_has_come_is_published_by_the_schedule(nhf, only):
    only("content.publish_scheduled")
    draft = entry(live=False)
    draft.go_live_at = timezone.now() + timedelta(hours=1)
    revision = draft.save_revision()
    revision.publish()
    assert "nhf" not in due()
    type(revision).objects.filter(pk=revision.pk).update(
        approved_go_live_at=timezone.now() - timedelta(minutes=1)
    )
    content = {**revision.content, "go_live_at": (timezone.now() - timedelta(minutes=1)).isoformat()}
    type(revision).objects.filter(pk=revision.pk).update(content=content)

    schedules.tick()
    work_off()

    with schema_context("nhf"):
        draft.refresh_from_db()
    assert draft.live


def test_content_of_a_suspended_organisation_waits(nhf):
    entry(live=True, expire_at=timezone.now() - timedelta(minutes=1))
    with schema_context("public"):
        Organization.objects.filter(pk=nhf.pk).update(status=OrganizationStatus.SUSPENDED)

    assert "nhf" not in due()


def test_a_schedule_comes_once_in_its_interval_whatever_ticks(nhf, only):
    only("worker.heartbeat")
    now = timezone.now()
    with schema_context("public"):
        Heartbeat.objects.filter(name="schedule:worker.heartbeat").delete()

    assert [schedules.tick(now + timedelta(seconds=s)) for s in (0, 1, 5)] == [1, 0, 0]
    work_off()
    assert [schedules.tick(now + timedelta(seconds=s)) for s in (10, 11, 15)] == [1, 0, 0]


def test_a_schedule_that_fails_leaves_the_others_be(nhf, only, monkeypatch):
    only("worker.heartbeat", "worker.purge")
    with schema_context("public"):
        Heartbeat.objects.filter(name__startswith="schedule:").delete()

    def broken(now):
        raise RuntimeError("no idea who is due")

    schedules.schedules["worker.heartbeat"] = replace(schedules.schedules["worker.heartbeat"], due=broken)

    assert schedules.tick() == 1


def test_a_sign_of_life_leaves_its_time_and_no_run(nhf, only):
    only("worker.heartbeat")
    with schema_context("public"):
        Heartbeat.objects.all().delete()

    schedules.tick()
    assert work_off() == ["done"]

    with schema_context("public"):
        assert Heartbeat.objects.get(name="worker").at > timezone.now() - timedelta(seconds=5)
        assert not JobRun.objects.filter(name="worker.heartbeat").exists()


def test_records_of_jobs_are_deleted_after_thirty_days(nhf):
    with schema_context("public"):
        template = Organization.objects.get(kind="template")
        for key, age in (("old", KEPT + timedelta(hours=1)), ("young", KEPT - timedelta(hours=1))):
            JobRun.objects.create(
                organization=nhf, name="x", key=key, state=JobState.DONE, finished_at=timezone.now() - age
            )
        enqueue("worker.purge", template, key="now")

    work_off()

    with schema_context("public"):
        assert set(JobRun.objects.filter(name="x").values_list("key", flat=True)) == {"young"}


def test_a_run_the_queue_has_lost_is_put_back(nhf):
    with schema_context("public"):
        template = Organization.objects.get(kind="template")
        lost = JobRun.objects.create(organization=nhf, name="content.publish_scheduled", key="lost")
        JobRun.objects.filter(pk=lost.pk).update(created_at=timezone.now() - timedelta(hours=2))
        enqueue("worker.rescue_lost", template, key="now")

    assert work_off() == ["done", "done"]

    with schema_context("public"):
        lost.refresh_from_db()
    assert lost.state == JobState.DONE


def test_the_last_activity_of_people_is_noted_and_that_of_the_system_is_not(nhf, person):
    record("faq.published", nhf, by=person("admin@nhf.example"))
    last = AuditEvent.objects.filter(actor_id__isnull=False).latest("at").at
    record("faq.expired", nhf, by=None)
    with schema_context("public"):
        enqueue("audit.note_activity", Organization.objects.get(kind="template"), key="now")

    work_off()

    with schema_context("public"):
        noted = dict(Heartbeat.objects.filter(name__startswith=ACTIVITY).values_list("name", "at"))
    assert noted["activity:nhf"] == last
    assert "activity:blindeforbundet" not in noted
