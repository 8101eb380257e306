"""Telling the other administrators that one of them has let somebody see contacts."""

from typing import Any
from uuid import UUID

from django.core.mail import EmailMessage
from django.db.models import Model
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from domain.identity.models import User
from tenants.jobs import JobContext, job
from tenants.models import Organization

from .choices import Role
from .giving import WARN, administrators
from .jobs import address_of, sender
from .models import Invitation, RoleAssignment


@job(WARN, title=_("Tell administrators who was let see contacts"), keep=False)
def warn(
    context: JobContext,
    *,
    role: str,
    by: str,
    role_assignment: str = "",
    invitation: str = "",
    is_longer: bool = False,
) -> dict[str, int]:
    """Mail each of them but the one who did it. The mail says which role, by whom and to whom; of those who
    are supported nothing."""
    row: Model | None
    if role_assignment:
        row = RoleAssignment.objects.select_related("user").filter(pk=UUID(role_assignment)).first()
        who, page = (str(row.user), "/admin/roles/") if row is not None else ("", "")
    else:
        row = Invitation.objects.filter(pk=UUID(invitation)).first()
        who, page = (row.email, "/admin/invitations/") if row is not None else ("", "")
    giver = User.objects.filter(pk=UUID(by)).first()
    if row is None or giver is None:
        return {"sent": 0}
    readers = [reader for reader in administrators().exclude(pk=giver.pk) if reader.email]
    about = {"giver": giver, "who": who, "role": Role(role).label, "is_longer": is_longer}
    for reader in readers:
        _mail(reader, context.organization, about, page=page).send()
    return {"sent": len(readers)}


def _mail(reader: User, organization: Organization, about: dict[str, Any], *, page: str) -> EmailMessage:
    with (
        translation.override(reader.language or organization.default_language),
        timezone.override(organization.time_zone),
    ):
        values = {
            **about,
            "organization": organization,
            "url": address_of(organization, page),
        }
        subject = translation.gettext("Somebody was given access to contacts in %(name)s") % {
            "name": organization.short_name or organization.name
        }
        return EmailMessage(
            " ".join(subject.split()),
            render_to_string("mail/contacts_opened.txt", values),
            from_email=sender(organization.name),
            to=[reader.email or ""],
        )
