"""Mail to people about their account, in their language, by the worker; and what is thrown away."""

from datetime import timedelta
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tenants.jobs import JobContext, job
from tenants.models import Organization
from tenants.schedules import every, the_template

from .models import PasskeyChallenge, RefreshToken, User, UserSession
from .passwords import reset_tokens

# Kind of notice → its subject; the text is templates/mail/account_<kind>.txt.
SUBJECTS = {
    "new-device": gettext_lazy("New sign-in to %(name)s"),
    "recovery-code": gettext_lazy("A recovery code was used at %(name)s"),
    "token-reused": gettext_lazy("We have signed out one of your devices at %(name)s"),
    "password-changed": gettext_lazy("Your password has been changed"),
}
# Used refresh tokens are kept for as long as a proof could still call on them, and a while longer so that a
# copy that turns up is recognised.
TOKENS_KEPT = timedelta(days=60)


def site_url(organization: Organization, path: str = "/") -> str:
    """An address on the organisation's own host, for a mail."""
    base = urlsplit(settings.WAGTAILADMIN_BASE_URL)
    port = f":{base.port}" if base.port else ""
    return f"{base.scheme}://{organization.get_primary_domain().domain}{port}{path}"


def _send(user: User, organization: Organization, subject: str, template: str, values: dict) -> None:
    language = user.language or organization.default_language
    with translation.override(language), timezone.override(organization.time_zone):
        text = subject % {"name": organization.short_name or organization.name}
        body = render_to_string(
            f"mail/account_{template}.txt", {"person": user, "organization": organization, **values}
        )
    EmailMessage(" ".join(str(text).split()), body, to=[user.email or ""]).send()


@job("identity.notify", title=gettext_lazy("Tell a person about their account"), keep=False)
def tell(context: JobContext, kind: str, user_id: str, session_id: str) -> None:
    """Tell what happened, where from, and what to do if it wasn't oneself."""
    user = User.objects.get(pk=UUID(user_id))
    if user.email is None:
        return
    organization = context.organization
    session = UserSession.objects.filter(pk=UUID(session_id)).first() if session_id else None
    with translation.override(user.language or organization.default_language):
        subject = str(SUBJECTS[kind])
    values = {
        "session": session,
        "reset_url": site_url(organization, "/admin/password/forgotten/"),
        "sessions_url": site_url(organization, "/admin/account/sessions/"),
        "now": timezone.now(),
    }
    _send(user, organization, subject, kind.replace("-", "_"), values)


@job("identity.mail_password_reset", title=gettext_lazy("Mail a link for a new password"), keep=False)
def mail_password_reset(context: JobContext, user_id: str) -> None:
    """Send the link; without a person, do nothing: who asks must not learn by the queue who exists."""
    if not user_id:
        return
    user, organization = User.objects.get(pk=UUID(user_id)), context.organization
    if user.email is None:
        return
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    path = f"/admin/password/choose/{uid}/{reset_tokens.make_token(user)}/"
    with translation.override(user.language or organization.default_language):
        subject = _("Choose a new password for %(name)s")
    values = {"url": site_url(organization, path), "minutes": settings.PASSWORD_RESET_TIMEOUT // 60}
    _send(user, organization, subject, "password_reset", values)


@every(minutes=24 * 60, due=the_template)
@job(
    "identity.purge",
    title=gettext_lazy("Delete used tokens and old challenges"),
    as_owner=True,
    keep=False,
    any_status=True,
)
def purge(context: JobContext) -> None:
    """Delete refresh tokens that were used long ago, and challenges nobody answered."""
    now = timezone.now()
    RefreshToken.objects.filter(used_at__lt=now - TOKENS_KEPT).delete()
    RefreshToken.objects.filter(expires_at__lt=now - TOKENS_KEPT).delete()
    PasskeyChallenge.objects.filter(expires_at__lt=now - timedelta(days=1)).delete()
