"""Mails to members: in the language of whoever reads them, from the organisation."""

from typing import Any

from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import timezone, translation

from domain.identity.models import User
from tenants.models import Organization

from .jobs import address_of, sender


def letter(
    reader: User, organization: Organization, subject: Any, template: str, path: str, **values: Any
) -> EmailMessage:
    """A mail whose subject and words are translated for its reader; `path` is where it leads.

    Of the people it is about it says nothing: whoever signs in sees them.
    """
    with (
        translation.override(reader.language or organization.default_language),
        timezone.override(organization.time_zone),
    ):
        known = {"person": reader, "organization": organization, "url": address_of(organization, path)}
        return EmailMessage(
            " ".join(str(subject).split()),
            render_to_string(template, {**known, **values}),
            from_email=sender(organization.name),
            to=[reader.email or ""],
        )
