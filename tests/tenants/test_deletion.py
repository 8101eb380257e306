"""A closed organisation's data is deleted only after a notice and with a dump that can be read back."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from django_tenants.utils import schema_context

from domain.audit.models import AuditEvent
from domain.identity.models import User
from tenants import pgtools
from tenants.choices import JobState, OrganizationStatus
from tenants.deletion_notices import NOTICE, due_notices
from tenants.dumps import DumpFailed, verify_dump, write_dump
from tenants.jobs import enqueue
from tenants.lifecycle import drop_organization, reopen_organization
from tenants.models import JobRun, Organization
from tests.support.jobs import work_off


@pytest.fixture
def organization(own_database) -> Organization:
    return Organization.objects.get(schema_name="nhf")


def close(organization: Organization, *, days: float) -> None:
    """Closed, its data to be deleted in so many days."""
    Organization.objects.filter(pk=organization.pk).update(
        status=OrganizationStatus.CLOSED, drop_after=timezone.now() + timedelta(days=days)
    )
    organization.refresh_from_db()


def hour() -> list[str]:
    """What the hourly jobs do."""
    template = Organization.objects.get(schema_name="meander_template")
    enqueue("organization.announce_deletions", template, key="test")
    enqueue("organization.drop_due", template, key="test")
    return work_off()


def later(organization: Organization, **time: float) -> None:
    """Let time pass for the organisation."""
    delta = timedelta(**time)
    Organization.objects.filter(pk=organization.pk).update(drop_after=organization.drop_after - delta)
    for run in JobRun.objects.filter(organization=organization, name=NOTICE):
        key = run.key.replace(
            f"{organization.drop_after:%Y-%m-%dT%H:%M:%S.%f}",
            f"{organization.drop_after - delta:%Y-%m-%dT%H:%M:%S.%f}",
        )
        JobRun.objects.filter(pk=run.pk).update(key=key, finished_at=run.finished_at - delta)
    organization.refresh_from_db()


def exists(organization: Organization) -> bool:
    return Organization.objects.filter(pk=organization.pk).exists()


def test_the_owners_get_a_mail_a_week_and_a_day_before(organization, mailbox):
    owner = User.objects.get(email="owner@meander.example")
    User.objects.filter(pk=owner.pk).update(language="nn")
    close(organization, days=7.5)
    hour()
    assert mailbox == []
    later(organization, days=1)
    for _hour in range(3):
        hour()
    assert [message["To"] for message in mailbox] == [owner.email]
    assert "Norges Handikapforbund" in mailbox[0]["Subject"]
    assert "blir sletta" in mailbox[0]["Subject"]
    assert f"/admin/organizations/{organization.pk}/" in mailbox[0].get_content()
    later(organization, days=6)
    for _hour in range(3):
        hour()
    assert len(mailbox) == 2
    assert exists(organization)


def test_data_is_deleted_on_its_day_once_it_was_announced_a_day_before(organization, mailbox):
    close(organization, days=0.9)
    hour()
    assert len(mailbox) == 1
    later(organization, hours=23)
    hour()
    assert exists(organization), "its day has come, but the owners have had less than a day"
    later(organization, hours=1.1)
    hour()
    assert not exists(organization)
    with schema_context("platform"):
        event = AuditEvent.objects.get(action="organization.dropped", object_id=str(organization.pk))
    assert event.changes["dump"][1].startswith("nhf-")
    assert event.changes["dump_verified_at"][1]


def test_whoever_is_reopened_and_closed_again_is_announced_again(organization, mailbox):
    close(organization, days=0.5)
    hour()
    reopen_organization(organization, by=None)
    hour()
    assert len(mailbox) == 1
    close(organization, days=0.5)
    hour()
    assert len(mailbox) == 2


def test_a_notice_that_can_not_be_sent_postpones_the_deletion(organization, mailbox):
    User.objects.filter(platform_role="owner").update(email=None)
    close(organization, days=-30)
    hour()
    run = JobRun.objects.get(organization=organization, name=NOTICE)
    assert (run.state, mailbox) == (JobState.FAILED, [])
    assert due_notices(timezone.now()) == []
    assert [days for _organization, days in due_notices(timezone.now() + timedelta(days=1))] == [1]
    later(organization, days=3)
    hour()
    assert exists(organization)


@pytest.fixture
def damaging_programs(tmp_path, settings):
    """A pg_dump whose archive lacks its end, as after a full disk that nobody noticed."""
    folder = tmp_path / "bin"
    folder.mkdir()
    real_dump, real_restore = pgtools.program("pg_dump"), pgtools.program("pg_restore")
    (folder / "pg_dump").write_text(
        f'#!/bin/sh\n"{real_dump}" "$@" || exit 1\n'
        'for word; do case "$word" in --file=*) truncate -s -4000 "${word#--file=}";; esac; done\n'
    )
    (folder / "pg_restore").write_text(f'#!/bin/sh\nexec "{real_restore}" "$@"\n')
    for program in folder.iterdir():
        program.chmod(0o700)
    settings.POSTGRES_BIN_DIR = str(folder)


def test_nothing_is_deleted_when_the_dump_can_not_be_read_back(organization, mailbox, damaging_programs):
    close(organization, days=-1)
    hour()
    later(organization, days=1.1)
    hour()
    assert exists(organization)
    run = JobRun.objects.filter(name="organization.drop_due").latest("created_at")
    assert run.state == JobState.FAILED
    assert "can't be read back" in run.error
    with pytest.raises(DumpFailed, match="pg_restore"):
        drop_organization(organization)


def test_a_dump_is_verified_part_by_part(organization):
    dump = write_dump(organization)
    verify_dump(dump, organization)
    with pytest.raises(DumpFailed, match="another organisation"):
        verify_dump(dump, Organization.objects.get(schema_name="blindeforbundet"))
    for part in ("files.tar", "shared.json", "schema.pgdump"):
        content = Path(dump, part).read_bytes()
        Path(dump, part).write_bytes(content[:-20])
        with pytest.raises(DumpFailed, match="checksum"):
            verify_dump(dump, organization)
        Path(dump, part).write_bytes(content)
    Path(dump, "manifest.json").unlink()
    with pytest.raises(DumpFailed, match="no complete dump"):
        verify_dump(dump, organization)
