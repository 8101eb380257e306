"""Deciding about what waits in the inbox: the same way as from a phone, in the name of whoever wrote it."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from rest_framework import relations, serializers

from api.core.entities import entities
from api.core.errors import NotFound, Problem
from domain.audit.context import acting, current
from domain.core.scope import Scope
from domain.encryption.errors import ContentErased
from domain.encryption.reading import read_sealed
from domain.sync.choices import Operation, Resolution
from domain.sync.inbox import close, locked
from domain.sync.models import SyncMutation
from domain.sync.receiving import ClientIds

from .applying import Conflict, apply, bound_to, detail_of, fields_of, view_of
from .mutations import Mutation
from .references import Deferred, Names, names_in


@dataclass(frozen=True)
class Opened:
    """What an entry holds, as far as the reader may know it; `server` is what is there now."""

    data: dict[str, Any] | None = None
    detail: str = ""
    errors: tuple[Mapping[str, str], ...] = ()
    server: dict[str, Any] | None = None
    # Whether it is about rows that the reader doesn't see.
    is_hidden: bool = False


def open_entry(entry: SyncMutation, *, request: Any, scope: Scope) -> Opened:
    """What was sent, and what is there: both readings are on the record. Raises NotAllowed.

    Another's is shown only where all rows that it is about are the reader's to see.
    """
    server = detail_of(entry.resource, entry.row_id, request=request, scope=scope)
    if not entry.is_open:
        return Opened(server=server)
    try:
        content = read_sealed(entry, "content", by=request.user, scope=scope) or {}
    except ContentErased:
        content = {}
    data = content.get("data")
    if entry.user_id != scope.user_id and not _sees_all(entry, data or {}, server, request, scope):
        return Opened(is_hidden=True)
    return Opened(data, content.get("detail", ""), tuple(content.get("errors") or ()), server)


def take(
    entry: SyncMutation,
    *,
    request: Any,
    scope: Scope,
    version: int | None = None,
    data: Mapping[str, Any] | None = None,
    row_version: int | None = None,
) -> SyncMutation:
    """Do what the phone did, or with other `data`; on behalf of its author where another does it.

    `row_version` is the one that was compared with: other changes since are kept, unless they are of the
    same. Raises what doing it raises, and then nothing has changed; InvalidState, NotAllowed, StaleVersion.
    """
    by = request.user
    with transaction.atomic():
        row = locked(entry, by=by, version=version)
        given = read_sealed(row, "content", by=by, scope=scope) or {}
        sent = dict(data if data is not None else given.get("data") or {})
        view = view_of(row.resource)
        is_others = row.user_id != by.pk
        if is_others:
            server = detail_of(row.resource, row.row_id, request=request, scope=scope)
            if not _sees_all(row, sent, server, request, scope):
                raise NotFound
        if is_others and row.op == Operation.CREATE and view.synced and view.synced.for_author:
            sent = view.synced.for_author(sent, row.user)
        mutation = Mutation(
            mutation_id=row.mutation_id,
            resource=row.resource,
            op=row.op,
            action=row.action,
            target=str(row.row_id) if row.row_id and row.op != Operation.CREATE else "",
            client_id=row.client_id,
            base_version=row_version,
            occurred_at=row.occurred_at,
            data=sent,
        )
        names = Names(ClientIds.read(row.device, names_in([mutation])))
        # This one waits no longer: what it makes is called so from now on.
        names.ids.waiting.discard((row.resource, row.client_id))
        context = current()
        known = {each.name: getattr(context, each.name) for each in fields(context)}
        try:
            with acting(**known | ({"on_behalf_of": row.user} if is_others else {})):
                effect = apply(mutation, names, request=request, scope=scope)
        except Conflict as conflict:
            raise _changed_again(conflict) from None
        except Deferred as deferred:
            raise Problem("invalid-state", deferred.detail, status_code=409) from None
        how = Resolution.EDITED if data is not None else Resolution.MINE
        return close(row, how, by=by, row_id=effect.row_id, row_version=effect.version)


def _sees_all(entry: SyncMutation, data: Mapping[str, Any], server: Any, request: Any, scope: Scope) -> bool:
    """Whether all rows that a change names are the reader's to see."""
    view_class = entities.get(entry.resource)
    if view_class is None or (entry.row_id is not None and server is None):
        return False
    if entry.op != Operation.CREATE and entry.row_id is None:
        return False
    view = bound_to(view_class, request, scope, entry.action or entry.op)
    names = Names(ClientIds.read(entry.device, names_in([Mutation(data=data)])))
    mutation = Mutation(op=entry.op, action=entry.action, data=data)
    members = fields_of(view, mutation)
    for name, value in data.items():
        member: Any = members.get(name)
        many = isinstance(member, relations.ManyRelatedField)
        one = member.child_relation if many else member
        if not isinstance(one, relations.PrimaryKeyRelatedField) or value in (None, "", []):
            continue
        try:
            member.run_validation(names.resolved(members, {name: value})[name])
        except (serializers.ValidationError, Deferred, Problem):
            return False
    return True


def _changed_again(conflict: Conflict) -> Problem:
    detail = _("Someone else has changed this meanwhile. Look at it again before you save.")
    errors = [
        {"pointer": f"#/data/{name}", "code": "changed-meanwhile", "detail": detail}
        for name in conflict.fields
    ]
    return Problem("stale-version", detail, status_code=412, errors=errors)
