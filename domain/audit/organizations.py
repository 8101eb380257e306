"""What happens to organisations, in the record of the platform's own organisation."""

import logging

from django.conf import settings
from django_tenants.utils import schema_context

from tenants.choices import OrganizationKind
from tenants.events import OrganizationEvent
from tenants.models import Organization

from .rules import record

logger = logging.getLogger(__name__)


def record_organization_event(event: OrganizationEvent) -> None:
    """Write the event into the platform's record, in the transaction of the change.

    Until the platform itself is provisioned there is no such record; that one event goes to the log.
    """
    if not Organization.objects.filter(kind=OrganizationKind.PLATFORM).exists():
        logger.warning("no platform yet to record it in: %s %s", event.action, event.organization.schema_name)
        return
    with schema_context(settings.PLATFORM_SCHEMA):
        record(event.action, event.organization, by=event.by, changes=event.changes, reason=event.reason)
