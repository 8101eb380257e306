"""`EntityViewSet`: an entity's endpoints from its queryset, serializer and filter set.

    class FeatureAreaViewSet(EntityViewSet):
        '''Parts of Meander that the organisation uses.'''

        path, noun = "feature-areas", "FeatureArea"
        queryset = FeatureArea.objects.all()
        serializer_class = FeatureAreaSerializer
        filterset_fields = ["enabled"]
        ordering_fields = ("area",)
        update_rule = staticmethod(...)

`queryset.visible_to(scope)` decides what there is for the caller: anything else is a 404, exactly like what
never existed. Verbs need permissions besides: a 403. Reads are compiled (`api.core.reading`) unless
`compiled = False` says that they can't be. Writes call the domain's functions and nothing else
(`api.core.writes`). What is read about people goes on the record (`domain.audit.reading`).
"""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar
from uuid import UUID

from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.db.models import BooleanField, Case, Q, QuerySet, Value, When
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django_filters import BooleanFilter
from django_filters import rest_framework as filters
from django_filters.filters import QuerySetRequestMixin
from rest_framework.viewsets import GenericViewSet

from domain.audit.reading import RecordsReads, Seen, label_columns, note_seen, sensitive, subject_columns
from domain.core.scope import Scope
from domain.core.searching import found

from .actions import Action, publish_states
from .bulk import BulkWrites
from .conditional import etag_of, matches
from .errors import NotFound, Problem
from .fields import MarkedNamesField
from .kept import PLAIN_PARAMETERS, KeptReads
from .pagination import Cutter, first_page, page_url, window
from .query import Query
from .reading import Reader, Row, reader_for
from .rendering import to_json
from .schema import EntitySchema
from .serializers import EntitySerializer
from .shapes import chosen_expansions, chosen_fields, detail_query, list_query
from .synced import Synced
from .views import MemberView
from .writes import EntityWrites

READS = ("list", "retrieve")
WRITES = ("create", "update", "delete")
# Shapes kept per entity: callers may ask for any combination of fields, which must not fill the memory.
MOST_SHAPES = 256
entities: dict[str, type["EntityViewSet"]] = {}


