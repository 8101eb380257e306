"""Rows of every entity that the API serves, in the organisation that is selected."""

from collections.abc import Callable
from typing import Any

from domain.config.models import FeatureArea, OrganizationSettings


def everything(model: Any) -> list[Any]:
    return list(model.objects.all()[:3])


# An entity that is missing here fails `test_every_entity_is_read_alike`.
MAKERS: dict[str, Callable[[], list[Any]]] = {
    "feature-areas": lambda: everything(FeatureArea),
    "organization-settings": lambda: everything(OrganizationSettings),
}
