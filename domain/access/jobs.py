"""Roles follow the calendar; invitations go out by mail."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from email.utils import formataddr, parseaddr
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from domain.identity.models import User
from tenants.jobs import JobContext, job
from tenants.models import Organization
from tenants.schedules import active_organizations, every, read_schemas

from .choices import InvitationState, Role
from .invitations import new_link_secret
from .models import Invitation, RoleAssignment
from .models.shares import share_models
from .rules import refresh_groups
from .sharing import drop_ended_shares


def organizations_with_turning_roles(now: datetime) -> Iterable[Organization]:
    """Those where a role began today or ended yesterday, give or take a day of time zones, or a share did."""
    table, shares = RoleAssignment._meta.db_table, [model._meta.db_table for model in share_models]
    ended = "".join(
        f" + (SELECT count(*) FROM {{schema}}.{name} WHERE valid_to < current_date)"  # noqa: S608
        for name in shares
    )
    organizations = {one.schema_name: one for one in active_organizations(now)}
    turning = read_schemas(
        f"(SELECT count(*) FROM {{schema}}.{table} WHERE valid_from BETWEEN current_date - 1 AND "  # noqa: S608
        f"current_date + 1 OR valid_to BETWEEN current_date - 2 AND current_date){ended}",
        set(organizations),
        tables=[table, *shares],
    )
    return [organizations[schema] for schema, number in turning.items() if number]


@every(minutes=60, due=organizations_with_turning_roles)
@job("access.follow_dates", title=_("Let roles begin and end on their days"), keep=False)
def follow_dates(context: JobContext) -> None:
    """Renew the mirrors (groups, the membership's summary) of whoever's role began or ended lately.

    What a person may do follows the date without this; a missed run is made good by the next. Shares that
    are over go.
    """
    drop_ended_shares()
    today = timezone.localdate()
    lately = today - timedelta(days=14)
    turned = RoleAssignment.objects.filter(
        Q(valid_from__range=(lately, today)) | Q(valid_to__range=(lately, today))
    )
    for user in User.objects.filter(pk__in=turned.values("user")):
        refresh_groups(user)


@job("invitations.send", title=_("Send an invitation"))
def send_invitation(context: JobContext, invitation_id: str) -> None:
    """Mail the link in the invited person's language, in the organisation's name, to its own host.

    The secret is made here and committed with the note that it was sent: a second run sends nothing.
    """
    invitation = (
        Invitation.objects.select_for_update(of=("self",))
        .select_related("local_association", "created_by")
        .get(pk=UUID(invitation_id))
    )
    if invitation.sent_at is not None or invitation.state != InvitationState.OPEN:
        return
    organization = context.organization
    url = address_of(organization, f"/invitation/{new_link_secret(invitation)}/")
    with (
        translation.override(invitation.language or organization.default_language),
        timezone.override(organization.time_zone),
    ):
        values = {
            "invitation": invitation,
            "organization": organization,
            "role": Role(invitation.role).label,
            "url": url,
            "expires": timezone.localtime(invitation.expires_at),
            "language": translation.get_language(),
            "text_color": readable_on(organization.brand_color),
        }
        subject = translation.gettext("%(name)s invites you") % {"name": organization.name}
        mail = EmailMultiAlternatives(
            " ".join(subject.split()),
            render_to_string("mail/invitation.txt", values),
            from_email=sender(organization.name),
            to=[invitation.email],
            reply_to=[organization.contact_email] if organization.contact_email else None,
        )
        mail.attach_alternative(render_to_string("mail/invitation.html", values), "text/html")
    mail.send()


def address_of(organization: Organization, path: str) -> str:
    """An address on the organisation's own host, by scheme and port of the platform's."""
    platform = urlsplit(settings.WAGTAILADMIN_BASE_URL)
    host = organization.primary_host or platform.hostname or ""
    return urlunsplit((platform.scheme, f"{host}:{platform.port}" if platform.port else host, path, "", ""))


def sender(name: str) -> str:
    """The platform's address under the organisation's name."""
    return formataddr((" ".join(name.split()), parseaddr(settings.DEFAULT_FROM_EMAIL)[1]))


def readable_on(background: str) -> str:
    """Black or white, whichever is read better on a colour (WCAG 2.2, relative luminance)."""
    channels = [int(background[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return "#ffffff" if 1.05 / (luminance + 0.05) >= (luminance + 0.05) / 0.05 else "#000000"
