"""Schema names: one form, and nothing that means something to PostgreSQL or to us."""

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import IntegrityError, transaction
from django.forms import modelform_factory

from tenants.models import Organization
from tenants.names import validate_new_schema_name

pytestmark = pytest.mark.django_db
BAD = [
    "",
    "../x",
    "a:b",
    "a b",
    "a-b",
    "a.b",
    'a"b',
    "a'b",
    "a\n",
    "A",
    "æøå",
    "1a",
    "_a",
    "a" * 41,
    "public",
    "platform",
    "information_schema",
    "meander_template",
    "meander_x",
    "pg_x",
    "pg_catalog",
    "postgres",
]


@pytest.mark.parametrize("name", BAD)
def test_a_bad_name_is_refused_by_rule_form_command_and_database(name):
    with pytest.raises(ValidationError):
        validate_new_schema_name(name)
    form = modelform_factory(Organization, fields=["schema_name", "name", "short_name", "slug"])(
        {"schema_name": name, "name": "X", "short_name": "X", "slug": "x"}
    )
    # A form strips what surrounds a text; the rest is refused.
    assert "schema_name" in form.errors or form.data["schema_name"].strip() == "a"
    with pytest.raises(CommandError):
        call_command("create_organization", name, "x.localhost", "--name", "X")
    with pytest.raises(IntegrityError), transaction.atomic():
        Organization.objects.bulk_create([Organization(schema_name=name, name="X", short_name="X", slug="x")])


@pytest.mark.parametrize("name", ["a", "nhf2", "a_b", "a" * 40])
def test_a_good_name_is_taken(name):
    validate_new_schema_name(name)
    Organization.objects.bulk_create([Organization(schema_name=name, name="X", short_name="X", slug="x")])
