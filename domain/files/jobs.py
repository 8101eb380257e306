"""Asking the scanner again, and clearing away what nobody wanted."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenants.jobs import JobContext, job
from tenants.models import Organization
from tenants.schedules import active_organizations, every, read_schemas

from . import scanner, storage
from .choices import FileStatus, ScanStatus
from .models import FileUpload, StoredFile
from .rules import KEPT, destroy_stale, settle_scan, sweep_storage, unattached_days
from .uploads import end_expired_uploads

MOST_PER_RUN = 200
# Bytes without a row may belong to an upload that is still under way.
UNDER_WAY = timedelta(hours=24)


def _with_files(now: datetime, condition: str, model: Any = StoredFile) -> Iterable[Organization]:
    organizations = {one.schema_name: one for one in active_organizations(now)}
    table = model._meta.db_table
    # A name of our own table; the schemas are quoted.
    found = read_schemas(
        f"EXISTS (SELECT FROM {{schema}}.{table} WHERE {condition})",
        organizations,
        tables=[table],
    )
    return [organizations[schema] for schema, due in found.items() if due]


def organizations_to_scan(now: datetime) -> Iterable[Organization]:
    """Those with files that the scanner hasn't seen, if there is a scanner."""
    if not scanner.is_configured():
        return []
    return _with_files(
        now, f"scan IN ('{ScanStatus.WAITING}', '{ScanStatus.NOT_SCANNED}') AND storage_name <> ''"
    )


def organizations_with_files(now: datetime) -> Iterable[Organization]:
    return _with_files(now, "true")


# Not one transaction: each verdict holds by itself, and the scanner may take its time.
@every(minutes=5, due=organizations_to_scan)
@job("files.scan", title=_("Scan files for viruses"), atomic=False, keep=False)
def scan_waiting(context: JobContext) -> dict[str, int]:
    """Scan what is quarantined, then what was taken in before there was a scanner."""
    waiting = StoredFile.objects.filter(
        scan__in=[ScanStatus.WAITING, ScanStatus.NOT_SCANNED], status__in=KEPT
    ).order_by("-scan", "created_at")
    done = 0
    for file in waiting[:MOST_PER_RUN]:
        try:
            verdict = scanner.scan(storage.read(file.storage_name))
        except FileNotFoundError:
            continue
        except scanner.ScannerUnavailable:
            break  # The next run asks again.
        if verdict is None:
            break
        settle_scan(file, verdict)
        done += 1
    return {"scanned": done, "quarantined": StoredFile.objects.filter(status=FileStatus.QUARANTINED).count()}


@every(minutes=24 * 60, due=organizations_with_files)
@job("files.clean_up", title=_("Clear away files that nobody uses"), atomic=False, keep=False)
def clean_up(context: JobContext) -> dict[str, int]:
    """Destroy what was uploaded and never attached, what was kept long enough, and stray bytes."""
    now = timezone.now()
    destroyed = destroy_stale(today=timezone.localdate(), older_than=now - timedelta(days=unattached_days()))
    return {"destroyed": destroyed, "stray": sweep_storage(written_before=now - UNDER_WAY)}


def organizations_with_expired_uploads(now: datetime) -> Iterable[Organization]:
    return _with_files(now, "expires_at < now()", FileUpload)


@every(minutes=60, due=organizations_with_expired_uploads)
@job("files.end_uploads", title=_("End uploads that nobody finished"), atomic=False, keep=False)
def end_uploads(context: JobContext) -> dict[str, int]:
    """Forget uploads whose time was up, with the bytes of them that had arrived."""
    return {"ended": end_expired_uploads()}
