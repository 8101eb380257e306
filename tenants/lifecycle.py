"""What happens to an organisation after it was provisioned: suspended, resumed, closed, reopened, dropped.

    active ⇄ suspended → closed → (grace period) → gone
       └──────────────────┘ ↖ reopened within the grace period

Every change is checked, written and announced in one transaction. `by` is a User of the platform's staff,
or None for the system itself.
"""

import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from psycopg import sql

from tenants.db import connection

from . import dumps, routing
from .authority import require_owner, require_staff
from .choices import OrganizationKind, OrganizationStatus
from .events import announce
from .hosts import add_host, make_primary, remove_host
from .models import Organization, OrganizationHierarchy
from .names import is_schema_name
from .roles import drop_role

__all__ = [
    "add_host",
    "close_organization",
    "closed_and_due",
    "drop_organization",
    "make_primary",
    "remove_host",
    "reopen_organization",
    "resume_organization",
    "suspend_organization",
]


def suspend_organization(organization: Organization, *, by: Any, reason: str) -> Organization:
    """Answer every request of the organisation's hosts with 403; data and sessions are kept.

    Raises ValidationError without a reason, or unless the organisation is active.
    """
    return _change(
        organization,
        "organization.suspended",
        {OrganizationStatus.ACTIVE},
        OrganizationStatus.SUSPENDED,
        by=by,
        reason=_required(reason),
    )


def resume_organization(organization: Organization, *, by: Any) -> Organization:
    """Let a suspended organisation be used again."""
    return _change(
        organization,
        "organization.resumed",
        {OrganizationStatus.SUSPENDED},
        OrganizationStatus.ACTIVE,
        by=by,
    )


def close_organization(organization: Organization, *, by: Any, reason: str) -> Organization:
    """End an organisation's use: write a dump, refuse its requests, and set the day its data is deleted.

    Needs the owner's database login, so it runs in the worker or on the command line, never in a web
    process. Raises ValidationError without a reason or from a wrong state, `dumps.DumpFailed` when no
    dump could be written; then nothing has changed.
    """
    require_staff(by)
    require_owner()
    reason = _required(reason)
    open_states = {OrganizationStatus.ACTIVE, OrganizationStatus.SUSPENDED}
    _require_state(Organization.objects.get(pk=organization.pk), open_states)
    dump = dumps.write_dump(organization)
    dumps.verify_dump(dump, organization)
    return _change(
        organization,
        "organization.closed",
        open_states,
        OrganizationStatus.CLOSED,
        by=by,
        reason=reason,
        drop_after=timezone.now() + timedelta(days=settings.ORGANIZATION_GRACE_DAYS),
        details={"dump": (None, dump.name)},
    )


def reopen_organization(organization: Organization, *, by: Any) -> Organization:
    """Take back the closing of an organisation whose data is still there."""
    return _change(
        organization,
        "organization.reopened",
        {OrganizationStatus.CLOSED},
        OrganizationStatus.ACTIVE,
        by=by,
    )


def drop_organization(organization: Organization, *, by: Any = None) -> Path:
    """Delete a closed organisation whose grace period is over: schema, role, rows, files. Returns the dump.

    A dump is written once more and read back first, so that nothing ever goes without one that can be
    restored; the record names it and when it was verified. People stay: they are rows of the platform, and
    may belong elsewhere. Raises ValidationError before the day, `dumps.DumpFailed`; then nothing has changed.
    """
    require_staff(by)
    require_owner()
    current = Organization.objects.get(pk=organization.pk)
    _require_droppable(current)
    dump = dumps.write_dump(current)
    dumps.verify_dump(dump, current)
    verified_at = timezone.now()
    schema = current.schema_name
    with connection.as_owner(), transaction.atomic():
        current = Organization.objects.select_for_update().get(pk=organization.pk)
        _require_droppable(current)  # It may have been reopened while we wrote.
        announce(
            "organization.dropped",
            current,
            by=by,
            changes={
                "status": (current.status, None),
                "drop_after": (current.drop_after, None),
                "dump": (None, dump.name),
                "dump_verified_at": (None, verified_at),
            },
            reason="grace period",
        )
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(schema)))
        drop_role(schema)
        OrganizationHierarchy.objects.filter(parent=current).delete()
        OrganizationHierarchy.objects.filter(child=current).delete()
        logo = current.logo.name
        Organization.objects.filter(pk=current.pk).delete()
        transaction.on_commit(routing.forget)
    if logo:
        Organization._meta.get_field("logo").storage.delete(logo)
    remove_files(schema)
    return dump


def closed_and_due() -> list[Organization]:
    """Closed organisations whose grace period is over."""
    return list(Organization.objects.filter(status=OrganizationStatus.CLOSED, drop_after__lte=timezone.now()))


def remove_files(schema: str) -> None:
    """Delete the folder of an organisation that no longer exists."""
    if not is_schema_name(schema):
        raise ValueError(f"not a schema name: {schema!r}")
    shutil.rmtree(Path(settings.MEDIA_ROOT, schema), ignore_errors=True)


def _change(
    organization: Organization,
    action: str,
    states: set[OrganizationStatus],
    status: OrganizationStatus,
    *,
    by: Any,
    reason: str = "",
    drop_after=None,
    details: dict[str, tuple[Any, Any]] | None = None,
) -> Organization:
    require_staff(by)
    with transaction.atomic():
        current = Organization.objects.select_for_update().get(pk=organization.pk)
        _require_state(current, states)
        changes = {"status": (current.status, status.value), **(details or {})}
        if current.drop_after != drop_after:
            changes["drop_after"] = (current.drop_after, drop_after)
        now = timezone.now()
        values = {
            "status": status.value,
            "status_reason": reason,
            "status_changed_at": now,
            "drop_after": drop_after,
            "updated_at": now,
        }
        # Not `save()`: the library refuses it while another schema, the platform's, is selected.
        Organization.objects.filter(pk=current.pk).update(**values)
        for name, value in values.items():
            setattr(current, name, value)
            setattr(organization, name, value)  # The caller's instance says the same as the row.
        announce(action, current, by=by, changes=changes, reason=reason)
        transaction.on_commit(routing.forget)
    return current


def _required(reason: str) -> str:
    reason = reason.strip()
    if not reason:
        raise ValidationError(_("Say why: the reason is kept in the record."), code="reason-required")
    if len(reason) > 500:
        raise ValidationError(_("Keep the reason within 500 characters."), code="reason-long")
    return reason


def _require_state(organization: Organization, states: set[OrganizationStatus]) -> None:
    if organization.kind != OrganizationKind.ORGANIZATION:
        raise ValidationError(
            _("%(name)s is part of the platform itself and can't be suspended or closed."),
            code="organization-kind",
            params={"name": organization.name},
        )
    if organization.status not in states:
        raise ValidationError(
            _("%(name)s can't be changed this way while its status is “%(status)s”."),
            code="organization-state",
            params={"name": organization.name, "status": organization.get_status_display()},
        )


def _require_droppable(organization: Organization) -> None:
    _require_state(organization, {OrganizationStatus.CLOSED})
    if organization.drop_after is None or organization.drop_after > timezone.now():
        raise ValidationError(
            _("The grace period of %(name)s isn't over."),
            code="organization-grace",
            params={"name": organization.name},
        )
