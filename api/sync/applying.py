"""Doing what a phone did, through the entity's own endpoints: their serializers, permissions and rules."""

import copy
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.exceptions import FieldDoesNotExist
from django.db import transaction
from django.utils.translation import gettext as _
from rest_framework import serializers

from api.core.entities import EntityViewSet, entities
from api.core.errors import FeatureDisabled, NotFound, Problem
from domain.config.queries import is_enabled
from domain.core.errors import NotAllowed, StaleVersion
from domain.core.scope import Scope
from domain.sync.choices import Operation, Outcome
from domain.sync.merging import changed_since

from .mutations import Mutation, MutationProblem
from .references import Deferred, Names

# How often a change is tried anew where others write to the same row all the time.
_TRIES = 5


class Conflict(Exception):
    """The same was changed here: `fields` of the body; none where it is about the row as such."""

    def __init__(self, row_id: UUID, fields: Iterable[str]):
        super().__init__(row_id)
        self.row_id, self.fields = row_id, sorted(fields)


@dataclass(frozen=True)
class Effect:
    """What was done. `version` is None where the row is gone."""

    outcome: Outcome
    row_id: UUID
    version: int | None


def view_of(resource: str) -> type[EntityViewSet]:
    """The endpoints of a resource that phones know. Raises Problem."""
    view = entities.get(resource)
    if view is None or view.synced is None:
        raise _pointed("resource", "unknown-resource", _("Phones know no rows of this kind."))
    if view.area and not is_enabled(view.area):
        raise FeatureDisabled
    return view


def bound_to(view_class: type[EntityViewSet], request: Any, scope: Scope, action: str = "") -> Any:
    """The viewset as a request of its own would have it."""
    view: Any = view_class()
    view.request, view.args, view.kwargs, view.format_kwarg = request, (), {}, None
    view.action, view.query, view.scope_given = action, {}, scope
    view.headers = {}
    return view


def apply(mutation: Mutation, names: Names, *, request: Any, scope: Scope) -> Effect:
    """Do it, in the caller's transaction.

    Raises Conflict, Deferred, and whatever a request of its own would be answered with a problem for.
    """
    view_class = view_of(mutation.resource)
    synced, verb = view_class.synced, mutation.verb
    if synced is None or verb not in synced.push:
        known = {*view_class.verbs, *(action.name for action in view_class.actions)}
        if mutation.op == Operation.ACTION and verb not in known:
            raise _pointed("action", "unknown-action", _("There is no such action."))
        raise _pointed(
            "action" if mutation.op == Operation.ACTION else "op",
            "online-only",
            _("This can only be done while online."),
        )
    view = bound_to(view_class, request, scope, verb)
    if mutation.op == Operation.CREATE:
        return _create(view, mutation, names)
    row_id = _key(names.target(mutation))
    body = names.resolved(fields_of(view, mutation), mutation.data or {})
    for name in ("id", "version"):
        if name in body:
            raise _pointed(f"data/{name}", "read-only", _("This member can't be set here."))
    try:
        if mutation.op == Operation.ACTION:
            view.changed_one(verb, {**body, "id": str(row_id)})
            return Effect(Outcome.APPLIED, row_id, _version(view, row_id))
        if mutation.op == Operation.DELETE:
            return _delete(view, row_id, mutation.base_version)
        return _update(view, row_id, body, mutation.base_version)
    except view.model().DoesNotExist as error:
        raise NotFound from error  # Deleted by another while the rule waited for it.


def _create(view: Any, mutation: Mutation, names: Names) -> Effect:
    key = mutation.resource, mutation.client_id
    if mutation.client_id and key in names.ids.known:
        raise _pointed("client_id", "client-id-taken", _("The phone has called another row so."))
    permission = view.permission_for("create")
    if permission and not view.scope.can(permission):
        raise NotAllowed(_("You may not do this."))
    entity = view.made_one(names.resolved(fields_of(view, mutation), mutation.data or {}))
    if mutation.client_id:
        names.ids.keep(*key, entity.pk, by=view.request.user)
    return Effect(Outcome.APPLIED, entity.pk, _version(view, entity.pk))


def _delete(view: Any, row_id: UUID, base: int | None) -> Effect:
    queryset = view.get_queryset().order_by().filter(pk=row_id)
    entity = queryset.first()
    if entity is None:
        raise NotFound
    if not view.may("delete", queryset):
        raise NotAllowed(_("You may not do this."))
    try:
        with transaction.atomic():
            view.run_delete(entity, base)
    except StaleVersion:
        _refuse_future(base, entity.version)
        raise Conflict(row_id, ()) from None
    return Effect(Outcome.APPLIED, row_id, None)


