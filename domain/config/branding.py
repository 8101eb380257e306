"""How an organisation presents itself: name, logo, colour, and whether it shows in the app's picker."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from domain.audit.rules import differences, record
from domain.core.errors import InvalidInput, StaleVersion
from tenants import routing
from tenants.models import Organization

from .logos import clean_logo
from .queries import current_organization, current_settings
from .rules import CHANGE_SETTINGS, check_allowed, invalid_input

# What an organisation may change of its own row; everything else is the platform's.
FIELDS = ("name", "short_name", "contact_email", "brand_color", "is_listed", "default_language")


@transaction.atomic
def change_branding(
    *,
    changes: Mapping[str, Any],
    by: Any,
    logo: UploadedFile | None = None,
    remove_logo: bool = False,
    read_at: datetime | None = None,
) -> Organization:
    """Change the selected organisation's own row; audited field by field.

    `changes` holds some of `FIELDS`; `read_at` is the row's `updated_at` as the caller read it. A replaced
    logo is deleted from disk once the change is committed. Raises InvalidInput naming the field,
    NotAllowed, StaleVersion.
    """
    check_allowed(by, CHANGE_SETTINGS)
    unknown = sorted(set(changes) - set(FIELDS))
    if unknown:
        raise InvalidInput(_("This can't be changed here."), code="unknown-field", field=unknown[0])
    organization = Organization.objects.select_for_update().get(pk=current_organization().pk)
    if read_at is not None and organization.updated_at != read_at:
        raise StaleVersion(_("Someone else has changed this since you opened it. Reload and try again."))
    before = {name: getattr(organization, name) for name in changes}
    for name, value in changes.items():
        setattr(organization, name, value.strip() if isinstance(value, str) else value)
    _validate(organization, set(changes))
    changed = differences(before, {name: getattr(organization, name) for name in changes})
    old_logo = organization.logo.name
    if logo is not None:
        organization.logo.save("logo.png", clean_logo(logo), save=False)
    elif remove_logo:
        organization.logo = ""
    if organization.logo.name != old_logo:
        changed["logo"] = (old_logo, organization.logo.name)
    if not changed:
        return organization
    organization.updated_at = timezone.now()
    # `update` and not `save`: the organisation's database role may write these columns alone.
    Organization.objects.filter(pk=organization.pk).update(
        **{name: getattr(organization, name) for name in changed}, updated_at=organization.updated_at
    )
    record("branding.changed", organization, by=by, changes=changed)
    if "logo" in changed and old_logo:
        storage = organization.logo.storage
        transaction.on_commit(lambda: storage.delete(old_logo))
    transaction.on_commit(routing.forget)
    return organization


def _validate(organization: Organization, names: set[str]) -> None:
    others = {field.name for field in organization._meta.concrete_fields} - names
    try:
        organization.clean_fields(exclude=others)
    except ValidationError as error:
        raise invalid_input(error) from error
    if "default_language" in names and organization.default_language not in current_settings().locales:
        raise InvalidInput(
            _("The main language must be one of the languages in use."),
            code="not-in-use",
            field="default_language",
        )