class EntityViewSet(KeptReads, BulkWrites, EntityWrites, RecordsReads, MemberView, GenericViewSet):
    """Base of every entity's endpoints; what subclasses declare:"""

    schema = EntitySchema()

    # Below /api/v1/, and how operations are named: listFeatureAreas, getFeatureArea, …
    path: ClassVar[str] = ""
    noun: ClassVar[str] = ""
    nouns: ClassVar[str] = ""
    tag: ClassVar[str] = ""
    serializer_class: type[EntitySerializer]
    queryset: Any = None
    # Which of list, retrieve, create, update, delete there are.
    verbs: ClassVar[tuple[str, ...]] = READS
    # One row per organisation: no list, no id in the address.
    single: ClassVar[bool] = False
    area: ClassVar[str] = ""
    filterset_class: ClassVar[type[filters.FilterSet] | None] = None
    search_fields: ClassVar[tuple[str, ...]] = ()
    # Columns that are never null; the first is the order of a list that asks for none.
    ordering_fields: ClassVar[tuple[str, ...]] = ("id",)
    # For those whose order is kept in another column than the one they name (`domain.core.names`).
    ordering_columns: ClassVar[dict[str, str]] = {}
    updated_field: ClassVar[str] = "updated_at"
    # Column with the path of the chapter a row belongs to, where permissions are given per chapter.
    place: ClassVar[str] = ""
    # Permission per verb; those not named are Django's: "app.add_model", "app.change_model", …
    permissions: ClassVar[dict[str, str]] = {}
    state_field: ClassVar[str] = "status"
    # Per verb or action, the rows with which it is possible at all (for `allowed_actions`; rules enforce it).
    when: ClassVar[dict[str, Q]] = {}
    actions: ClassVar[tuple[Action, ...]] = ()
    # False where a field has to go through the serializer.
    compiled: ClassVar[bool] = True
    # How the offline app uses it; None: online only.
    synced: ClassVar[Synced | None] = None

    query_classes: ClassVar[dict[str, type[Query]]]
    readers: ClassVar[dict[tuple, Reader]]
    pagination_class = None
    detail_url: ClassVar[str] = ""

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        if not cls.path:
            return  # A base of others.
        cls.nouns = cls.nouns or f"{cls.noun}s"
        cls.readers, cls.kept, cls.asked_more = {}, {}, set()
        if cls.filterset_class is not None:
            cls.filter_backends = [filters.DjangoFilterBackend]
        cls._check()
        if cls.synced is not None:
            cls.synced.check(cls)
        cls.query_classes = {"list": list_query(cls), "retrieve": detail_query(cls)}
        for action in cls.actions:
            setattr(cls, action.method_name, cls.action_handler(action))
        cls.declare_bulk()
        if any(action.from_states or action.to_state for action in cls.actions):
            column = cls.model()._meta.get_field(cls.state_field)
            publish_states(cls.path, cls.actions, cls.state_field, [key for key, _label in column.choices])
        entities[cls.path] = cls

    @classmethod
    def _check(cls) -> None:
        for name in cls.ordering_fields:
            model: Any = cls.model()
            for part in cls.ordering_columns.get(name, name).split("__"):
                column = model._meta.get_field(part)
                if column.null:
                    raise ImproperlyConfigured(f"{cls.__name__}: no ordering by {name}, which may be null")
                model = column.related_model

    @classmethod
    def model(cls) -> Any:
        return cls.queryset.model

    # --- What there is for the caller -------------------------------------------------------------------

    def get_queryset(self) -> QuerySet:
        queryset = self.queryset.all()
        if getattr(self, "swagger_fake_view", False):
            return queryset
        return self.annotated(queryset.visible_to(self.scope))

    def annotated(self, queryset: QuerySet) -> QuerySet:
        """With what an expansion shows and depends on who asks; costs nothing where none asks for it."""
        return queryset

    def get_query_class(self) -> type[Query]:
        return self.query_classes.get(self.action or "", Query)

    def own_parameters(self) -> set[str]:
        """Query parameters that the filter set reads."""
        if self.filterset_class is None or self.action != "list":
            return set()
        return set(self.filterset_class.base_filters)

    @classmethod
    def permission_for(cls, verb: str) -> str:
        """The permission that a verb or action needs; "" for none beyond seeing the row."""
        action = next((action for action in cls.actions if action.name == verb), None)
        if action is not None:
            return action.permission
        meta, word = cls.model()._meta, {"create": "add", "update": "change"}.get(verb, verb)
        return cls.permissions.get(verb, f"{meta.app_label}.{word}_{meta.model_name}")

    def condition(self, verb: str) -> Q:
        """The rows with which the caller may do this: permission, chapter, state."""
        permission = self.permission_for(verb)
        condition = Q()
        if permission and self.place:
            condition = self.scope.within(permission, self.place)
        elif permission and not self.scope.can(permission):
            condition = Q(pk__in=())
        condition &= self.when.get(verb, Q())
        action = next((action for action in self.actions if action.name == verb), None)
        return condition & action.state_condition(self.state_field) if action else condition

    @classmethod
    def row_verbs(cls) -> tuple[str, ...]:
        """What `allowed_actions` may hold."""
        return (
            *(verb for verb in ("update", "delete") if verb in cls.verbs),
            *(action.name for action in cls.actions),
        )

    # --- Reading ----------------------------------------------------------------------------------------

    def list(self, request, **path) -> HttpResponse:
        query = self.query
        ordering = self.ordered(query["ordering"])
        columns = _with(ordering, subject_columns(self.model()))
        cutter: Cutter
        if PLAIN_PARAMETERS.issuperset(request.query_params):
            cutter = first_page(self.model(), ordering=ordering, page_size=query["page_size"])
            found, count = self.first_rows(ordering, columns), None
        else:
            queryset = self.filtered(self.get_queryset())
            reader, rows = self.shape(queryset)
            cutter = chosen = window(
                rows, ordering=ordering, page_size=query["page_size"], cursor=query.get("cursor")
            )
            found = reader.read(chosen.rows, columns, context=self.get_serializer_context())
            count = queryset.count() if "count" in query else None
        page = cutter.cut(found, lambda row: row.position[: len(ordering)])
        body = _page(page.items, page_url(request, page.next), page_url(request, page.previous), count)
        return self.noted(self.respond(body, ETag=etag_of(body)), page.items, columns, verb="listed")

    def retrieve(self, request, **path) -> HttpResponse:
        columns = subject_columns(self.model())
        named = _with(columns, label_columns(self.model()))
        try:
            row, columns = self.asked_row(named), named
        except NotFound:
            # Or about someone whose name the organisation can't read any more: support that has gone.
            row = self.asked_row(columns)
        return self.noted(self.respond_row(row), [row], columns, verb="read")

    def noted(
        self, response: HttpResponse, rows: Sequence[Row], columns: Sequence[str], *, verb: str
    ) -> HttpResponse:
        """The answer, once the record says whom it tells about; unless the caller has it already (304)."""
        if not matches(self.request.META.get("HTTP_IF_NONE_MATCH", ""), response["ETag"]):
            self.note_rows(rows, columns, verb=verb)
        return response

    def note_rows(self, rows: Sequence[Row], columns: Sequence[str], *, verb: str) -> None:
        """Record that these rows were shown; nothing where the model isn't sensitive."""
        model = self.model()
        if sensitive(model):
            names = [column.lstrip("-") for column in columns]
            pk = self.kwargs.get("id", "")
            if pk:
                seen = [Seen.row(model, dict(zip(names, row.position, strict=True)), pk) for row in rows]
            else:
                # Rows shown together have no name in the record: whom they are about is all there is to know.
                places = [names.index(column) for column in subject_columns(model)]
                seen = [Seen(_people(row.position, places)) for row in rows]
            note_seen(model, seen, by=self.audit_reader(), verb=verb)

    def one(self, queryset: QuerySet) -> QuerySet:
        """The row of the address, as a query."""
        return queryset.order_by() if self.single else queryset.order_by().filter(pk=self.kwargs["id"])

    def row(self, queryset: QuerySet, *, plain: bool = False, columns: Sequence[str] = ()) -> Row:
        """The one row of a queryset in the shape asked for, or in the plain one. Raises NotFound.

        `position` has its values of `columns`.
        """
        reader, rows = self.shape(queryset, plain=plain)
        found = reader.read(rows, columns, context=self.get_serializer_context())
        if not found:
            raise NotFound
        return found[0]

    def shape(self, queryset: QuerySet, *, plain: bool = False) -> tuple[Reader, QuerySet]:
        """The reader of what was asked for, and the queryset with the annotations it needs."""
        fields = None if plain else chosen_fields(self, self.query.get("fields"))
        expand = () if plain else chosen_expansions(self, self.query.get("expand"))
        if "allowed_actions" in expand:
            queryset = self.marked(queryset)
        key = (fields, expand)
        reader = self.readers.get(key)
        if reader is None:
            reader = reader_for(self.maker(fields, expand), queryset, compiled=self.compiled)
            if len(self.readers) < MOST_SHAPES:
                self.readers[key] = reader
        return reader, queryset

    def marked(self, queryset: QuerySet) -> QuerySet:
        """With an annotation per verb and action: whether the caller may do it with the row."""
        return queryset.annotate(
            **{MarkedNamesField.attribute(verb): _mark(self.condition(verb)) for verb in self.row_verbs()}
        )

    @classmethod
    def maker(
        cls, fields: tuple[str, ...] | None = None, expand: tuple[str, ...] = ()
    ) -> Callable[..., EntitySerializer]:
        """Makes serializers of one shape."""

        def make(*args: Any, **kwargs: Any) -> EntitySerializer:
            actions = cls.row_verbs()
            return cls.serializer_class(*args, only=fields, expand=expand, actions=actions, **kwargs)

        return make

    def get_serializer_context(self) -> dict[str, Any]:
        return {
            "request": self.request,
            "view": self,
            "scope": None if getattr(self, "swagger_fake_view", False) else self.scope,
            "build_url": self.request.build_absolute_uri if self.request else None,
        }

    def synced_rows(self, rows: Sequence[Row]) -> Sequence[Row]:
        """Rows as their details show them, for phones; `position` begins with the id. For what a detail has
        besides its fields."""
        return rows

    # --- Lists ------------------------------------------------------------------------------------------

    def ordered(self, asked: str) -> tuple[str, ...]:
        sign, name = ("-", asked[1:]) if asked.startswith("-") else ("", asked)
        column = f"{sign}{self.ordering_columns.get(name, name)}"
        return (column,) if name == "id" else (column, f"{sign}id")

    def filtered(self, queryset: QuerySet) -> QuerySet:
        """By the filter set, `search` and `updated_since`. Raises Problem (400) for a value that won't do."""
        query = self.query
        # Its form is made anew for each request: not for nothing.
        if self.filterset_class is not None and self.own_parameters() & set(self.request.query_params):
            filterset = self.filterset_class(
                self.request.query_params, queryset=queryset, request=self.request
            )
            for each in filterset.filters.values():
                each.label = ""  # Nobody reads it, and the organisation's words for it would be asked for.
            refuse_ignored(filterset)
            hide_unseen(filterset, self.scope)
            if not filterset.is_valid():
                raise invalid_filters(filterset.errors)
            queryset = filterset.qs
        if "updated_since" in query:
            queryset = queryset.filter(**{f"{self.updated_field}__gte": query["updated_since"]})
        return found(queryset, self.search_fields, query["search"]) if query.get("search") else queryset

    # --- Answers ----------------------------------------------------------------------------------------

    @staticmethod
    def etag_of_row(row: Row) -> str:
        return row_etag(row)

    def respond(self, body: bytes, **headers: str) -> HttpResponse:
        return HttpResponse(body, content_type="application/json", headers=headers)

    def respond_row(self, row: Row, status: int = 200, **headers: str) -> HttpResponse:
        response = self.respond(row.json.encode(), ETag=row_etag(row), **headers)
        response.status_code = status
        return response


