"""A new organisation: ready within a second, or nothing at all."""

import threading
import time
from pathlib import Path

import psycopg
import pytest
from django.apps import apps
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import OperationalError, connection
from django_tenants.utils import schema_context
from wagtail.models import Locale, Page, Site

from domain.audit.models import AuditEvent
from domain.identity.models import User
from tenants import provisioning
from tenants.backend.schema import is_shared
from tenants.choices import OrganizationKind, OrganizationStatus
from tenants.models import Domain, Organization
from tenants.names import organization_role
from tenants.provisioning import NewOrganization, create_organization
from tenants.roles import role_exists

NEW = NewOrganization(
    schema_name="lhl", name="Landsforeningen for hjerte- og lungesyke", short_name="LHL", host="lhl.localhost"
)
PERCENTAGES = (10, 70, 80, 95)


class Crash(Exception):
    pass


@pytest.fixture
def default_steps(monkeypatch) -> list:
    """The registry of defaults, as a copy in which a test may register steps of its own."""
    steps = list(provisioning.default_steps)
    monkeypatch.setattr(provisioning, "default_steps", steps)
    return steps


def assert_nothing_is_left(schema: str = "lhl") -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nspname FROM pg_namespace WHERE nspname = %s", [schema])
        assert cursor.fetchall() == []
        cursor.execute(
            "SELECT rolname FROM pg_roles WHERE rolname = %s",
            [organization_role(connection.settings_dict["NAME"], schema)],
        )
        assert cursor.fetchall() == []
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = "
            "(SELECT oid FROM pg_database WHERE datname = current_database())"
        )
        assert cursor.fetchone() == (0,)
    assert not Organization.objects.filter(schema_name=schema).exists()
    assert not Domain.objects.filter(domain=f"{schema}.localhost").exists()
    assert not Path(settings.MEDIA_ROOT, schema).exists()
    with schema_context("platform"):
        assert not AuditEvent.objects.filter(action="organization.created", object_label=NEW.name).exists()


def test_the_owner_is_no_superuser_and_needs_none(own_database):
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = session_user")
        assert cursor.fetchone() == (False, False)
    create_organization(NEW)


def test_a_new_organisation_has_all_it_needs(own_database, browser_of_committed):
    begin = time.perf_counter()
    organization = create_organization(NEW)
    seconds = time.perf_counter() - begin
    assert organization.status == OrganizationStatus.ACTIVE
    assert role_exists("lhl")
    with schema_context("lhl"):
        site = Site.objects.get()
        assert (site.hostname, site.site_name, site.is_default_site) == ("lhl.localhost", NEW.name, True)
        assert set(Locale.objects.values_list("language_code", flat=True)) == {"nb", "nn", "en"}
        assert Page.objects.count() == 1
        from domain.config.choices import PLATFORM_ONLY_AREAS, Area
        from domain.config.models import FeatureArea, OrganizationSettings

        assert OrganizationSettings.objects.count() == 1
        enabled = set(FeatureArea.objects.filter(enabled=True).values_list("area", flat=True))
        assert enabled == {area.value for area in Area} - {area.value for area in PLATFORM_ONLY_AREAS}
    answer = browser_of_committed("lhl").get("/admin/login/")
    assert answer.status_code == 200
    # Not a benchmark (bench/provisioning.py is): only that nobody waits for migrations.
    assert seconds < 5


@pytest.fixture
def browser_of_committed(own_database):
    from django.test import Client

    return lambda schema: Client(HTTP_HOST=f"{schema}.localhost")


def test_who_made_it_is_in_the_platforms_record(own_database):
    owner = User.objects.get(email="owner@meander.example")
    organization = create_organization(NEW, by=owner)
    with schema_context("platform"):
        event = AuditEvent.objects.get(action="organization.created", object_id=str(organization.pk))
        assert event.actor_id == owner.pk
        assert event.changes == {"host": [None, "lhl.localhost"]}


def test_only_platform_staff_make_organisations(committed_database):
    with pytest.raises(PermissionDenied):
        create_organization(NEW, by=User.objects.get(email="admin@nhf.example"))
    assert_nothing_is_left()


@pytest.mark.parametrize("percent", PERCENTAGES)
def test_a_failure_between_two_steps_leaves_nothing(committed_database, percent):
    def progress(reached, step):
        if reached == percent:
            raise Crash

    with pytest.raises(Crash):
        create_organization(NEW, progress=progress)
    assert_nothing_is_left()


@pytest.mark.parametrize("percent", PERCENTAGES)
def test_a_lost_connection_leaves_nothing(committed_database, percent):
    def progress(reached, step):
        if reached == percent:
            kill_our_connection()

    with pytest.raises(OperationalError):
        create_organization(NEW, progress=progress)
    connection.close()
    assert_nothing_is_left()


def test_after_a_failure_the_name_is_free_again(own_database):
    def progress(reached, step):
        if reached == 95:
            raise Crash

    with pytest.raises(Crash):
        create_organization(NEW, progress=progress)
    assert create_organization(NEW).status == OrganizationStatus.ACTIVE


def test_a_failure_of_any_default_step_leaves_nothing(committed_database, default_steps):
    def fail(organization):
        media = Path(settings.MEDIA_ROOT, organization.schema_name)
        media.mkdir(parents=True)
        (media / "welcome.txt").write_text("Welcome")
        raise Crash

    known = list(default_steps)
    assert known
    for place in range(len(known) + 1):
        default_steps[:] = [*known[:place], fail, *known[place:]]
        with pytest.raises(Crash):
            create_organization(NEW)
        assert_nothing_is_left()


