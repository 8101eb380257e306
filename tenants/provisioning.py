"""A new organisation: one transaction that ends `active` or leaves nothing behind."""

import logging
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django_tenants.utils import schema_context

from tenants.db import connection

from . import routing
from .authority import require_owner, require_staff
from .choices import OrganizationKind, OrganizationStatus
from .clone import clone_schema
from .events import announce
from .fleet import pending_schemas
from .hosts import clean_host
from .locks import share_template
from .models import Domain, Organization
from .names import validate_new_schema_name
from .roles import grant_schema

logger = logging.getLogger(__name__)
# What each area creates in a new organisation: functions taking the organisation, run inside its schema and
# in the provisioning transaction, idempotent. Areas add theirs in AppConfig.ready.
default_steps: list[Callable[[Organization], None]] = []
# Called (percent, step) between steps; what it writes must not be in this transaction to be seen. What it
# raises undoes everything; at 100 it's too late for that.
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
    new: NewOrganization, *, by: Any = None, progress: Progress = lambda percent, step: None
) -> Organization:
    """Clone the template into a schema of its own and make it ready for use.

    Needs the owner's database login (worker or command line). Raises ValidationError when a name, host or
    number is not allowed or taken, or when the template is behind the code. Whatever fails, nothing is left:
    schema, role, rows and grants are one transaction, and files are removed.
    """
    require_staff(by)
    if new.kind == OrganizationKind.ORGANIZATION:
        validate_new_schema_name(new.schema_name)
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
    domain = Domain(tenant=organization, domain=clean_host(new.host), is_primary=True)
    before = connection.tenant
    connection.set_schema_to_public()
    try:
        require_owner()
        with connection.as_owner(), _FilesOf(organization) as files, transaction.atomic():
            # Until we commit, the template can't be migrated away under the copy, nor an organisation be
            # missed by a fleet migration.
            share_template()
            _require_current_template()
            _save(organization, domain)
            files.refuse_remains()
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
            announce("organization.created", organization, by=by, changes={"host": (None, domain.domain)})
            progress(95, _("Finishing"))
            transaction.on_commit(routing.forget)
    finally:
        connection.set_tenant(before)
    try:
        progress(100, _("Ready"))
    except Exception:
        # The organisation is there; that somebody couldn't be told so doesn't undo it.
        logger.exception("progress of %s", new.schema_name)
    return organization


def _require_current_template() -> None:
    if pending_schemas([settings.TEMPLATE_SCHEMA]):
        raise ValidationError(
            _("The template is behind the code: run “manage.py migrate_fleet” first."), code="template-stale"
        )


def _save(organization: Organization, domain: Domain) -> None:
    """Write both rows. Raises ValidationError, also when somebody took a name in the same moment."""
    organization.full_clean()
    domain.full_clean(exclude=["tenant"])
    try:
        with transaction.atomic():
            organization.save()
            domain.save()
    except IntegrityError:
        organization.full_clean()
        domain.full_clean(exclude=["tenant"])
        raise


class _FilesOf:
    """Removes the files of an organisation that didn't come into being."""

    def __init__(self, organization: Organization):
        self.folder = Path(settings.MEDIA_ROOT, organization.schema_name)
        self.ours = False

    def __enter__(self) -> "_FilesOf":
        return self

    def refuse_remains(self) -> None:
        """Raise ValidationError where files of a former organisation lie: they would be the new one's.

        To be called once the organisation's row is ours, so that nobody else's files are meant.
        """
        if self.folder.exists() and any(self.folder.iterdir()):
            raise ValidationError(
                _("There are still files of a former organisation of that schema name: remove %(folder)s."),
                code="files-remain",
                params={"folder": self.folder},
            )
        self.ours = True

    def __exit__(self, kind, error, trace) -> None:
        if kind is not None and self.ours:
            shutil.rmtree(self.folder, ignore_errors=True)
