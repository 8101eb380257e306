"""What of an entity a request asks for: parameters of lists and details, sparse fields, expansions."""

from functools import cache
from typing import Any

from rest_framework import serializers

from .fields import UtcDateTimeField
from .query import ListQuery, Query, SparseQuery, chosen


def list_query(view: Any) -> type[Query]:
    """The parameters of an entity's list, beside those of its filter set."""
    names = [f"{sign}{name}" for name in view.ordering_fields for sign in ("", "-")]
    members: dict[str, Any] = {
        "ordering": serializers.ChoiceField(
            choices=names,
            required=False,
            default=names[0],
            help_text="By which field; with `-`, the largest first.",
        ),
        "updated_since": UtcDateTimeField(
            required=False, help_text="Only what changed at or after this time (RFC 3339)."
        ),
        **_expand(view),
    }
    if view.search_fields:
        members["search"] = serializers.CharField(
            required=False, max_length=200, help_text="Words to look for; each must begin one of the row's."
        )
    return type(f"{view.noun}ListQuery", (ListQuery,), members)


def detail_query(view: Any) -> type[Query]:
    return type(f"{view.noun}Query", (SparseQuery,), _expand(view))


def _expand(view: Any) -> dict[str, Any]:
    names = known_expansions(view)
    if not names:
        return {}
    listed = ", ".join(f"`{name}`" for name in names)
    return {
        "expand": serializers.CharField(
            required=False, max_length=500, help_text=f"Comma-separated: adds these to `expanded`. {listed}."
        )
    }


def known_expansions(view: Any) -> tuple[str, ...]:
    own = ("allowed_actions",) if view.row_verbs() else ()
    return (*view.serializer_class.expansions(), *own)


@cache
def field_names(serializer_class: Any) -> tuple[str, ...]:
    return tuple(name for name, field in serializer_class().fields.items() if not field.write_only)


def chosen_fields(view: Any, names: str | None) -> tuple[str, ...] | None:
    """The fields asked for, in declared order; None for all. Raises Problem (400) for an unknown one."""
    if not names:
        return None
    known = field_names(view.serializer_class)
    wanted = chosen("fields", names, known)
    return tuple(name for name in known if name in wanted)


def chosen_expansions(view: Any, names: str | None) -> tuple[str, ...]:
    """The expansions asked for, in declared order. Raises Problem (400) for an unknown one."""
    if not names:
        return ()
    known = known_expansions(view)
    wanted = chosen("expand", names, known)
    return tuple(name for name in known if name in wanted)