def _with(columns: Sequence[str], more: Sequence[str]) -> tuple[str, ...]:
    """The columns and those of `more` that aren't among them."""
    known = {column.lstrip("-") for column in columns}
    return (*columns, *(column for column in dict.fromkeys(more) if column not in known))


def _people(values: Sequence[Any], places: Sequence[int]) -> frozenset[UUID]:
    return frozenset([values[place] for place in places if values[place] is not None])


def row_etag(row: Row) -> str:
    """A strong entity tag that begins with the row's version, which If-Match is compared by."""
    digest = etag_of(row.json).strip('"')
    return f'"{digest}"' if row.version is None else f'"{row.version}-{digest}"'


def refuse_ignored(filterset: filters.FilterSet) -> None:
    """Marks as errors what the library takes for no filter at all: empty values, and booleans that aren't.

    The answer would be more than what was asked for.
    """
    for name, declared in filterset.filters.items():
        given = filterset.data.get(name)
        if given is None:
            continue
        if not given.strip():
            error = ValidationError(_("Leave the parameter out, or give it a value."), code="blank")
        elif isinstance(declared, BooleanFilter) and given.lower() not in ("true", "false", "1", "0"):
            error = ValidationError(_("Must be true or false."), code="invalid")
        else:
            continue
        filterset.form.add_error(name, error)


