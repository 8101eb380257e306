"""The walls between organisations, in the database itself."""

import pytest
from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, ProgrammingError, connection
from django_tenants.utils import schema_context

from tenants.roles import SHARED_TABLES

pytestmark = pytest.mark.django_db


def tables(schema: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [schema])
        return {row[0] for row in cursor.fetchall()}


def test_no_table_name_exists_both_in_public_and_in_an_organisation():
    assert tables("public") & tables("nhf") == {"django_migrations"}


def test_every_organisation_has_exactly_the_tables_of_the_template():
    assert tables("nhf") == tables("blindeforbundet") == tables(settings.TEMPLATE_SCHEMA)


def test_every_shared_table_has_its_rights_written_down():
    assert tables("public") == set(SHARED_TABLES)


def test_an_unknown_schema_is_an_error_and_not_the_public_schema():
    with pytest.raises(DatabaseError, match="does not exist"), schema_context("nowhere"):
        connection.cursor()


def test_no_foreign_key_leaves_an_organisations_schema():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint c JOIN pg_class a ON a.oid = c.conrelid "
            "JOIN pg_class b ON b.oid = c.confrelid WHERE c.contype = 'f' "
            "AND a.relnamespace <> b.relnamespace"
        )
        assert cursor.fetchall() == []


def test_the_role_of_one_organisation_cannot_read_another(nhf):
    with pytest.raises(ProgrammingError, match="permission denied"), connection.cursor() as cursor:
        cursor.execute("SELECT * FROM blindeforbundet.cms_faqentry")


def test_every_model_is_in_exactly_one_of_the_two_lists():
    from tenants.backend.schema import is_shared

    for model in apps.get_models():
        schema = "public" if is_shared(model._meta.app_label) else "nhf"
        assert model._meta.db_table in tables(schema), model