def _update(view: Any, row_id: UUID, body: dict[str, Any], base: int | None) -> Effect:
    """As the phone made it, or besides what was changed here meanwhile."""
    try:
        with transaction.atomic():
            view.changed_one("update", {**body, "id": str(row_id), "version": base})
            return Effect(Outcome.APPLIED, row_id, _version(view, row_id))
    except StaleVersion:
        if base is None:
            raise
    for _try in range(_TRIES):
        queryset = view.get_queryset().order_by().filter(pk=row_id)
        entity = queryset.first()
        if entity is None:
            raise NotFound
        _refuse_future(base, entity.version)
        context = view.get_serializer_context()
        serializer = view.maker()(entity, data=body, partial=True, context=context)
        changes = view.body(serializer)
        clashing = _clashing(view, entity, serializer, body, changes, base)
        if clashing:
            raise Conflict(row_id, clashing)
        try:
            with transaction.atomic():
                view.run_update(entity, changes, entity.version)
                return Effect(Outcome.MERGED, row_id, _version(view, row_id))
        except StaleVersion:
            continue
    raise Deferred("busy", _("Others are changing it right now."))


def _clashing(
    view: Any, entity: Any, serializer: Any, body: Mapping[str, Any], changes: Mapping[str, Any], base: int
) -> list[str]:
    """The members that were changed here since, to something else than what was sent."""
    touched = changed_since(view.model(), entity.pk, base)
    return [
        name
        for name in body
        if _was_touched(view, serializer.fields[name], touched)
        and not _is_same(entity, serializer.fields[name], changes)
    ]


def _was_touched(view: Any, member: serializers.Field, touched: frozenset[str] | None) -> bool:
    if touched is None:
        return True
    columns = view.synced.columns.get(member.field_name or "")
    if columns is None:
        column = _column(view.model(), member)
        # What is written elsewhere, nobody has noted: it may have been.
        columns = () if column is None else (column.column,)
    return not columns or not touched.isdisjoint(columns)


def _is_same(entity: Any, member: serializers.Field, changes: Mapping[str, Any]) -> bool:
    column, source = _column(type(entity), member), member.source or ""
    if column is None or getattr(column, "is_encrypted", False) or source not in changes:
        return False
    wanted = changes[source]
    if column.is_relation:
        wanted = getattr(wanted, "pk", wanted)
    return column.value_from_object(entity) == wanted


def _column(model: Any, member: serializers.Field) -> Any:
    try:
        found = model._meta.get_field(member.source)
    except FieldDoesNotExist:
        return None
    return found if getattr(found, "column", None) else None


def detail_of(resource: str, row_id: Any, *, request: Any, scope: Scope) -> dict[str, Any] | None:
    """The row as the caller sees it now, which is put on the record; None where they see none."""
    view_class = entities.get(resource)
    if view_class is None or row_id is None or (view_class.area and not is_enabled(view_class.area)):
        return None
    asked = _unconditional(request)
    view = bound_to(view_class, asked, scope, "retrieve")
    view.kwargs = {"id": row_id}
    try:
        return json.loads(view.retrieve(asked, id=row_id).content)
    except NotFound:
        return None


def _unconditional(request: Any) -> Any:
    """The request without `If-None-Match`: that is about its own answer, and would keep what is shown in it
    off the record."""
    asked = copy.copy(request)
    inner = getattr(asked, "_request", None)
    if inner is not None:
        asked._request = inner = copy.copy(inner)
    plain = asked if inner is None else inner
    plain.META = {name: value for name, value in plain.META.items() if name != "HTTP_IF_NONE_MATCH"}
    return asked


def fields_of(view: Any, mutation: Mutation) -> Mapping[str, Any]:
    """What the body of a change may hold."""
    context = view.get_serializer_context()
    if mutation.op == Operation.ACTION:
        action = next((action for action in view.actions if action.name == mutation.action), None)
        body = action.body if action is not None else None
        return body(context=context).fields if body is not None else {}
    return view.maker()(context=context).fields


def _version(view: Any, row_id: UUID) -> int | None:
    return view.model()._base_manager.filter(pk=row_id).values_list("version", flat=True).first()


def _key(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound(_("No row is called so on this phone.")) from None


def _refuse_future(base: int | None, version: int) -> None:
    if base is not None and base > version:
        raise _pointed("base_version", "unknown-version", _("The row has never had this version."))


def _pointed(name: str, code: str, detail: str) -> Problem:
    return MutationProblem([{"pointer": f"#/{name}", "code": code, "detail": detail}])
