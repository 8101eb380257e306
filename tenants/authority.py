"""Who may change organisations."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from tenants.db import connection


def require_staff(by: Any) -> None:
    """Raise PermissionDenied unless `by` is platform staff, or None: the system itself (commands, jobs)."""
    if by is not None and not getattr(by, "is_platform_staff", False):
        raise PermissionDenied(_("Only the platform's staff may change organisations."))


def require_owner() -> None:
    """Raise PermissionDenied unless this process logs in as the owner of the tables.

    Web processes don't: what makes, dumps or drops schemas runs in the worker or on the command line.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tableowner = session_user FROM pg_tables "
            "WHERE schemaname = 'public' AND tablename = 'tenants_organization'"
        )
        row = cursor.fetchone()
    if row is None or not row[0]:
        raise PermissionDenied(_("This needs the database login of the worker or the command line."))
