"""Many rows in one request: `POST <path>/bulk/` makes them, `POST <path>/bulk/<verb>/` changes or acts.

    class RoleAssignmentViewSet(EntityViewSet):
        bulk = ("create", "end")

Each row goes through the same permission, rule and record as a request of its own. Without `?partial=true`
it is all or nothing, and the refusal points at every row that won't do; with it, each row's result says what
became of it. A body is `{"rows": [...]}`: what a single request would send, and for rows that exist their
`id`, with the `version` that was read in place of If-Match.
"""

from collections.abc import Callable
from functools import cache
from typing import Any, ClassVar

from django.db import transaction
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from drf_spectacular.utils import inline_serializer
from rest_framework import serializers

from domain.core.errors import NotAllowed
from domain.identity.limits import Limit, count

from .errors import NotFound, Problem, as_problem, document
from .query import Query
from .rendering import to_json

MOST_ROWS = 500
CREATE, UPDATE = "create", "update"
# A request of these is up to 500 writes.
BULK_PER_USER = Limit("api-bulk-user", attempts=20, seconds=60)


class BulkQuery(Query):
    partial = serializers.BooleanField(  # type: ignore[assignment]
        required=False,
        default=False,
        help_text="`true`: rows that can be are changed, and the results say why the others aren't. "
        "Otherwise nothing is, unless all can be.",
    )


class RowsSerializer(serializers.Serializer):
    rows = serializers.ListField(child=serializers.JSONField(), min_length=1, max_length=MOST_ROWS)


class TargetSerializer(serializers.Serializer):
    """Which row, and the state of it that the change is meant for."""

    id = serializers.UUIDField()
    version = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, help_text="Refused as stale if it has changed since."
    )


class RowErrorSerializer(serializers.Serializer):
    pointer = serializers.CharField(help_text="JSON pointer into the request's body: `#/rows/3/user`.")
    code = serializers.CharField()
    detail = serializers.CharField()


class RowProblemSerializer(serializers.Serializer):
    """Why a row was refused, as the problem that a request of its own would have got."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    errors = RowErrorSerializer(many=True)  # type: ignore[assignment]


def bulk_name(verb: str) -> str:
    return f"bulk_{verb.replace('-', '_')}"


class BulkWrites:
    """What `EntityViewSet` offers for many rows at once."""

    # Which of create, update and the actions can be done with many.
    bulk: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def bulk_verb(cls, handler: str | None) -> str:
        """The verb that a handler's name stands for; "" where it is none of many rows."""
        return next((verb for verb in cls.bulk if bulk_name(verb) == handler), "")

    @classmethod
    def declare_bulk(cls: Any) -> None:
        """Give the class a handler per verb of `bulk`."""
        known = {CREATE, UPDATE, *(action.name for action in cls.actions)}
        assert set(cls.bulk) <= known, f"{cls.__name__}: no {set(cls.bulk) - known}"
        for verb in cls.bulk:
            cls.query_classes[bulk_name(verb)] = BulkQuery
            setattr(cls, bulk_name(verb), cls.bulk_handler(verb))

    @classmethod
    def bulk_handler(cls, verb: str) -> Callable[..., HttpResponse]:
        def handler(self: Any, request, **path) -> HttpResponse:
            return self.many(verb)

        handler.__name__ = bulk_name(verb)
        return handler

    def initial(self: Any, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)  # type: ignore[misc]
        # Before any transaction: a count that is rolled back is none.
        if self.bulk_verb(self.action):
            count(BULK_PER_USER, request.user.pk)

    def many(self: Any, verb: str) -> HttpResponse:
        """Do it with each row of the body. Raises Problem (422) where nothing may be done by halves.

        NotAllowed for whoever may do it with no row at all: there is nothing to say of each.
        """
        permission = self.permission_for(verb)
        if permission and not self.scope.can(permission):
            raise NotAllowed(_("You may not do this."))
        rows = self.body(RowsSerializer(data=self.request.data))["rows"]
        with transaction.atomic():
            done = [self.tried(verb, row) for row in rows]
            problems = {at: found for at, found in enumerate(done) if isinstance(found, Problem)}
            if problems and not self.query["partial"]:
                raise _nothing_done(problems)
            return self.results(done)

    def tried(self: Any, verb: str, row: Any) -> Any:
        """The entity, or the problem that kept it from being done."""
        try:
            with transaction.atomic():
                return self.made_one(row) if verb == CREATE else self.changed_one(verb, row)
        except Exception as error:
            problem = as_problem(error)
            if problem is None:
                raise
            return problem

    def made_one(self: Any, row: Any) -> Any:
        values = self.body(self.maker()(data=row, context=self.get_serializer_context()))
        return self.run_create(values)

    def changed_one(self: Any, verb: str, row: Any) -> Any:
        context = self.get_serializer_context()
        given = dict(row) if isinstance(row, dict) else row
        if isinstance(given, dict):
            target = {name: given.pop(name) for name in ("id", "version") if name in given}
            target = self.body(TargetSerializer(data=target))
        else:
            target = self.body(TargetSerializer(data=given))
        queryset = self.get_queryset().order_by().filter(pk=target["id"])
        entity = queryset.first()
        if entity is None:
            raise NotFound
        if not self.may(verb, queryset):
            raise NotAllowed(_("You may not do this."))
        version = target.get("version")
        if verb == UPDATE:
            changes = self.body(self.maker()(entity, data=given, partial=True, context=context))
            return self.run_update(entity, changes, version)
        action = next(action for action in self.actions if action.name == verb)
        values = self.body((action.body or serializers.Serializer)(data=given, context=context))
        return self.run_action(action, entity, values, version)

    def results(self: Any, done: list[Any]) -> HttpResponse:
        """What became of each row, in their order; `data` is null where the caller doesn't see it now."""
        keys = [None if isinstance(one, Problem) else one.pk for one in done]
        queryset = self.get_queryset().filter(pk__in=[key for key in keys if key is not None]).order_by("pk")
        reader, rows = self.shape(queryset, plain=True)
        shown = {
            row.position[0]: row for row in reader.read(rows, ("pk",), context=self.get_serializer_context())
        }
        parts, applied = [], 0
        for index, (one, key) in enumerate(zip(done, keys, strict=True)):
            refused, row = isinstance(one, Problem), shown.get(key)
            applied += not refused
            told = {
                "index": index,
                "outcome": "refused" if refused else "applied",
                "id": key,
                "version": None if row is None else row.version,
                "problem": _told(one, index) if refused else None,
            }
            data = "null" if row is None else row.json
            parts.append(f'{to_json(told).decode()[:-1]},"data":{data}}}')
        body = f'{{"applied":{applied},"refused":{len(done) - applied},"results":[{",".join(parts)}]}}'
        return self.respond(body.encode())


