"""Telling the platform's owners before a closed organisation's data is deleted.

The run of a notice is its record: `due_notices` looks for it, and the automatic deletion waits for it
(`was_announced`). A notice that couldn't be sent therefore postpones the deletion, and the run that gave up
is shown to the staff.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.mail import EmailMessage, get_connection
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from .choices import JobState, OrganizationStatus
from .jobs import ACTIVE_STATES, JobRefused
from .models import JobRun, Organization

NOTICE = "organization.announce_deletion"
# Days before the deletion. The last one must have been sent a day before anything is deleted.
DAYS = (7, 1)
# A notice that failed is tried again after this.
PAUSE = timedelta(days=1)


def notice_key(organization: Organization, days: int) -> str:
    """Of the run that announces this day of deletion: closed anew, an organisation is announced anew."""
    return f"{organization.drop_after:%Y-%m-%dT%H:%M:%S.%f} {days}"


def due_notices(now: datetime) -> list[tuple[Organization, int]]:
    """The organisations to announce now, and as how many days ahead. A missed notice isn't sent late."""
    found = []
    soon = Organization.objects.filter(
        status=OrganizationStatus.CLOSED, drop_after__lte=now + timedelta(days=max(DAYS))
    )
    for organization in soon:
        days = min(days for days in DAYS if organization.drop_after <= now + timedelta(days=days))
        settled = Q(state__in=[*ACTIVE_STATES, JobState.DONE]) | Q(finished_at__gt=now - PAUSE)
        if not _runs(organization, days).filter(settled).exists():
            found.append((organization, days))
    return found


def was_announced(organization: Organization, now: datetime) -> bool:
    """Whether the owners have had a day's notice of the deletion."""
    sent = _runs(organization, min(DAYS)).filter(state=JobState.DONE)
    return sent.filter(finished_at__lte=now - timedelta(days=min(DAYS))).exists()


def send_notice(organization: Organization) -> int:
    """Write to every active owner of the platform, each in their language; returns how many.

    Raises JobRefused when there is none with an e-mail address.
    """
    owners = get_user_model()._default_manager.filter(platform_role="owner", is_active=True)
    messages = [_notice(organization, owner) for owner in owners.exclude(email=None).order_by("pk")]
    if not messages:
        raise JobRefused(_("No owner of the platform has an e-mail address: nothing is deleted unannounced."))
    get_connection().send_messages(messages)
    return len(messages)


def _notice(organization: Organization, owner) -> EmailMessage:
    with translation.override(owner.language or settings.LANGUAGE_CODE):
        day = date_format(timezone.localtime(organization.drop_after), "DATE_FORMAT")
        subject = _("The data of %(name)s will be deleted on %(day)s") % {
            "name": organization.name,
            "day": day,
        }
        body = render_to_string(
            "mail/organization_deletion.txt",
            {
                "name": organization.name,
                "day": day,
                "url": f"{settings.WAGTAILADMIN_BASE_URL}/admin/organizations/{organization.pk}/",
            },
        )
    return EmailMessage(" ".join(subject.split()), body, to=[owner.email])


def _runs(organization: Organization, days: int):
    return JobRun.objects.filter(organization=organization, name=NOTICE, key=notice_key(organization, days))
