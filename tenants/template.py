"""The template schema: what every new organisation begins with, and nothing that belongs to one."""

from collections.abc import Callable

from django.conf import settings
from django.db import transaction
from django_tenants.utils import schema_context

from tenants.db import connection

from .choices import OrganizationKind, OrganizationStatus
from .models import Organization
from .roles import grant_schema

# Steps that later rooms add in AppConfig.ready (Wagtail's root page, locales, collections, workflow):
# functions without arguments, run as owner inside the template schema, safe to repeat.
template_steps: list[Callable[[], None]] = []


def finish_template() -> None:
    """Run after the template's migrations: tidy what they created and register the template's row."""
    schema = settings.TEMPLATE_SCHEMA
    with transaction.atomic():
        Organization.objects.get_or_create(
            schema_name=schema,
            defaults={
                "kind": OrganizationKind.TEMPLATE,
                "name": "Template",
                "short_name": "Template",
                "slug": "template",
                "status": OrganizationStatus.ACTIVE,
            },
        )
        with connection.as_owner(), schema_context(schema):
            for step in template_steps:
                step()
        grant_schema(schema)
