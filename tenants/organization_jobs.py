"""Jobs about organisations themselves: what needs the owner's login, which web processes don't have."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_tenants.utils import get_public_schema_name, schema_context

from .choices import OrganizationStatus
from .deletion_notices import NOTICE, due_notices, notice_key, send_notice, was_announced
from .dumps import DumpFailed
from .jobs import JobContext, JobRefused, enqueue, job
from .lifecycle import close_organization, closed_and_due, drop_organization
from .models import Organization
from .provisioning import NewOrganization, create_organization
from .schedules import every, the_template

PROVISION, CLOSE = "organization.provision", "organization.close"


def _person(pk: str) -> Any:
    """Who asked; they must still exist, so that the record can name them."""
    person = get_user_model()._default_manager.filter(pk=pk, is_active=True).first()
    if person is None:
        raise JobRefused(_("Whoever asked for this has no account any more."))
    return person


@job(
    PROVISION,
    title=gettext_lazy("Set up an organisation"),
    as_owner=True,
    retry_errors=False,
    any_status=True,
)
def provision(context: JobContext, *, by: str, **fields: Any) -> dict[str, str]:
    """Make a new organisation from the fields of `NewOrganization`; asked for by the platform."""
    organization = create_organization(NewOrganization(**fields), by=_person(by), progress=context.progress)
    return {"organization": str(organization.pk)}


# Not one transaction: pg_dump reads through a connection of its own, for as long as it takes.
@job(
    CLOSE,
    title=gettext_lazy("Close an organisation"),
    as_owner=True,
    retry_errors=False,
    any_status=True,
    atomic=False,
)
def close(context: JobContext, *, by: str, reason: str) -> dict[str, str]:
    """Write the dump and close the organisation the run belongs to."""
    organization = Organization.objects.get(pk=context.organization.pk)
    if context.attempt > 1 and organization.status == OrganizationStatus.CLOSED:
        return {}  # The attempt before got that far.
    context.progress(5, _("Writing the dump"))
    try:
        close_organization(organization, by=_person(by), reason=reason)
    except DumpFailed as error:
        raise JobRefused(str(error)) from error
    return {"organization": str(organization.pk)}


def _while_something_is_due(now: datetime) -> Iterable[Organization]:
    return the_template(now) if closed_and_due() else []


@every(minutes=60, due=_while_something_is_due)
@job(
    "organization.drop_due",
    title=gettext_lazy("Delete closed organisations"),
    as_owner=True,
    any_status=True,
    atomic=False,
)
def drop_due(context: JobContext) -> dict[str, list[str]]:
    """Delete the closed organisations whose grace period is over and was announced, each after one more dump.

    One whose dump can't be written or read keeps its data and doesn't hold up the others.
    """
    dumps, problems = [], []
    for organization in closed_and_due():
        if not was_announced(organization, timezone.now()):
            continue
        try:
            dumps.append(drop_organization(organization).name)
        except DumpFailed as error:
            problems.append(str(error))
    if problems:
        raise JobRefused("\n".join(problems))
    return {"dumps": dumps}


def _while_a_notice_is_due(now: datetime) -> Iterable[Organization]:
    return the_template(now) if due_notices(now) else []


@every(minutes=60, due=_while_a_notice_is_due)
@job(
    "organization.announce_deletions",
    title=gettext_lazy("Look for deletions to announce"),
    as_owner=True,
    any_status=True,
    keep=False,
)
def announce_deletions(context: JobContext) -> None:
    """Ask for a notice for each organisation that is a week or a day from being deleted."""
    with schema_context(get_public_schema_name()):
        for organization, days in due_notices(timezone.now()):
            enqueue(NOTICE, organization, key=notice_key(organization, days))


@job(
    NOTICE,
    title=gettext_lazy("Announce the deletion of an organisation"),
    as_owner=True,
    any_status=True,
)
def announce_deletion(context: JobContext) -> dict[str, int]:
    """Write to the platform's owners, unless the organisation was reopened meanwhile."""
    organization = Organization.objects.get(pk=context.organization.pk)
    if organization.status != OrganizationStatus.CLOSED or organization.drop_after is None:
        return {"sent": 0}
    return {"sent": send_notice(organization)}