def _pointed(problem: Problem, index: int) -> list[dict[str, str]]:
    """The problem's errors, each pointing into its row; at least one."""
    if not problem.errors:
        return [{"pointer": f"#/rows/{index}", "code": problem.slug, "detail": str(problem.detail)}]
    return [
        {**error, "pointer": f"#/rows/{index}{error['pointer'].removeprefix('#')}"}
        for error in problem.errors
    ]


def _told(problem: Problem, index: int) -> dict[str, Any]:
    told = document(problem.slug, status=problem.status_code, detail=str(problem.detail))
    del told["instance"]
    return {**told, "errors": _pointed(problem, index)}


def _nothing_done(problems: dict[int, Problem]) -> Problem:
    return Problem(
        "bulk-refused",
        ngettext(
            "Nothing was changed: %(count)d row can't be.",
            "Nothing was changed: %(count)d rows can't be.",
            len(problems),
        )
        % {"count": len(problems)},
        status_code=422,
        errors=[error for index, problem in problems.items() for error in _pointed(problem, index)],
    )


# --- In the OpenAPI document ---------------------------------------------------------------------------


@cache
def bulk_request(view: Any, verb: str) -> serializers.Serializer:
    """The body of a request about many rows."""
    rows = serializers.ListField(child=_row_class(view, verb)(), min_length=1, max_length=MOST_ROWS)
    return inline_serializer(f"{_named(view, verb)}Rows", {"rows": rows})


@cache
def bulk_answer(view: Any) -> serializers.Serializer:
    result = inline_serializer(
        f"{view.noun}BulkResult",
        {
            "index": serializers.IntegerField(help_text="Of the row in the request, from 0."),
            "outcome": serializers.ChoiceField(choices=["applied", "refused"]),
            "id": serializers.UUIDField(allow_null=True),
            "version": serializers.IntegerField(allow_null=True),
            "problem": RowProblemSerializer(allow_null=True),
            "data": view.serializer_class(
                allow_null=True, help_text="The row as it is now; null where it was refused or is gone."
            ),
        },
        many=True,
    )
    return inline_serializer(
        f"{view.noun}BulkResults",
        {"applied": serializers.IntegerField(), "refused": serializers.IntegerField(), "results": result},
    )


def bulk_operation(view: Any, verb: str) -> str:
    """`bulkCreateRoleAssignments`, `bulkEndRoleAssignments`, …"""
    return f"bulk{_title(verb)}{view.nouns}"


def _title(verb: str) -> str:
    return "".join(word.capitalize() for word in verb.split("-"))


def _named(view: Any, verb: str) -> str:
    return f"{view.noun}{_title(verb)}"


def _row_class(view: Any, verb: str) -> Any:
    if verb == CREATE:
        return view.serializer_class
    action = next((action for action in view.actions if action.name == verb), None)
    base = (action.body if action is not None else None) or serializers.Serializer
    members = TargetSerializer().get_fields()
    if verb == UPDATE:
        members |= _changeable(view.serializer_class())
    return type(f"{_named(view, verb)}RowSerializer", (base,), dict(members))


def _changeable(serializer: Any) -> dict[str, serializers.Field]:
    """What a PATCH may set; of a row that exists, only what changes is sent."""
    fixed = getattr(serializer.Meta, "create_only_fields", ())
    fields = {
        name: field
        for name, field in serializer.get_fields().items()
        if not field.read_only and name not in fixed
    }
    for field in fields.values():
        field.required = False
    return fields
