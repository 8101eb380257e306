"""Writing through the domain: creating, changing, deleting, acting; conditional, idempotent, audited there.

A simple entity is written by `domain.audit.entities`; one with rules of its own names the functions:

* `create_rule(values=…, by=…)` gives the new object;
* `update_rule(entity, changes=…, by=…, version=…)` and `delete_rule(entity, by=…, version=…)`;
* and those of its `actions`, which take `by`, `version` and the values of their body.

Each request is one transaction. `version` is the one that If-Match named, or None. The rule compares it once
more under its own lock: the base takes none, since a rule may have to lock something else first.
"""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext as _
from rest_framework import serializers

from domain.audit.entities import create_entity, delete_entity, update_entity
from domain.audit.guard import recorded
from domain.audit.reading import Seen, note_seen, sensitive, subject_columns
from domain.core.errors import NotAllowed, StaleVersion

from .actions import Action
from .conditional import names_version
from .errors import NotFound, Problem
from .serializers import refuse_members


def locked(entity: Model) -> Any:
    """The row as it is now, locked."""
    return type(entity)._base_manager.select_for_update(of=("self",)).get(pk=entity.pk)


class EntityWrites:
    """The unsafe half of `EntityViewSet`."""

    create_rule: ClassVar[Callable[..., Model] | None] = None
    update_rule: ClassVar[Callable[..., Any]] = staticmethod(
        lambda entity, *, changes, by, version: update_entity(
            locked(entity), values=changes, by=by, version=version
        )
    )
    delete_rule: ClassVar[Callable[..., Any]] = staticmethod(
        lambda entity, *, by, version: delete_entity(locked(entity), by=by, version=version)
    )

    def create(self: Any, request, **path) -> HttpResponse:
        permission = self.permission_for("create")
        if permission and not self.scope.can(permission):
            raise NotAllowed(_("You may not do this."))
        body = self.body(self.maker()(data=request.data, context=self.get_serializer_context()))
        with transaction.atomic():
            made = self.run_create(body)
            return self.written(made, 201, Location=f"{request.path}{made.pk}/")

    @classmethod
    def simple_create(cls: Any, *, values: dict[str, Any], by: Any) -> Model:
        many = {
            field.name: values.pop(field.name)
            for field in cls.model()._meta.many_to_many
            if field.name in values
        }
        return create_entity(cls.model()(**values), by=by, many=many)

    def update(self: Any, request, **path) -> HttpResponse:
        def change(entity: Model, version: int | None) -> HttpResponse:
            serializer = self.maker()(
                entity, data=request.data, partial=True, context=self.get_serializer_context()
            )
            changes = self.body(serializer)
            return self.written(self.run_update(entity, changes, version))

        return self.on_row("update", change)

    def delete_one(self: Any, request, **path) -> HttpResponse:
        def remove(entity: Model, version: int | None) -> HttpResponse:
            self.run_delete(entity, version)
            return HttpResponse(status=204)

        return self.on_row("delete", remove)

    @classmethod
    def action_handler(cls, action: Action) -> Callable[..., HttpResponse]:
        """The method that answers `POST …/{id}/<action>/`."""

        def handler(self: Any, request, **path) -> HttpResponse:
            def act(entity: Model, version: int | None) -> HttpResponse:
                # Without members of its own, an action refuses all there are.
                made = (action.body or serializers.Serializer)(
                    data=request.data or {}, context=self.get_serializer_context()
                )
                values = self.body(made)
                return self.written(self.run_action(action, entity, values, version))

            return self.on_row(action.name, act)

        handler.__name__, handler.__doc__ = action.method_name, action.summary
        return handler

    # --- Rules, none of which writes without an event ----------------------------------------------------

    def run_create(self: Any, values: dict[str, Any]) -> Any:
        """The new entity."""
        with recorded(what=f"{self.path} create"):
            return (type(self).create_rule or self.simple_create)(values=values, by=self.request.user)

    def run_update(self: Any, entity: Any, changes: dict[str, Any], version: int | None) -> Any:
        """The entity as it is then."""
        with recorded(entity, what=f"{self.path} update"):
            rule = type(self).update_rule
            return rule(entity, changes=changes, by=self.request.user, version=version) or entity

    def run_delete(self: Any, entity: Any, version: int | None) -> None:
        with recorded(entity, what=f"{self.path} delete"):
            type(self).delete_rule(entity, by=self.request.user, version=version)

    def run_action(
        self: Any, action: Action, entity: Any, values: dict[str, Any], version: int | None
    ) -> Any:
        """The entity that the action gives, or the one it was done with."""
        with recorded(entity, what=f"{self.path} {action.name}"):
            acted = action.rule(entity, by=self.request.user, version=version, **values)
        return acted if isinstance(acted, type(entity)) else entity

    # --- What they share --------------------------------------------------------------------------------

    @staticmethod
    def body(serializer: serializers.BaseSerializer) -> dict[str, Any]:
        """The values of a body. Raises ValidationError, also for members that there aren't or nobody sets."""
        if isinstance(serializer.initial_data, Mapping):
            refuse_members(serializer, serializer.initial_data)
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)

    def on_row(self: Any, verb: str, work: Callable[[Any, int | None], HttpResponse]) -> HttpResponse:
        """Do `work` with the row of the address, if the caller may and If-Match holds.

        Raises NotFound, NotAllowed (a permission or place is missing), Problem (412, with the current ETag).
        The state of the row is for the rule to judge: it says what is wrong with it.
        """
        queryset: QuerySet = self.one(self.get_queryset())
        try:
            with transaction.atomic():
                entity = queryset.first()
                if entity is None:
                    raise NotFound
                if not self.may(verb, queryset):
                    raise NotAllowed(_("You may not do this."))
                return work(entity, self.expected_version(entity, queryset))
        except self.model().DoesNotExist as error:
            raise NotFound from error  # Deleted by another request while the rule waited for it.
        except StaleVersion as error:
            raise Problem(
                error.code,
                str(error.message),
                status_code=412,
                headers={"ETag": self.etag_of_row(self.row(queryset, plain=True))},
            ) from error

    def may(self: Any, verb: str, queryset: QuerySet) -> bool:
        permission = self.permission_for(verb)
        if not permission:
            return True
        if not self.place:
            return self.scope.can(permission)
        return queryset.filter(self.scope.within(permission, self.place)).exists()

    def expected_version(self: Any, entity: Any, queryset: QuerySet) -> int | None:
        """The row's version if If-Match asks for it; None without the header. Raises StaleVersion.

        Only the version before the tag's hyphen counts: `"7"` and `"7-x"` mean the same state, whichever
        fields or expansions the caller read.
        """
        header = self.request.headers.get("If-Match", "").strip()
        if not header or header == "*":
            return None
        version = getattr(entity, "version", None)
        if version is None:
            tags = [tag.strip() for tag in header.split(",")]
            matches = self.etag_of_row(self.row(queryset, plain=True)) in tags
        else:
            matches = names_version(header, version)
        if not matches:
            raise StaleVersion(_("Someone else has changed this since you read it."))
        return version

    def written(self: Any, entity: Model, status: int = 200, **headers: str) -> HttpResponse:
        """The row as it is now; 204 where the caller doesn't see it any more."""
        try:
            queryset = self.get_queryset().order_by().filter(pk=entity.pk)
            row = self.row(queryset, plain=True)
        except NotFound:
            return HttpResponse(status=204)
        response: Any = self.respond_row(row, status, **headers)
        if sensitive(self.model()):
            # What is said of people isn't kept to be sent again (`api.core.idempotency`).
            response.row_key = entity.pk
        return response

    def read_again(self: Any, key: str, status: int) -> HttpResponse:
        """A row that was written before, as the caller sees it now; 204 where they don't any more."""
        model, columns = self.model(), subject_columns(self.model())
        try:
            row = self.row(self.get_queryset().order_by().filter(pk=key), plain=True, columns=columns)
        except NotFound:
            return HttpResponse(status=204)
        seen = Seen.row(model, dict(zip(columns, row.position, strict=True)), key)
        note_seen(model, [seen], by=self.audit_reader(), verb="read")
        return self.respond_row(row, status)