def hide_unseen(filterset: filters.FilterSet, scope: Scope) -> None:
    """Lets a filter by another row know those alone that the caller sees: no others exist, for a filter as in
    a body."""
    for declared in filterset.filters.values():
        if not isinstance(declared, QuerySetRequestMixin):
            continue
        rows: Any = declared.get_queryset(filterset.request)
        if hasattr(rows, "visible_to"):
            declared.queryset = declared.extra["queryset"] = rows.visible_to(scope)


def invalid_filters(errors: Any) -> Problem:
    """What Django's forms say of filters, as a problem that points at the parameters."""
    return Problem(
        "invalid-input",
        _("Some of the parameters are not valid."),
        errors=[
            {
                "pointer": f"?{name}",
                "code": entry["code"].replace("_", "-") or "invalid",
                "detail": entry["message"],
            }
            for name, entries in errors.get_json_data().items()
            for entry in entries
        ],
    )


def _mark(condition: Q) -> Any:
    if not condition:
        return Value(True, output_field=BooleanField())
    return Case(When(condition, then=Value(True)), default=Value(False), output_field=BooleanField())


def _page(rows: list[Row], next_url: str | None, previous_url: str | None, count: int | None) -> bytes:
    ending = {"next": next_url, "previous": previous_url, **({} if count is None else {"count": count})}
    results = ",".join([row.json for row in rows])
    return b'{"results":[' + results.encode() + b"]," + to_json(ending)[1:]
