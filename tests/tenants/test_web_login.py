"""The second wall as web processes meet it: a login that owns nothing and is nobody until it switches."""

import psycopg
import pytest
from django.contrib.auth.models import Permission
from django.core.cache import caches
from django.db import ProgrammingError, connection, transaction
from django.test import Client
from django_tenants.utils import schema_context

from domain.config.models import FeatureArea
from domain.core.models import WrongSchemaError
from tenants import health
from tenants.models import JobRun, Organization
from tenants.names import organization_role


def says(statement: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


def refused(statement: str) -> None:
    with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"), transaction.atomic():
        says(statement)


def test_the_web_login_is_nobody_special(web_login):
    with web_login() as user:
        assert says(
            "SELECT rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolbypassrls FROM pg_roles "
            "WHERE rolname = session_user"
        ) == [(False, False, False, False, False)]
        assert says("SELECT session_user::text") == [(user,)]
        assert says("SELECT count(*) FROM pg_class WHERE relowner = session_user::regrole") == [(0,)]


def test_a_forgotten_switch_reads_nothing_of_any_organisation(web_login):
    with web_login():
        for schema in ("nhf", "blindeforbundet", "platform"):
            refused(f"SELECT * FROM {schema}.cms_faqentry")
        for table in ("identity_user", "identity_membership", "identity_refreshtoken", "tenants_jobrun"):
            refused(f"SELECT * FROM public.{table}")
        # Resolving a host is all it can do.
        assert says("SELECT count(*) FROM public.tenants_domain") != [(0,)]
        refused("UPDATE public.tenants_domain SET is_primary = false")


def test_it_reads_an_organisation_only_in_that_organisations_role(web_login):
    with web_login():
        with schema_context("nhf"):
            assert FeatureArea.objects.exists()
            refused("SELECT * FROM blindeforbundet.config_featurearea")
            refused("SELECT * FROM platform.sales_demobooking")
        refused("SELECT * FROM nhf.config_featurearea")


def test_it_changes_no_structure(web_login):
    with web_login():
        for schema in (None, "nhf"):
            with schema_context(schema or "public"):
                refused("CREATE TABLE nhf.mine (id int)")
                refused("CREATE SCHEMA mine")
                refused("ALTER TABLE nhf.config_featurearea DISABLE TRIGGER track_changes")
                refused("DROP TABLE nhf.config_featurearea")
                refused("CREATE ROLE mine")
        with schema_context("nhf"):
            refused("UPDATE nhf.audit_auditevent SET action = 'x'")
            refused("DELETE FROM nhf.audit_auditevent")
            refused("DELETE FROM nhf.django_migrations")


def test_the_site_works_with_it(web_login):
    with web_login():
        assert Client(HTTP_HOST="nhf.localhost").get("/admin/login/").status_code == 200
        assert Client(HTTP_HOST="nobody.localhost").get("/").status_code == 404
        checks = health.readiness()
        assert checks["migrations"]["ok"]
        assert checks["template"]["ok"]


def test_a_password_is_set_and_asked_for_where_the_server_asks(web_login):
    """The embedded server knows its callers by the socket; elsewhere the password is what counts."""
    with web_login() as user:
        parameters = connection.get_connection_params()
    keep = {k: v for k, v in parameters.items() if k in {"host", "port", "dbname"}}
    with psycopg.connect(**keep, user=user, password="made-for-tests") as other:
        assert other.execute("SELECT session_user").fetchone() == (user,)


def test_an_organisation_changes_its_own_look_and_nothing_else_of_organisations(db):
    with schema_context("nhf"):
        says("UPDATE tenants_organization SET brand_color = '#000000'")
        for change in ("status = 'closed'", "schema_name = 'x'", "kind = 'platform'", "slug = 'x'"):
            refused(f"UPDATE tenants_organization SET {change} WHERE schema_name = 'nhf'")
        refused("DELETE FROM tenants_organization")
    colours = dict(Organization.objects.values_list("schema_name", "brand_color"))
    assert [schema for schema, colour in colours.items() if colour == "#000000"] == ["nhf"]


def test_jobs_of_other_organisations_are_invisible(db):
    nhf = Organization.objects.get(schema_name="nhf")
    other = Organization.objects.get(schema_name="blindeforbundet")
    JobRun.objects.create(organization=nhf, name="a.b", key="1")
    theirs = JobRun.objects.create(organization=other, name="a.b", key="1")
    with schema_context("nhf"):
        assert {run.organization_id for run in JobRun.objects.all()} == {nhf.pk}
        assert not JobRun.objects.filter(pk=theirs.pk).exists()
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            JobRun.objects.create(organization=other, name="a.b", key="2")
    with schema_context("platform"):
        assert JobRun.objects.filter(pk=theirs.pk).exists()


def test_a_row_of_one_organisation_is_not_saved_in_another(db):
    with schema_context("nhf"):
        row = FeatureArea.objects.first()
    with schema_context("blindeforbundet"):
        with pytest.raises(WrongSchemaError):
            row.save()
        with pytest.raises(WrongSchemaError):
            row.delete()


def test_a_lazy_queryset_gives_rows_that_know_where_they_are_from(db):
    """It reads whatever is selected when it is evaluated; what it gives can't be saved elsewhere."""
    with schema_context("nhf"):
        lazy = FeatureArea.objects.order_by("area")
    with schema_context("blindeforbundet"):
        row = lazy[0]
        row.save()
    with schema_context("nhf"), pytest.raises(WrongSchemaError):
        row.save()


def test_every_cache_is_keyed_by_organisation(db):
    for alias in caches.settings:
        with schema_context("nhf"):
            caches[alias].set("wagtail_site_root_paths", "nhf's")
        with schema_context("blindeforbundet"):
            assert caches[alias].get("wagtail_site_root_paths") is None


def test_permissions_are_complete_and_wagtails_own_groups_are_gone(db):
    from django.apps import apps
    from django.contrib.auth.models import Group

    wanted = {
        (model._meta.app_label, f"{action}_{model._meta.model_name}")
        for model in apps.get_models()
        for action in model._meta.default_permissions
    }
    there = set(Permission.objects.values_list("content_type__app_label", "codename"))
    assert wanted <= there
    assert not Group.objects.filter(name__in=["Editors", "Moderators"]).exists()


def test_a_role_name_names_its_database_and_schema():
    assert organization_role("meander", "nhf").endswith("_nhf")
    assert organization_role("meander", "nhf") != organization_role("other", "nhf")
    with pytest.raises(ValueError, match="schema name"):
        organization_role("meander", "nhf; DROP")
