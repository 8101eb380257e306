"""Changes of state as declarations: which rule, from which states, for whom."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from rest_framework import serializers


@dataclass(frozen=True)
class Action:
    """`POST …/{id}/<name>/`: one call of a domain rule.

    `rule(object, by=…, version=…, **values)` checks, writes and audits; `values` are those of `body`.
    `permission`, `from_states` and the viewset's `when` say when it is possible: `allowed_actions` and the
    published state table follow them, the rule holds them. `summary` is its line in the OpenAPI document.
    """

    name: str
    rule: Callable[..., Any]
    summary: str
    permission: str = ""
    from_states: tuple[str, ...] = ()
    to_state: str = ""
    body: type[serializers.Serializer] | None = None

    @property
    def method_name(self) -> str:
        return f"act_{self.name.replace('-', '_')}"

    def state_condition(self, state_field: str) -> Q:
        return Q(**{f"{state_field}__in": self.from_states}) if self.from_states else Q()


# By the entity's path; filled by `EntityViewSet`.
_tables: dict[str, dict[str, Any]] = {}


def publish_states(path: str, actions: tuple[Action, ...], state_field: str, states: list[str]) -> None:
    """Put the entity's states, and what leads from one to the next, into the OpenAPI document."""
    _tables[path] = {
        "field": state_field,
        "states": states,
        "actions": [
            {
                "name": action.name,
                "from": list(action.from_states) or states,
                "to": action.to_state or None,
                "permission": action.permission or None,
            }
            for action in actions
        ],
    }


def state_tables() -> dict[str, dict[str, Any]]:
    """Every entity's state table, by its path."""
    return dict(sorted(_tables.items()))
