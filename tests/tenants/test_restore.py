"""Dropping after the grace period, and bringing one organisation back while the others go on."""

import hashlib
import io
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.utils import timezone
from django_tenants.utils import schema_context
from wagtail.models import Site

from cms.models import FaqCategory
from domain.identity.models import Membership
from tenants.choices import OrganizationStatus
from tenants.dumps import DumpUnusable, write_dump
from tenants.models import Domain, Organization
from tenants.restore import ASIDE, restore_organization
from tenants.roles import role_exists
from tests.tenants.structure import structure


@pytest.fixture(autouse=True)
def _own_database(own_database):
    """Everything here is committed."""


def checksum(schema: str) -> str:
    """Of every row of a schema, read as owner."""
    digest = hashlib.sha256()
    with connection.as_owner(), connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s ORDER BY 1", [schema])
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT t::text FROM "{schema}"."{table}" t ORDER BY 1')
            digest.update(repr((table, cursor.fetchall())).encode())
    return digest.hexdigest()


def say(command: str, *arguments: str) -> str:
    said = io.StringIO()
    call_command(command, *arguments, stdout=said)
    return said.getvalue()


def put_file() -> Path:
    path = Path(settings.MEDIA_ROOT, "nhf", "documents", "statutes.txt")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("Vedtekter")
    return path


def rename_site(name: str) -> None:
    with schema_context("nhf"):
        Site.objects.update(site_name=name)


def test_from_closing_to_gone_and_back():
    file = put_file()
    members = Membership.objects.filter(organization__schema_name="nhf").count()
    pk = Organization.objects.get(schema_name="nhf").pk
    others = {schema: checksum(schema) for schema in ("blindeforbundet", "meander_template")}
    before = structure("nhf")

    assert "nhf is closed" in say("close_organization", "nhf", "--reason", "Moved elsewhere")
    assert say("drop_closed") == ""
    assert Organization.objects.filter(pk=pk).exists()
    Organization.objects.filter(pk=pk).update(drop_after=timezone.now() - timedelta(seconds=1))
    assert "due since" in say("drop_closed", "--dry-run")
    dump = Path(say("drop_closed").strip().rpartition(" is ")[2])

    assert not Organization.objects.filter(pk=pk).exists()
    assert not Domain.objects.filter(domain="nhf.localhost").exists()
    assert not role_exists("nhf")
    assert not file.exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regnamespace('nhf')")
        assert cursor.fetchone() == (None,)

    assert "its status is suspended" in say("restore_organization", str(dump))
    organization = Organization.objects.get(pk=pk)
    assert organization.status == OrganizationStatus.SUSPENDED
    assert organization.primary_host == "nhf.localhost"
    assert Membership.objects.filter(organization=organization).count() == members
    assert file.read_text() == "Vedtekter"
    assert structure("nhf") == before
    assert role_exists("nhf")
    with schema_context("nhf"):
        assert Site.objects.get().site_name == "Norges Handikapforbund"
    assert {schema: checksum(schema) for schema in others} == others
    assert "nhf is active" in say("resume_organization", "nhf")


def test_an_organisation_in_use_goes_back_to_the_dump_and_keeps_its_status():
    file = put_file()
    organization = Organization.objects.get(schema_name="nhf")
    dump = write_dump(organization)
    rename_site("Overwritten by mistake")
    file.write_text("Overwritten")
    other = checksum("blindeforbundet")
    restored = restore_organization(dump)
    assert restored.status == OrganizationStatus.ACTIVE
    with schema_context("nhf"):
        assert Site.objects.get().site_name == "Norges Handikapforbund"
    assert file.read_text() == "Vedtekter"
    assert checksum("blindeforbundet") == other


def test_a_damaged_dump_changes_nothing():
    dump = write_dump(Organization.objects.get(schema_name="nhf"))
    with (dump / "schema.pgdump").open("r+b") as file:
        file.seek(100)
        file.write(b"damaged")
    before = checksum("nhf")
    with pytest.raises(DumpUnusable, match="checksum"):
        restore_organization(dump)
    with pytest.raises(CommandError, match="checksum"):
        say("restore_organization", str(dump))
    assert checksum("nhf") == before


def test_a_restore_that_fails_leaves_the_organisation_as_it_was(tmp_path, settings):
    dump = write_dump(Organization.objects.get(schema_name="nhf"))
    before = checksum("nhf")
    settings.POSTGRES_BIN_DIR = str(tmp_path)  # no pg_restore there
    with pytest.raises(CommandError, match="pg_restore"):
        say("restore_organization", str(dump))
    assert checksum("nhf") == before
    assert Organization.objects.get(schema_name="nhf").status == OrganizationStatus.ACTIVE


