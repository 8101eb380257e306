"""Content's jobs: what was scheduled to appear or to disappear."""

import logging
from collections.abc import Iterable
from datetime import datetime

from django.apps import apps
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.models import DraftStateMixin, Page, Revision

from tenants.choices import OrganizationStatus
from tenants.jobs import JobContext, job
from tenants.models import Organization
from tenants.schedules import every, read_schemas

from . import link_check  # noqa: F401 - registers its job
from .admin.importing import jobs as importing_jobs  # noqa: F401 - registers its job

logger = logging.getLogger(__name__)


def scheduled_models() -> list[type[DraftStateMixin]]:
    """The kinds of content that can be scheduled."""
    return [
        model
        for model in apps.get_models()
        if issubclass(model, DraftStateMixin) and not issubclass(model, Page)
    ]


def organizations_with_content_due(now: datetime) -> Iterable[Organization]:
    """Organisations in which something is to be published or unpublished by now."""
    models = scheduled_models()
    tables = [model._meta.db_table for model in models]
    revisions = Revision._meta.db_table
    conditions = [f"EXISTS (SELECT FROM {{schema}}.{revisions} WHERE approved_go_live_at < %s)"]
    conditions += [
        f"EXISTS (SELECT FROM {{schema}}.{table} WHERE live AND expire_at < %s)" for table in tables
    ]
    in_use = Organization.objects.filter(status=OrganizationStatus.ACTIVE)
    is_due = read_schemas(
        " OR ".join(conditions),
        in_use.values_list("schema_name", flat=True),
        tables=[revisions, *tables],
        parameters=[now] * len(conditions),
    )
    return in_use.filter(schema_name__in=[schema for schema, due in is_due.items() if due])


@every(minutes=1, due=organizations_with_content_due)
@job("content.publish_scheduled", title=_("Publish scheduled content"), atomic=False)
def publish_scheduled(context: JobContext) -> dict[str, int]:
    """Unpublish what has expired and publish what is due, each in a transaction of its own.

    What can't be published (its category is gone, say) is logged and leaves the rest be.
    """
    now = timezone.now()
    counts = {"published": 0, "unpublished": 0, "failed": 0}
    for model in scheduled_models():
        for pk in list(model.objects.filter(live=True, expire_at__lt=now).values_list("pk", flat=True)):
            counts[_unpublish(model, pk, now)] += 1
    due = Revision.objects.filter(approved_go_live_at__lt=now).order_by("approved_go_live_at")
    for pk in list(due.values_list("pk", flat=True)):
        counts[_publish(pk, now)] += 1
    return counts


def _unpublish(model: type[DraftStateMixin], pk, now: datetime) -> str:
    try:
        with transaction.atomic():
            obj = model.objects.select_for_update(of=("self",)).get(pk=pk)
            if obj.live and obj.expire_at and obj.expire_at < now:
                obj.unpublish(set_expired=True, log_action="wagtail.unpublish.scheduled")
        return "unpublished"
    except Exception:
        logger.exception("%s %s could not be unpublished", model._meta.label, pk)
        return "failed"


def _publish(pk: int, now: datetime) -> str:
    try:
        with transaction.atomic():
            revision = Revision.objects.select_for_update(of=("self",)).get(pk=pk)
            if revision.approved_go_live_at and revision.approved_go_live_at < now:
                revision.publish(log_action="wagtail.publish.scheduled")
        return "published"
    except Exception:
        logger.exception("revision %s could not be published", pk)
        return "failed"
