"""Migrating the fleet: order, parallel, what fails, what resumes, what is refused."""

import io
import json
import threading

import psycopg
import pytest
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from tenants.fleet import PublicBehind, migrate_schema, pending_schemas
from tenants.locks import FLEET
from tenants.models import Organization
from tenants.roles import drop_role, role_exists, schemas_lacking_rights
from tests.tenants.structure import structure

# A migration of one index that nothing depends on: easily undone, and half undone it fails.
STEP = ("audit", "0006_find_by_principal")
FLEET_SCHEMAS = ["blindeforbundet", "nhf", "platform"]


@pytest.fixture(autouse=True)
def _own_database(own_database):
    """Each of these tests migrates for good."""


def owner_says(statement: str, *parameters) -> list:
    with connection.as_owner(), connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else []


def set_back(schema: str, *, broken: bool = False) -> None:
    """As if the schema had never had STEP; `broken`: so that applying it fails."""
    if not broken:
        owner_says(f"DROP INDEX {schema}.audit_by_principal")
    owner_says(f"DELETE FROM {schema}.django_migrations WHERE (app, name) = (%s, %s)", *STEP)


def set_public_back() -> None:
    owner_says("DELETE FROM public.django_migrations WHERE (app, name) = (%s, %s)", *STEP)


def migrate(*arguments: str) -> str:
    """The command's output; raises CommandError where it would end with code 1."""
    said = io.StringIO()
    try:
        call_command("migrate_fleet", *arguments, stdout=said)
    finally:
        migrate.said = said.getvalue()
    return migrate.said


def test_nothing_to_do_is_said_and_done_without_a_process():
    said = migrate()
    assert "0 schemas migrated, 5 up to date, 0 failed" in said
    migrate("--check")


def test_every_schema_behind_is_migrated_and_equals_the_template():
    for schema in ["meander_template", *FLEET_SCHEMAS]:
        set_back(schema)
    with pytest.raises(CommandError, match="blindeforbundet, meander_template, nhf, platform"):
        migrate("--check")
    said = migrate("--jobs", "2")
    assert "4 schemas migrated, 1 up to date, 0 failed" in said
    migrate("--check")
    template = structure("meander_template")
    for schema in FLEET_SCHEMAS:
        assert structure(schema) == template


def test_one_broken_schema_does_not_stop_the_rest_and_the_next_run_goes_on(tmp_path):
    set_back("blindeforbundet", broken=True)
    set_back("nhf")
    set_back("platform")
    with pytest.raises(CommandError, match="1 schemas failed"):
        migrate("--jobs", "2", "--report", str(tmp_path / "report.json"))
    assert pending_schemas(FLEET_SCHEMAS) == {"blindeforbundet"}
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["ok"] is False
    outcomes = {outcome["schema"]: outcome for outcome in report["outcomes"]}
    assert set(outcomes) == set(FLEET_SCHEMAS)
    assert outcomes["nhf"]["applied"] == [".".join(STEP)]
    assert outcomes["nhf"]["error"] == ""
    assert "already exists" in outcomes["blindeforbundet"]["error"]
    assert outcomes["blindeforbundet"]["seconds"] > 0
    assert "FAILED" in migrate.said

    owner_says("DROP INDEX blindeforbundet.audit_by_principal")
    assert "1 schemas migrated, 4 up to date, 0 failed" in migrate()


def test_a_failing_canary_is_the_only_one_touched():
    set_back("nhf", broken=True)
    set_back("blindeforbundet")
    with pytest.raises(CommandError, match="canary"):
        migrate("--canary", "nhf")
    assert pending_schemas(FLEET_SCHEMAS) == {"nhf", "blindeforbundet"}


def test_a_good_canary_goes_first():
    set_back("nhf")
    set_back("blindeforbundet")
    said = migrate("--canary", "nhf", "--jobs", "1")
    assert said.index("nhf") < said.index("blindeforbundet")
    assert pending_schemas(FLEET_SCHEMAS) == set()


def test_an_unknown_canary_is_refused():
    with pytest.raises(CommandError, match="nowhere"):
        migrate("--canary", "nowhere")


def test_public_comes_first_and_the_permission_of_a_new_model_with_it():
    """A model that public hasn't heard of yet: neither its content type nor its permissions are there."""
    set_public_back()
    row = "SELECT id FROM public.django_content_type WHERE (app_label, model) = ('config', 'featurearea')"
    for table, column in (("auth_group_permissions", "permission_id"), ("auth_permission", "id")):
        owner_says(
            f"DELETE FROM public.{table} WHERE {column} IN "
            f"(SELECT id FROM public.auth_permission WHERE content_type_id = ({row}))"
        )
    owner_says(f"DELETE FROM public.django_content_type WHERE id = ({row})")
    ContentType.objects.clear_cache()
    set_back("nhf")
    said = migrate()
    assert said.index("public") < said.index("nhf")
    assert Permission.objects.filter(codename="view_featurearea").count() == 1


def test_public_failing_ends_the_run():
    # Wagtail's content types are expected by nobody here; the identity app's table exists already.
    owner_says("DELETE FROM public.django_migrations WHERE (app, name) = ('identity', '0001_initial')")
    set_back("nhf")
    with pytest.raises(CommandError, match="public"):
        migrate()
    assert pending_schemas(["nhf"]) == {"nhf"}


