"""An uploaded file between the steps: in the organisation's storage, for one person, for one day.

The name can't be guessed, is bound to the session it was uploaded in and to the user, and nothing serves the
folder. What is kept is the file's text as we read it, never the file itself.
"""

import json
import secrets
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest
from django.utils import timezone

from .kinds import ImportKind
from .planning import Options
from .tables import Table

FOLDER = "imports"
KEPT = timedelta(days=1)
_SESSION = "imports"


@dataclass
class Staged:
    """A file on its way in, and how far it has come."""

    token: str
    kind: str
    user: str
    file_name: str
    table: Table
    names: list[str | None] = field(default_factory=list)
    options: Options | None = None
    # What the plan said when it was last looked at: rows as shown, counts, stamps (see views).
    plan: dict[str, Any] | None = None
    report: dict[str, Any] | None = None

    @property
    def path(self) -> str:
        return f"{FOLDER}/{self.token}.json"

    def save(self) -> None:
        data = {
            "kind": self.kind,
            "user": self.user,
            "file_name": self.file_name,
            "table": self.table.as_json(),
            "names": self.names,
            "options": self.options.as_json() if self.options else None,
            "plan": self.plan,
            "report": self.report,
        }
        default_storage.delete(self.path)
        default_storage.save(self.path, ContentFile(json.dumps(data).encode()))

    def finish(self) -> None:
        """Keep what the done page needs, and of the file only the rows that failed.

        Where nothing was written the file stays, so that the person can look again.
        """
        assert self.report is not None
        if self.report["created"] or self.report["updated"]:
            self.table.rows = []
        self.save()


def stage(request: HttpRequest, kind: ImportKind, table: Table, file_name: str) -> Staged:
    """Keep an uploaded table for this person's next steps."""
    staged = Staged(secrets.token_hex(16), kind.key, str(request.user.pk), file_name[:200], table)
    staged.save()
    request.session[_SESSION] = {**request.session.get(_SESSION, {}), staged.token: kind.key}
    return staged


def load(request: HttpRequest, kind: ImportKind, token: str, *, known: bool = False) -> Staged:
    """The staged file of this session; Http404 for any other, and once it is gone.

    `known`: the token is known to be this person's, from whatever session.
    """
    if not known and request.session.get(_SESSION, {}).get(token) != kind.key:
        raise Http404
    try:
        staged = read(token)
    except FileNotFoundError:
        raise Http404 from None
    if staged.user != str(request.user.pk) or staged.kind != kind.key:
        raise Http404
    return staged


def read(token: str) -> Staged:
    """A staged file by its name alone, which the caller must have from us. Raises FileNotFoundError."""
    with default_storage.open(f"{FOLDER}/{token}.json") as file:
        data = json.loads(file.read())
    options = Options(**data["options"]) if data["options"] else None
    return Staged(
        token,
        data["kind"],
        data["user"],
        data["file_name"],
        Table.from_json(data["table"]),
        data["names"],
        options,
        data["plan"],
        data["report"],
    )


def discard(request: HttpRequest, staged: Staged) -> None:
    default_storage.delete(staged.path)
    tokens = dict(request.session.get(_SESSION, {}))
    tokens.pop(staged.token, None)
    request.session[_SESSION] = tokens


def sweep(now: datetime | None = None, *, keep: Collection[str] = ()) -> int:
    """Delete what is older than a day, but not the tokens to `keep`; returns how many files that were."""
    limit = (now or timezone.now()) - KEPT
    if not default_storage.exists(FOLDER):
        return 0
    deleted = 0
    for name in default_storage.listdir(FOLDER)[1]:
        path = f"{FOLDER}/{name}"
        if name.removesuffix(".json") in keep:
            continue
        try:
            old = default_storage.get_modified_time(path) < limit
        except FileNotFoundError:
            continue  # Another request was quicker.
        if old:
            default_storage.delete(path)
            deleted += 1
    return deleted
