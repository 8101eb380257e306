"""Mail about support access: to whoever decides in the organisation, and to whoever asked."""

from uuid import UUID

from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from domain.identity.choices import MembershipStatus, SupportArea
from domain.identity.models import Membership, SupportAccessGrant, User
from domain.identity.support import MAIL
from tenants.jobs import JobContext, job
from tenants.models import Organization

from .choices import Role
from .jobs import address_of, sender
from .models import RoleAssignment

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


@job(MAIL, title=_("Tell about support access"), keep=False)
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


def administrators() -> list[User]:
    """Whoever may decide about support access in the organisation that is selected."""
    holders = RoleAssignment.objects.filter(role=Role.ORG_ADMIN).holding().values("user")
    members = Membership.objects.here().filter(status=MembershipStatus.ACTIVE, user__in=holders)
    return list(User.objects.filter(pk__in=members.values("user"), is_active=True).order_by("pk"))


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