def test_a_default_step_that_fails_in_the_database_leaves_nothing(committed_database, default_steps):
    def fail(organization):
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 / 0")

    default_steps.append(fail)
    with pytest.raises(Exception, match="division by zero"):
        create_organization(NEW)
    assert_nothing_is_left()


def test_that_nobody_could_be_told_does_not_undo_a_finished_organisation(own_database):
    def progress(reached, step):
        if reached == 100:
            raise Crash

    assert create_organization(NEW, progress=progress).status == OrganizationStatus.ACTIVE
    assert Organization.objects.filter(schema_name="lhl").exists()


def test_nothing_is_seen_of_it_before_it_is_ready(own_database):
    seen = []

    def progress(reached, step):
        if reached < 100:
            other = connection.copy()
            with other.cursor() as cursor:
                cursor.execute("SELECT count(*) FROM tenants_organization WHERE schema_name = 'lhl'")
                seen.append(cursor.fetchone()[0])
            other.close()

    create_organization(NEW, progress=progress)
    assert seen == [0] * len(PERCENTAGES)


def test_four_at_once_all_succeed(own_database):
    made, errors = [], []
    barrier = threading.Barrier(4)

    def make(number: int) -> None:
        try:
            barrier.wait()
            made.append(
                create_organization(
                    NewOrganization(
                        schema_name=f"org{number}",
                        name=f"Organisation {number}",
                        short_name=f"Org {number}",
                        host=f"org{number}.localhost",
                    )
                )
            )
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    in_threads(make, 4)
    assert errors == []
    assert {o.schema_name for o in made} == {"org0", "org1", "org2", "org3"}
    for organization in made:
        with schema_context(organization.schema_name):
            assert Site.objects.get().hostname == organization.primary_host


def test_of_two_that_want_the_same_name_one_gets_it_and_the_other_is_told(own_database):
    made, refused = [], []
    barrier = threading.Barrier(2)

    def make(number: int) -> None:
        try:
            barrier.wait()
            made.append(create_organization(NEW))
        except ValidationError as error:
            refused.append(error)
        finally:
            connection.close()

    in_threads(make, 2)
    assert len(made) == len(refused) == 1
    assert Path(settings.MEDIA_ROOT, "lhl").exists() is False
    with schema_context("lhl"):
        assert Site.objects.count() == 1


def test_a_stale_template_is_refused(own_database):
    with connection.as_owner(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM meander_template.django_migrations WHERE app = 'audit'")
    with pytest.raises(ValidationError, match="migrate_fleet"):
        create_organization(NEW)
    assert_nothing_is_left()


def test_files_of_a_former_organisation_are_not_inherited(committed_database):
    folder = Path(settings.MEDIA_ROOT, "lhl")
    folder.mkdir()
    (folder / "secret.txt").write_text("Someone else's")
    try:
        with pytest.raises(ValidationError, match="former organisation"):
            create_organization(NEW)
        assert (folder / "secret.txt").exists()
    finally:
        (folder / "secret.txt").unlink()
        folder.rmdir()
    assert_nothing_is_left()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("host", "nhf.localhost"),
        ("host", "NHF.localhost."),
        ("host", "http://lhl.localhost"),
        ("host", "lhl.localhost:8000"),
        ("slug", "nhf"),
        ("slug", "no spaces"),
        ("organization_number", "123456789"),
        ("brand_color", "red"),
        ("default_language", "sv"),
        ("contact_email", "nobody"),
        ("name", ""),
    ],
)
def test_what_is_taken_or_wrong_is_refused_before_anything_is_made(committed_database, field, value):
    from dataclasses import replace

    with pytest.raises(ValidationError):
        create_organization(replace(NEW, **{field: value}))
    assert_nothing_is_left()


def test_no_id_of_a_default_is_in_two_organisations(own_database):
    """Only what the template itself holds (root page, locales, collections) is the same everywhere."""
    create_organization(NEW)
    for model in apps.get_models():
        if is_shared(model._meta.app_label) or model._meta.pk.get_internal_type() != "UUIDField":
            continue
        ids = {}
        for schema in ("lhl", "nhf", "blindeforbundet", "platform", "meander_template"):
            with connection.as_owner(), schema_context(schema):
                ids[schema] = set(model._base_manager.values_list("pk", flat=True))
        assert not ids["meander_template"], f"{model._meta.label}: the template holds rows of an organisation"
        together = [pk for found in ids.values() for pk in found]
        assert len(together) == len(set(together)), model._meta.label


def test_the_connection_stands_where_it_stood(own_database):
    with schema_context("platform"):
        create_organization(NEW)
        assert connection.schema_name == "platform"
        assert connection._owner_depth == 0


def test_a_web_process_cannot_make_organisations(own_database, web_login):
    with web_login(), pytest.raises(PermissionDenied):
        create_organization(NEW)
    assert_nothing_is_left()


def test_a_second_platform_is_refused(committed_database):
    from dataclasses import replace

    with pytest.raises(ValidationError):
        create_organization(replace(NEW, kind=OrganizationKind.PLATFORM))
    assert_nothing_is_left()


def kill_our_connection() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    parameters = connection.get_connection_params()
    keep = {k: v for k, v in parameters.items() if k in {"host", "port", "user", "password", "dbname"}}
    with psycopg.connect(**keep, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


def in_threads(work, number: int) -> None:
    threads = [threading.Thread(target=work, args=(n,)) for n in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
