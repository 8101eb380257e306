"""One change of a push, read: what of it is wrong is its own affair, and never its neighbours'."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from api.core.errors import Problem
from domain.sync.choices import Operation
from domain.sync.models.mutations import LARGEST_MUTATION, LONGEST_CLIENT_ID

# Arrays and objects inside each other, as in any body (`api.core.parsing`).
DEEPEST = 32
_CLIENT_ID = re.compile(rf"[!-~]{{1,{LONGEST_CLIENT_ID}}}")
_NAME = re.compile(r"[a-z0-9-]{1,50}")
_MEMBERS = {
    "mutation_id",
    "resource",
    "op",
    "id",
    "client_id",
    "action",
    "base_version",
    "occurred_at",
    "data",
}
_LARGEST_VERSION = 2**31 - 1


class MutationProblem(Problem):
    """What is wrong with a change itself; `errors` point into it, not into its data."""

    def __init__(self, errors: list[dict[str, str]]):
        detail = errors[0]["detail"] if len(errors) == 1 else _("Some of the values are not valid.")
        super().__init__("invalid-input", detail, errors=errors)


@dataclass(frozen=True)
class Mutation:
    """What a phone did, as far as it could be read.

    `verb` is the operation, or the action's name. Only with a `problem` anything else may be missing.
    """

    mutation_id: UUID | None = None
    resource: str = ""
    op: str = ""
    action: str = ""
    target: str = ""
    client_id: str = ""
    base_version: int | None = None
    occurred_at: datetime | None = None
    data: Mapping[str, Any] | None = None
    problem: Problem | None = None

    @property
    def verb(self) -> str:
        return self.action if self.op == Operation.ACTION else self.op

    @property
    def is_named_by_phone(self) -> bool:
        """Whether its row is meant by what the phone calls it."""
        return bool(self.client_id) and self.op != Operation.CREATE


def read(raw: Any) -> Mutation:
    """A change as it was sent. Never raises: what is wrong is its `problem`."""
    if not isinstance(raw, dict):
        return Mutation(problem=_invalid("#", "wrong-type", _("An object is expected here.")))
    mutation_id = _uuid(raw.get("mutation_id"))
    if not _is_flat_enough(raw):
        return Mutation(mutation_id, problem=_invalid("#", "too-deep", _("It is nested too deeply.")))
    try:
        size = len(json.dumps(raw, ensure_ascii=False).encode())
    except UnicodeEncodeError:
        detail = _("It holds half of a character (a lone surrogate).")
        return Mutation(mutation_id, problem=_invalid("#", "not-text", detail))
    if size > LARGEST_MUTATION:
        detail = _("One change is at most %(most)d kB.") % {"most": LARGEST_MUTATION // 1024}
        return Mutation(mutation_id, problem=Problem("request-too-large", detail, status_code=413))
    errors: list[dict[str, str]] = []

    def wrong(name: str, code: str, detail: str | Promise) -> None:
        errors.append({"pointer": f"#/{_escape(name)}", "code": code, "detail": str(detail)})

    if mutation_id is None:
        wrong("mutation_id", "invalid" if "mutation_id" in raw else "required", _("A UUID is expected here."))
    for name in sorted(raw.keys() - _MEMBERS):
        wrong(name, "unknown-field", _("There is no such member."))
    resource = _text(raw.get("resource"), _NAME)
    if not resource:
        wrong("resource", "required", _("Name the kind of row."))
    op = raw.get("op") if raw.get("op") in Operation.values else ""
    if not op:
        wrong("op", "unknown-op", _("One of create, update, delete and action is expected here."))
    action = _text(raw.get("action"), _NAME)
    if op == Operation.ACTION and not action:
        wrong("action", "required", _("Name the action."))
    elif op and op != Operation.ACTION and raw.get("action") not in (None, ""):
        wrong("action", "unknown-field", _("There is no such member."))
    client_id = _text(raw.get("client_id"), _CLIENT_ID)
    if raw.get("client_id") is not None and not client_id:
        wrong("client_id", "invalid", _("A client id is 1 to 64 visible ASCII characters."))
    target = _text(raw.get("id"), _CLIENT_ID)
    if op == Operation.CREATE:
        if raw.get("id") is not None:
            wrong("id", "read-only", _("The server names new rows: send a client_id."))
    elif op and not target and not client_id:
        wrong("id", "required" if raw.get("id") is None else "invalid", _("Name the row."))
    version = raw.get("base_version")
    if version is not None and not (type(version) is int and 1 <= version <= _LARGEST_VERSION):
        wrong("base_version", "invalid", _("A whole number from 1 is expected here."))
        version = None
    occurred_at = moment(raw.get("occurred_at"))
    if occurred_at is None:
        wrong("occurred_at", "invalid", _("A time with its offset from UTC is expected here."))
    data = raw.get("data", {})
    if data is None:
        data = {}
    if not isinstance(data, dict):
        wrong("data", "wrong-type", _("An object is expected here."))
        data = None
    elif op == Operation.DELETE and data:
        wrong("data", "unknown-field", _("Deleting takes no data."))
    return Mutation(
        mutation_id,
        resource,
        str(op),
        action if op == Operation.ACTION else "",
        "" if op == Operation.CREATE else target,
        client_id,
        version,
        occurred_at,
        data,
        MutationProblem(errors) if errors else None,
    )


def moment(value: Any) -> datetime | None:
    """A time with its offset, as it was sent; None for anything else."""
    if not isinstance(value, str) or len(value) > 40:
        return None
    try:
        found = parse_datetime(value)
        if found is None or found.utcoffset() is None:
            return None
        found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return found


def _uuid(value: Any) -> UUID | None:
    try:
        return UUID(value) if isinstance(value, str) and len(value) in (32, 36) else None
    except ValueError:
        return None


def _text(value: Any, pattern: re.Pattern[str]) -> str:
    return value if isinstance(value, str) and pattern.fullmatch(value) else ""


def _is_flat_enough(value: Any) -> bool:
    level = [value]
    for _depth in range(DEEPEST + 1):
        level = [one for one in level if isinstance(one, dict | list)]
        if not level:
            return True
        level = [inner for one in level for inner in (one.values() if isinstance(one, dict) else one)]
    return False


def _escape(name: str) -> str:
    return name.encode("utf-8", "replace").decode().replace("~", "~0").replace("/", "~1")


def _invalid(pointer: str, code: str, detail: str) -> Problem:
    return MutationProblem([{"pointer": pointer, "code": code, "detail": detail}])