def test_the_template_failing_ends_the_run():
    set_back("meander_template", broken=True)
    set_back("nhf")
    with pytest.raises(CommandError, match="meander_template"):
        migrate()
    assert pending_schemas(["nhf"]) == {"nhf"}


def test_a_run_of_some_organisations_is_refused_while_public_or_template_are_behind():
    set_back("nhf")
    set_back("blindeforbundet")
    set_public_back()
    with pytest.raises(CommandError, match="public"):
        migrate("--only", "nhf")
    with pytest.raises(PublicBehind):
        migrate_schema("nhf")
    with pytest.raises(CommandError, match="public"):
        migrate("--check")
    migrate_schema("public")
    migrate("--only", "nhf")
    assert pending_schemas(FLEET_SCHEMAS) == {"blindeforbundet"}


def test_rights_that_an_interrupted_run_left_out_are_given_by_the_next():
    with connection.as_owner():
        drop_role("nhf")
    owner_says("GRANT UPDATE ON blindeforbundet.audit_auditevent TO PUBLIC")
    assert schemas_lacking_rights(FLEET_SCHEMAS) == {"nhf", "blindeforbundet"}
    owner_says("REVOKE UPDATE ON blindeforbundet.audit_auditevent FROM PUBLIC")
    migrate()
    assert role_exists("nhf")
    assert schemas_lacking_rights(FLEET_SCHEMAS) == set()


def test_what_a_release_adds_to_the_defaults_reaches_the_organisations_that_exist():
    set_back("nhf")
    owner_says("DELETE FROM nhf.config_featurearea WHERE area = 'faqs'")
    migrate()
    assert owner_says("SELECT count(*) FROM nhf.config_featurearea WHERE area = 'faqs'") == [(1,)]


def test_two_runs_take_turns():
    other = a_connection()
    other.execute("SELECT pg_advisory_lock(%s)", [FLEET])
    with pytest.raises(CommandError, match="under way"):
        migrate("--no-wait")
    timer = threading.Timer(1.0, other.close)
    timer.start()
    said = migrate()
    timer.join()
    assert "waiting" in said
    assert "up to date" in said


def test_a_migration_does_not_hang_behind_a_long_transaction():
    """It gives up, the others go on, and the next run catches up."""
    set_back("nhf")
    set_back("blindeforbundet")
    other = a_connection()
    other.autocommit = False
    other.execute("LOCK TABLE nhf.audit_auditevent IN ACCESS SHARE MODE")
    other.execute("LOCK TABLE nhf.audit_auditevent IN ROW EXCLUSIVE MODE")
    with pytest.raises(CommandError):
        migrate("--lock-timeout", "0.2")
    assert "lock timeout" in migrate.said
    assert pending_schemas(FLEET_SCHEMAS) == {"nhf"}
    other.close()
    migrate()


def test_a_lock_that_is_let_go_is_waited_for():
    set_back("nhf")
    other = a_connection()
    other.autocommit = False
    other.execute("LOCK TABLE nhf.audit_auditevent IN ROW EXCLUSIVE MODE")
    timer = threading.Timer(1.5, other.close)
    timer.start()
    migrate("--lock-timeout", "0.3")
    timer.join()
    assert pending_schemas(FLEET_SCHEMAS) == set()


def test_a_process_that_is_killed_is_a_failure_of_its_schema_alone():
    """The server ends the session of the one that waits; the others don't notice."""
    set_back("nhf")
    set_back("blindeforbundet")
    other = a_connection()
    other.autocommit = False
    other.execute("LOCK TABLE nhf.audit_auditevent IN ROW EXCLUSIVE MODE")
    killer = a_connection()

    def kill() -> None:
        killer.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND wait_event_type = 'Lock' AND pid <> pg_backend_pid()"
        )

    timer = threading.Timer(1.5, kill)
    timer.start()
    with pytest.raises(CommandError):
        migrate("--lock-timeout", "30", "--jobs", "2")
    timer.join()
    other.close()
    assert pending_schemas(FLEET_SCHEMAS) == {"nhf"}


@pytest.mark.parametrize(
    "command",
    [
        "migrate",
        "migrate_schemas",
        "create_missing_schemas",
        "create_tenant",
        "clone_tenant",
        "delete_tenant",
        "rename_schema",
    ],
)
def test_commands_that_go_around_it_name_the_right_one(command):
    with pytest.raises(CommandError, match=r"migrate_fleet|create_organization"):
        call_command(command)


def test_organisations_are_found_by_one_query(django_assert_num_queries):
    schemas = list(Organization.objects.values_list("schema_name", flat=True))
    pending_schemas(schemas)
    with django_assert_num_queries(2):  # whether the function is there, and the function
        pending_schemas(schemas)


def a_connection() -> psycopg.Connection:
    parameters = connection.get_connection_params()
    keep = {k: v for k, v in parameters.items() if k in {"host", "port", "user", "password", "dbname"}}
    return psycopg.connect(**keep, autocommit=True)
