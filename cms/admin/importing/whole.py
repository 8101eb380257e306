"""Registers that are imported whole, all good rows or none: a long file is written by a job.

Local associations and members. Content, whose rows stand for themselves, is written in parts (`background`).
"""

import json
from importlib import import_module
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _

from domain.access.queries import scope_for
from domain.core.errors import DomainError
from domain.identity.models import User
from tenants.jobs import JobRefused, enqueue
from tenants.models import JobRun, Organization

from .staging import FOLDER
from .tables import MAX_ROWS_AT_ONCE, Table

CARRY_OUT = "imports.carry_out"
# What is imported → the module whose `carry_out` writes it. Names of ours, never from a caller.
PLANS = {
    "local-associations": "cms.admin.associations.import_plan",
    "members": "cms.admin.members.import_plan",
}


def is_large(table: Table) -> bool:
    """Whether a file is too long to be written while a person waits for the page."""
    return len(table.rows) > MAX_ROWS_AT_ONCE


@transaction.atomic
def begin(
    *, kind: str, token: str, file_name: str, stamps: list[list], by: User, organization: Organization
) -> JobRun:
    """Have a staged file written as the person saw it (`stamps`); asking twice is one job."""
    path = _path(token)
    with default_storage.open(path) as file:
        data = json.loads(file.read())
    default_storage.delete(path)
    default_storage.save(path, ContentFile(json.dumps({**data, "stamps": stamps}).encode()))
    return enqueue(
        CARRY_OUT, organization, key=token, kind=kind, token=token, by=str(by.pk), file_name=file_name
    )


def runs_of(user: Any, kind: str, organization: Organization) -> Any:
    """A person's long imports of this kind, the newest first."""
    runs = JobRun.objects.filter(organization=organization, name=CARRY_OUT)
    return runs.filter(arguments__kind=kind, arguments__by=str(user.pk)).order_by("-created_at")


def carry_out(*, kind: str, token: str, by: str, file_name: str) -> dict[str, int]:
    """Write the file; gives how many rows were made and changed. Refuses as the page would have."""
    user = User.objects.filter(pk=by, is_active=True).first()
    if user is None:
        raise JobRefused(_("Whoever asked for this has no account any more."))
    try:
        with default_storage.open(_path(token)) as file:
            data = json.loads(file.read())
    except FileNotFoundError as error:
        raise JobRefused(_("The file was thrown away meanwhile: upload it again.")) from error
    try:
        figures = import_module(PLANS[kind]).carry_out(
            Table.from_json(data["table"]),
            stamps=data["stamps"],
            scope=scope_for(user),
            by=user,
            file_name=file_name,
        )
    except DomainError as refusal:
        raise JobRefused(str(refusal.message)) from refusal
    transaction.on_commit(lambda: default_storage.delete(_path(token)))
    return figures


def _path(token: str) -> str:
    return f"{FOLDER}/{token}.json"
