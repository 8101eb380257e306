"""Rows of every entity that the API serves, in the organisation that is selected."""

from collections.abc import Callable
from typing import Any

from domain.access.models import RoleAssignment
from domain.associations.models import LocalAssociation, LocalAssociationMembership
from domain.config.models import FeatureArea, OrganizationSettings
from domain.identity.models import Membership, User


def tree() -> list[Any]:
    top = LocalAssociation.objects.create(name="Ål og omegn", number="T-1")
    below = LocalAssociation.objects.create(name="Bø", number="T-2", parent=top, paying_entity=top)
    return [top, below]


def memberships() -> list[Any]:
    people = User.objects.filter(memberships__organization__schema_name="nhf")[:2]
    return [
        LocalAssociationMembership.objects.create(user=user, association=place, is_primary=True)
        for user, place in zip(people, tree(), strict=True)
    ]


def everything(model: Any) -> list[Any]:
    return list(model.objects.all()[:3])


# An entity that is missing here fails `test_every_entity_is_read_alike`.
MAKERS: dict[str, Callable[[], list[Any]]] = {
    "local-associations": tree,
    "local-association-memberships": memberships,
    "memberships": lambda: list(Membership.objects.here()[:3]),
    "users": lambda: [row.user for row in memberships()],
    "role-assignments": lambda: everything(RoleAssignment),
    "feature-areas": lambda: everything(FeatureArea),
    "organization-settings": lambda: everything(OrganizationSettings),
}
