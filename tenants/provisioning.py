"""A new organisation: one transaction that ends `active` or leaves nothing behind."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _
from django_tenants.utils import schema_context

from . import routing
from .choices import OrganizationKind, OrganizationStatus
from .clone import clone_schema
from .fleet import pending_schemas
from .models import Domain, Organization
from .names import validate_new_schema_name
from .roles import grant_schema

# What each area creates in a new organisation: functions taking the organisation, run inside its schema and
# in the provisioning transaction, idempotent. Areas add theirs in AppConfig.ready.
default_steps: list[Callable[[Organization], None]] = []
# Called (percent, step) between steps; what it writes must not be in this transaction to be seen.
Progress = Callable[[int, str], None]


@dataclass(frozen=True)
class NewOrganization:
    """What provisioning needs to know; `host` without port."""

    schema_name: str
    name: str
    short_name: str
    host: str
    slug: str = ""
    organization_number: str = ""
    contact_email: str = ""
    default_language: str = "nb"
    brand_color: str = "#1f4e5f"
    is_listed: bool = False
    kind: str = OrganizationKind.ORGANIZATION


def create_organization(
    new: NewOrganization, *, progress: Progress = lambda percent, step: None
) -> Organization:
    """Clone the template into a schema of its own and make it ready for use.

    Raises ValidationError when a name, host or number is not allowed or taken, or when the template is
    behind the code. Whatever fails, nothing is left: schema, role, rows and grants are one transaction.
    """
    if new.kind == OrganizationKind.ORGANIZATION:
        validate_new_schema_name(new.schema_name)
    if pending_schemas([settings.TEMPLATE_SCHEMA]):
        raise ValidationError(
            _("The template is behind the code: run “manage.py migrate_fleet” first."), code="template-stale"
        )
    organization = Organization(
        schema_name=new.schema_name,
        kind=new.kind,
        name=new.name,
        short_name=new.short_name,
        slug=new.slug or new.schema_name.replace("_", "-"),
        organization_number=new.organization_number,
        contact_email=new.contact_email,
        default_language=new.default_language,
        brand_color=new.brand_color,
        is_listed=new.is_listed,
        status=OrganizationStatus.PROVISIONING,
    )
    connection.set_schema_to_public()
    with connection.as_owner(), transaction.atomic():
        organization.full_clean()
        organization.save()
        domain = Domain(tenant=organization, domain=new.host.lower(), is_primary=True)
        domain.full_clean()
        domain.save()
        progress(10, _("Cloning the template"))
        clone_schema(settings.TEMPLATE_SCHEMA, new.schema_name)
        progress(70, _("Giving the organisation its database role"))
        grant_schema(new.schema_name, platform=new.kind == OrganizationKind.PLATFORM)
        progress(80, _("Creating defaults"))
        with schema_context(new.schema_name):
            for step in default_steps:
                step(organization)
        organization.status = OrganizationStatus.ACTIVE
        organization.save()
        progress(95, _("Finishing"))
    routing.forget()
    Path(settings.MEDIA_ROOT, new.schema_name).mkdir(parents=True, exist_ok=True)
    progress(100, _("Ready"))
    return organization
