"""Who is asking, and which rows of a model they see."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from domain.access.queries import scope_for
from domain.core.scope import Scope


class ScopeError(ImproperlyConfigured):
    """A view, form or filter would offer rows of a model that nobody has said who may see."""


# For models whose manager has no `visible_to`: {model: function of queryset and scope}.
row_scopes: dict[type[Model], Callable[[QuerySet, Scope], QuerySet]] = {}


def scope_of(request: HttpRequest) -> Scope:
    """The caller's standing in this organisation, built once per request."""
    known = getattr(request, "caller_scope", None)
    if known is None:
        known = scope_for(request.user)
        request.caller_scope = known  # type: ignore[attr-defined]
    return known


def scoped(rows: Any, scope: Scope) -> QuerySet:
    """Of a queryset, manager or model, the rows that the scope sees. ScopeError: none said which."""
    if isinstance(rows, type) and issubclass(rows, Model):
        rows = rows._default_manager
    queryset: Any = rows if isinstance(rows, QuerySet) else rows.all()
    known = row_scopes.get(queryset.model)
    if known is not None:
        return known(queryset, scope)
    if hasattr(queryset, "visible_to"):
        return queryset.visible_to(scope)
    raise ScopeError(f"{queryset.model._meta.label}: no visible_to, and not in row_scopes")


def full_permission(model: type[Model], verb: str) -> str:
    """ "associations.change_localassociation"; a name with a dot is a whole permission already."""
    return verb if "." in verb else f"{model._meta.app_label}.{verb}_{model._meta.model_name}"


def value_at(row: Any, lookup: str) -> Any:
    """`row.association.path` for "association__path"; None where a step is missing."""
    for name in lookup.split("__"):
        if row is None:
            return None
        row = getattr(row, name)
    return row
