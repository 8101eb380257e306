"""Mail about one's passkeys: whoever has taken over an account must not be able to add a way in unnoticed."""

from uuid import UUID

from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy

from domain.audit.models import AuditEvent
from tenants.jobs import JobContext, job

from .models import User

SUBJECTS = {
    "passkey.added": gettext_lazy("A passkey was added to your account"),
    "passkey.removed": gettext_lazy("A passkey was removed from your account"),
    "passkey.refused": gettext_lazy("A sign-in with your passkey was refused"),
}


@job("passkeys.tell", title=gettext_lazy("Tell about a passkey"))
def tell(context: JobContext, event: str, person: str) -> None:
    """Write to the person what happened to their passkey, as the record has it, in their language."""
    recipient = User.objects.get(pk=UUID(person))
    happened = AuditEvent.objects.get(pk=UUID(event))
    if not recipient.email:
        return
    organization = context.organization
    with (
        translation.override(recipient.language or organization.default_language),
        timezone.override(organization.time_zone),
    ):
        body = render_to_string(
            "mail/passkey.txt",
            {
                "action": happened.action,
                "at": happened.at,
                "name": happened.object_label,
                "place": organization,
            },
        )
        subject = f"{SUBJECTS[happened.action]} – {organization.short_name}"
        EmailMessage(" ".join(subject.split()), body, to=[recipient.email]).send()
