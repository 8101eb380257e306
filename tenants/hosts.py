"""The host names an organisation answers on."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from . import routing
from .authority import require_staff
from .events import announce
from .models import Domain, Organization


def clean_host(host: str) -> str:
    """The host name as it is stored: lower case, without the dot that ends a full name."""
    return host.strip().lower().rstrip(".")


@transaction.atomic
def add_host(organization: Organization, host: str, *, by: Any, primary: bool = False) -> Domain:
    """Let the organisation answer on one more host; `primary` makes it the one that links name.

    Raises ValidationError when the name has no valid form, or when any organisation has it already.
    """
    require_staff(by)
    _lock(organization)
    # The first host becomes the primary one by itself (the library's `save`).
    domain = Domain(tenant=organization, domain=clean_host(host), is_primary=False)
    domain.full_clean()
    try:
        with transaction.atomic():
            domain.save()
    except IntegrityError:
        domain.full_clean()  # Someone else was faster: now it says so.
        raise
    announce("host.added", organization, by=by, changes={"host": (None, domain.domain)})
    if primary and not domain.is_primary:
        _make_primary(domain, by=by)
    transaction.on_commit(routing.forget)
    return domain


@transaction.atomic
def make_primary(domain: Domain, *, by: Any) -> None:
    """Make this the host that the organisation's links name; does nothing where it is."""
    require_staff(by)
    _lock(domain.tenant)
    domain.refresh_from_db()
    _make_primary(domain, by=by)
    transaction.on_commit(routing.forget)


@transaction.atomic
def remove_host(domain: Domain, *, by: Any) -> None:
    """Stop answering on a host. Raises ValidationError for the primary one: another must take over first."""
    require_staff(by)
    _lock(domain.tenant)
    domain.refresh_from_db()
    if domain.is_primary:
        raise ValidationError(
            _("%(host)s is the main address of %(name)s: make another one the main address first."),
            code="host-primary",
            params={"host": domain.domain, "name": domain.tenant.name},
        )
    # Django's delete clears the key, which receivers may want.
    Domain.objects.filter(pk=domain.pk).delete()
    announce("host.removed", domain.tenant, by=by, changes={"host": (domain.domain, None)})
    transaction.on_commit(routing.forget)


def _make_primary(domain: Domain, *, by: Any) -> None:
    organization = domain.tenant
    before = organization.domains.filter(is_primary=True).first()
    if before == domain:
        return
    organization.domains.filter(is_primary=True).update(is_primary=False)
    organization.domains.filter(pk=domain.pk).update(is_primary=True)
    domain.is_primary = True
    announce(
        "host.made_primary",
        organization,
        by=by,
        changes={"primary_host": (before.domain if before else None, domain.domain)},
    )


def _lock(organization: Organization) -> None:
    """One change of an organisation's hosts at a time."""
    Organization.objects.select_for_update().get(pk=organization.pk)
