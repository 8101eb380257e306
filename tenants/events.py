"""What happens to organisations, announced to rooms that this one may not import (audit, content)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .models import Organization


@dataclass(frozen=True)
class OrganizationEvent:
    """One change of an organisation, told inside the transaction that makes it.

    `action` is "<noun>.<verb>" ("organization.suspended"); `by` a User, or None for the system itself;
    `changes` maps a field to its old and new value.
    """

    action: str
    organization: Organization
    by: Any
    changes: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    reason: str = ""


# Functions that later rooms add in AppConfig.ready. What they raise undoes the change.
receivers: list[Callable[[OrganizationEvent], None]] = []


def announce(
    action: str,
    organization: Organization,
    *,
    by: Any,
    changes: Mapping[str, tuple[Any, Any]] | None = None,
    reason: str = "",
) -> None:
    """Tell every receiver; must be called in the transaction of the change."""
    event = OrganizationEvent(action, organization, by, changes or {}, reason)
    for receive in receivers:
        receive(event)
