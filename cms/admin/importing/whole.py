"""Registers that are imported whole, all good rows or none: jobs look a long file through and write it.

Local associations and members. Content, whose rows stand for themselves, is written in parts (`background`).
"""

import json
from collections.abc import Callable
from importlib import import_module
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _

from domain.access.queries import scope_for
from domain.core.errors import DomainError
from domain.identity.models import User
from tenants.choices import JobState
from tenants.jobs import JobRefused, enqueue
from tenants.models import JobRun, Organization

from .planning import Outcome
from .staging import FOLDER
from .tables import MAX_ROWS_AT_ONCE, Table

LOOK, CARRY_OUT = "imports.look", "imports.carry_out"
# What is imported → the module whose `Plan` reads it and whose `carry_out` writes it. Names of ours, never
# from a caller.
PLANS = {
    "local-associations": "cms.admin.associations.import_plan",
    "members": "cms.admin.members.import_plan",
}
# How many of a person's long imports the first page lists.
LISTED = 10
# Rows after which it is said how far the look has come.
STEP = 200


def is_large(table: Table) -> bool:
    """Whether a file is too long to be read and written while a person waits for the page."""
    return len(table.rows) > MAX_ROWS_AT_ONCE


def summary(plan: Any) -> dict[str, Any]:
    """What a plan would do, as the page shows it and as it is compared with when it is carried out."""
    return {
        "counts": plan.counts,
        "names": plan.names,
        "stamps": plan.stamps(),
        "rows": [
            {
                "number": row.row.number,
                "key": row.number,
                "outcome": row.outcome.value,
                "outcome_label": str(row.outcome.label),
                "title": row.title,
                "problems": [str(problem) for problem in row.problems],
                "changes": [(str(change.label), change.old, change.new) for change in row.changes],
            }
            for row in plan.rows
        ],
    }


def good(look: dict[str, Any]) -> int:
    """How many rows of a summary would be written."""
    return look["counts"][Outcome.NEW.value] + look["counts"][Outcome.UPDATE.value]


def begin_look(*, kind: str, token: str, file_name: str, by: User, organization: Organization) -> JobRun:
    """Have a staged file looked through; asking twice is one job."""
    return enqueue(LOOK, organization, key=token, kind=kind, token=token, by=str(by.pk), file_name=file_name)


def begin(*, kind: str, token: str, file_name: str, by: User, organization: Organization) -> JobRun:
    """Have a file that was looked through written as that look said; asking twice is one job."""
    return enqueue(
        CARRY_OUT, organization, key=token, kind=kind, token=token, by=str(by.pk), file_name=file_name
    )


def runs_of(user: Any, kind: str, organization: Organization) -> Any:
    """The jobs of a person's long imports of this kind, the newest first."""
    runs = JobRun.objects.filter(organization=organization, name__in=[LOOK, CARRY_OUT])
    return runs.filter(arguments__kind=kind, arguments__by=str(user.pk)).order_by("-created_at")


def under_way(user: Any, kind: str, organization: Organization) -> list[JobRun]:
    """The newest job of each import that isn't over: the file was neither written nor thrown away."""
    newest: dict[str, JobRun] = {}
    for run in runs_of(user, kind, organization)[: 3 * LISTED]:
        newest.setdefault(run.key, run)
    return [
        run
        for run in newest.values()
        if (run.name, run.state) != (CARRY_OUT, JobState.DONE) and default_storage.exists(_path(run.key))
    ][:LISTED]


def look(*, kind: str, token: str, by: str, progress: Callable[[int, str], None]) -> dict[str, int]:
    """Look a file through and keep the result with it; gives how many rows would become what."""
    user, data = _user(by), _read(token)
    table = Table.from_json(data["table"])
    every = len(table.rows)

    def step(done: int) -> None:
        if done % STEP == 0:
            progress(100 * done // every, _("%(done)d of %(all)d rows") % {"done": done, "all": every})

    plan = import_module(PLANS[kind]).Plan(table, scope_for(user), step=step)
    data["look"] = summary(plan)
    path = _path(token)
    default_storage.delete(path)
    default_storage.save(path, ContentFile(json.dumps(data).encode()))
    return data["look"]["counts"]


def carry_out(*, kind: str, token: str, by: str, file_name: str) -> dict[str, int]:
    """Write the file; gives how many rows were made and changed. Refuses as the page would have."""
    user, data = _user(by), _read(token)
    if "look" not in data:
        raise JobRefused(_("Nobody has looked at what this file would do."))
    try:
        figures = import_module(PLANS[kind]).carry_out(
            Table.from_json(data["table"]),
            stamps=data["look"]["stamps"],
            scope=scope_for(user),
            by=user,
            file_name=file_name,
        )
    except DomainError as refusal:
        raise JobRefused(str(refusal.message)) from refusal
    transaction.on_commit(lambda: default_storage.delete(_path(token)))
    return figures


def _user(pk: str) -> User:
    user = User.objects.filter(pk=pk, is_active=True).first()
    if user is None:
        raise JobRefused(_("Whoever asked for this has no account any more."))
    return user


def _read(token: str) -> dict[str, Any]:
    try:
        with default_storage.open(_path(token)) as file:
            return json.loads(file.read())
    except FileNotFoundError as error:
        raise JobRefused(_("The file was thrown away meanwhile: upload it again.")) from error


def _path(token: str) -> str:
    return f"{FOLDER}/{token}.json"
