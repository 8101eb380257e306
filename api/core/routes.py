"""Addresses of entities: one call per viewset, nothing central."""

from typing import Any

from django.urls import URLPattern, path

from .bulk import CREATE, bulk_name
from .entities import EntityViewSet

_LIST = {"list": "get", "create": "post"}
_DETAIL = {"retrieve": "get", "update": "patch", "delete": "delete"}
_METHODS = {"delete": "delete_one"}


def addresses(view: type[EntityViewSet]) -> list[URLPattern]:
    """`<path>/`, `<path>/<id>/` and one address per action,
    for many rows per verb; of a single row `<path>/` alone."""
    detail = _mapping(view, _DETAIL)
    if view.single:
        return [path(f"{view.path}/", view.as_view(detail))]
    found = []
    collection = _mapping(view, _LIST)
    if collection:
        found.append(path(f"{view.path}/", view.as_view(collection)))
    if detail:
        found.append(path(f"{view.path}/<uuid:id>/", view.as_view(detail)))
    for verb in view.bulk:
        ending = "" if verb == CREATE else f"{verb}/"
        found.append(path(f"{view.path}/bulk/{ending}", view.as_view({"post": bulk_name(verb)})))
    for action in view.actions:
        found.append(
            path(f"{view.path}/<uuid:id>/{action.name}/", view.as_view({"post": action.method_name}))
        )
    return found


def _mapping(view: type[EntityViewSet], verbs: dict[str, str]) -> dict[str, Any]:
    return {method: _METHODS.get(verb, verb) for verb, method in verbs.items() if verb in view.verbs}