def test_a_restore_that_was_killed_starts_anew():
    dump = write_dump(Organization.objects.get(schema_name="nhf"))
    with connection.as_owner(), connection.cursor() as cursor:
        cursor.execute(f"ALTER SCHEMA nhf RENAME TO nhf{ASIDE}; CREATE SCHEMA nhf")
    restore_organization(dump)
    with schema_context("nhf"):
        assert Site.objects.count() == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regnamespace(%s)", [f"nhf{ASIDE}"])
        assert cursor.fetchone() == (None,)


def test_a_host_that_is_somebody_elses_now_stops_a_restore():
    organization = Organization.objects.get(schema_name="nhf")
    dump = write_dump(organization)
    Domain.objects.filter(domain="nhf.localhost").update(
        tenant=Organization.objects.get(schema_name="blindeforbundet"), is_primary=False
    )
    with pytest.raises(CommandError, match=r"nhf\.localhost"):
        say("restore_organization", str(dump))


@pytest.mark.parametrize("command", ["suspend_organization", "close_organization"])
def test_commands_say_what_is_wrong_with_code_1(command):
    with pytest.raises(CommandError, match="nowhere"):
        say(command, "nowhere", "--reason", "Why")
    with pytest.raises(CommandError):
        say(command, "platform", "--reason", "Why")


def test_an_organisation_is_made_by_one_command():
    said = say("create_organization", "lhl", "lhl.localhost", "--name", "LHL")
    assert said.startswith("lhl.localhost is ready after")
    with pytest.raises(CommandError, match="already exists"):
        say("create_organization", "lhl", "other.localhost", "--name", "LHL")
    with pytest.raises(CommandError, match=r"host|domain"):
        say("create_organization", "lhl2", "a b", "--name", "LHL")


def test_references_to_shared_rows_that_are_gone_are_found():
    assert "has its target" in say("check_references")
    with connection.as_owner(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE nhf.config_featurearea SET updated_by_id = gen_random_uuid() WHERE area = 'faqs'"
        )
    with pytest.raises(CommandError, match="1 rows"):
        say("check_references")


def transaction_ids(schema: str) -> dict[tuple[str, str], list[int]]:
    """The transaction ids kept in a schema, by table and column."""
    found = {}
    with connection.as_owner(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns "
            "WHERE table_schema = %s AND udt_name = 'xid8'",
            [schema],
        )
        for table, column in cursor.fetchall():
            cursor.execute(
                f'SELECT "{column}"::text FROM "{schema}"."{table}" WHERE "{column}" IS NOT NULL ORDER BY 1'
            )
            found[table, column] = [int(row[0]) for row in cursor.fetchall()]
    return found


def test_transaction_ids_of_another_server_do_not_lie_in_the_future_after_a_restore():
    """There a client that synchronises would wait for them for years."""
    far = 9_000_000_000_000
    for name in ("One", "Two", "Three"):  # Each its own transaction, each noted for the apps.
        with schema_context("nhf"):
            FaqCategory.objects.create(name=name)
    kept = transaction_ids("nhf")
    per_transaction = "api_contentchange", "xid"
    assert len(kept[per_transaction]) >= 3
    with connection.as_owner(), connection.cursor() as cursor:
        for table, column in kept:
            cursor.execute(
                f"ALTER TABLE nhf.{table} DISABLE TRIGGER USER;"
                f"UPDATE nhf.{table} SET {column} = ({column}::text::bigint + {far})::text::xid8;"
                f"ALTER TABLE nhf.{table} ENABLE TRIGGER USER"
            )
        cursor.execute("SELECT area, version, updated_at FROM nhf.config_featurearea ORDER BY area")
        before = cursor.fetchall()
    dump = write_dump(Organization.objects.get(schema_name="nhf"))
    restore_organization(dump)

    with connection.as_owner(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text")
        now = int(cursor.fetchone()[0])
        cursor.execute("SELECT area, version, updated_at FROM nhf.config_featurearea ORDER BY area")
        assert cursor.fetchall() == before
    stamped = transaction_ids("nhf")
    assert len(stamped.pop(per_transaction)) == 1
    del kept[per_transaction]
    # Notes for phones, which begin anew.
    notes = "sync_synctablechange", "xid"
    assert kept.pop(notes) and all(value < now for value in stamped.pop(notes))
    assert {key: len(values) for key, values in stamped.items()} == {
        key: len(values) for key, values in kept.items()
    }
    for key, values in stamped.items():
        assert all(value < now for value in values), key
    # The triggers are on again, and a later change has a later id.
    with schema_context("nhf"), connection.cursor() as cursor:
        cursor.execute("UPDATE config_featurearea SET enabled = NOT enabled WHERE area = 'faqs'")
        cursor.execute("SELECT version, change_xid::text::bigint FROM config_featurearea WHERE area = 'faqs'")
        version, xid = cursor.fetchone()
    assert version == {area: version for area, version, _at in before}["faqs"] + 1
    assert xid > max(stamped["config_featurearea", "change_xid"])
