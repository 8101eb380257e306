"""The quickest answer to "has it changed?": what this process answered before, if all it depended on holds.

Most requests of the apps are the same few, asked by people who aren't signed in, about content that is the
same as yesterday. The first such 304 is made the normal way, by all layers. It is kept here with what it
depends on: everything of the request that any layer reads, the organisation's row and the state of its
content. One statement then tells whether the host is still that organisation's, the organisation still
active, its row still the one we hold and its content in the same state; so a suspension, a moved host, a new
name or a publication shows in the next answer of every process, as it does without this.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponseBase

from api.core.conditional import not_modified
from tenants import routing
from tenants.backend.statements import Statement
from tenants.middleware import split_host
from tenants.models import Organization

from .middleware import PREFIX
from .state import STAMP

# Of one process; the oldest goes first. About 2 kB each.
MOST_KEPT = 2000
# Characters of all that an answer is kept under; apps stay far below.
LONGEST_KEY = 1000
# What tells who asks: such a request goes the normal way, always.
_PERSONAL = ("HTTP_AUTHORIZATION", "HTTP_COOKIE")
# With the path and scheme all that the layers above the views read of a request.
_READ = ("HTTP_IF_NONE_MATCH", "HTTP_HOST", "QUERY_STRING", "HTTP_ACCEPT_LANGUAGE", "HTTP_ORIGIN")


@dataclass(frozen=True)
class _Kept:
    organization: Organization
    stamp: str
    headers: dict[str, str]


class RememberedContentMiddleware:
    """Answers 304 from memory to a conditional GET without credentials that was answered 304 before.

    The headers are those of the answer before, whichever layer gave them; so this stands outside of all that
    add any, but for the request's id and its line in the log.
    """

    def __init__(self, get_response):
        self.get_response = get_response
        self._kept: dict[tuple[str, ...], _Kept] = {}
        self._lock = threading.Lock()

    def __call__(self, request) -> HttpResponseBase:
        key = _key(request)
        if key is None:
            return self.get_response(request)
        kept = self._kept.get(key)
        if kept is not None and _holds(kept, request):
            request.tenant = kept.organization
            return not_modified(kept.headers)
        response = self.get_response(request)
        stamp = getattr(response, "content_stamp", None)
        if stamp is not None:
            self._keep(key, _Kept(request.tenant, stamp, dict(response.items())))
        return response

    def _keep(self, key: tuple[str, ...], kept: _Kept) -> None:
        with self._lock:
            self._kept.pop(key, None)
            while len(self._kept) >= MOST_KEPT:
                del self._kept[next(iter(self._kept))]
            self._kept[key] = kept


def _key(request) -> tuple[str, ...] | None:
    """What the answer is kept under; None for a request whose answer is not for keeping."""
    meta = request.META
    if (
        "HTTP_IF_NONE_MATCH" not in meta
        or request.method != "GET"
        or not request.path_info.startswith(PREFIX)
        or any(meta.get(name) for name in _PERSONAL)
    ):
        return None
    key = (request.path, request.scheme, *(meta.get(name, "") for name in _READ))
    return key if sum(map(len, key)) <= LONGEST_KEY else None


def _holds(kept: _Kept, request) -> bool:
    host = split_host(request.META.get("HTTP_HOST", ""))
    organization, row = _shared.ask(host)
    return organization is kept.organization and row is not None and row[0] == kept.stamp


_Answer = tuple[Organization | None, tuple[Any, ...] | None]


class _Round:
    """One statement, and the requests that wait for what it says."""

    def __init__(self) -> None:
        self.done = threading.Event()
        self.answer: _Answer = (None, None)


class SharedQuestion:
    """Asks once for all requests of a host that came while another statement was under way.

    Nobody gets an answer from before they came: a request takes part in a statement that begins after it has
    arrived, its own or the next one after the one under way. Under load most requests then wait for a
    statement of another thread instead of making PostgreSQL answer the same once more.
    """

    def __init__(self, question: Callable[[str], _Answer]) -> None:
        self._question = question
        self._lock = threading.Lock()
        self._under_way: dict[str, _Round] = {}
        self._next: dict[str, _Round] = {}

    def ask(self, host: str) -> _Answer:
        """What the question says of the host; (None, None) where another request asked it and it failed."""
        with self._lock:
            before = self._under_way.get(host)
            first = before is None or host not in self._next
            if before is None:
                mine = self._under_way[host] = _Round()
            else:
                mine = self._next.setdefault(host, _Round())
        if not first:
            mine.done.wait()
            return mine.answer
        if before is not None:
            before.done.wait()
        try:
            mine.answer = self._question(host)
        finally:
            with self._lock:
                # Whoever comes from now on waits for the one after: this begins at once.
                if host in self._next:
                    self._under_way[host] = self._next.pop(host)
                else:
                    del self._under_way[host]
            mine.done.set()
        return mine.answer


_STAMP = Statement([STAMP], [])
_shared = SharedQuestion(lambda host: routing.enter_remembered(host, lambda: (_STAMP, ())))
