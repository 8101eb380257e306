"""Support access and jobs: those asked for under a grant are done under it, and the mails about grants go
to whoever decides in the organisation, and to whoever asked."""

from contextlib import AbstractContextManager
from uuid import UUID

from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from domain.audit.context import acting, current
from domain.identity.choices import SupportArea
from domain.identity.models import SupportAccessGrant, User
from domain.identity.support import MAIL
from tenants.jobs import JobContext, JobRefused, Mandate, job
from tenants.models import Organization

from .giving import administrators
from .jobs import address_of, sender

# Kind of mail → its subject; who gets it: the organisation's administrators, or whoever asked.
TO_ADMINISTRATORS = {
    "requested": _("Support asks for access to %(name)s"),
    "approved-beforehand": _("Support has access to %(name)s, as you approved beforehand"),
}
TO_STAFF = {
    "approved": _("You have support access to %(name)s"),
    "declined": _("%(name)s has declined your request for support access"),
    "revoked": _("Your support access to %(name)s has ended"),
}


# Also of their end, when support gives its access back.
@job(MAIL, title=_("Tell about support access"), keep=False, after_access=True)
def mail_support_access(context: JobContext, grant: str, kind: str) -> dict[str, int]:
    """Each reader in their language; the organisation's in its name."""
    row = SupportAccessGrant.objects.select_related("requested_by").get(pk=UUID(grant))
    readers = administrators() if kind in TO_ADMINISTRATORS else [row.requested_by]
    sent = 0
    for reader in readers:
        if reader.email:
            _message(row, kind, reader, context.organization).send()
            sent += 1
    return {"sent": sent}


def require_in_force(grant: UUID) -> None:
    """Raise JobRefused unless the grant lets its holder into the organisation that is selected now."""
    if not SupportAccessGrant.objects.here().in_force().filter(pk=grant).exists():
        raise JobRefused(gettext("The support access under which this was asked for is over."))


def under_grant(grant: UUID) -> AbstractContextManager[None]:
    """What is written names the grant, and that it is done for the organisation."""
    return acting(grant_id=grant)


MANDATE = Mandate(current=lambda: current().grant, require=require_in_force, acting=under_grant)


def _message(grant: SupportAccessGrant, kind: str, reader: User, organization: Organization) -> EmailMessage:
    subjects = TO_ADMINISTRATORS | TO_STAFF
    with (
        translation.override(reader.language or organization.default_language),
        timezone.override(organization.time_zone),
    ):
        values = {
            "grant": grant,
            "kind": kind,
            "organization": organization,
            "areas": [SupportArea(area).label for area in grant.areas],
            "starts": timezone.localtime(grant.starts_at),
            "ends": timezone.localtime(grant.ends_at),
            "url": address_of(
                organization,
                f"/admin/support-access/{grant.pk}/" if kind in TO_ADMINISTRATORS else "/admin/",
            ),
        }
        template = "administrators" if kind in TO_ADMINISTRATORS else "staff"
        text = str(subjects[kind]) % {"name": organization.short_name or organization.name}
        return EmailMessage(
            " ".join(text.split()),
            render_to_string(f"mail/support_access_{template}.txt", values),
            from_email=sender(organization.name),
            to=[reader.email or ""],
        )
