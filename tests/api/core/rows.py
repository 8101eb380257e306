"""Rows of every entity that the API serves, in the organisation that is selected."""

from collections.abc import Callable
from typing import Any

from domain.access.invitations import invite
from domain.access.models import RoleAssignment
from domain.associations.models import LocalAssociation, LocalAssociationMembership
from domain.config.models import FeatureArea, OrganizationSettings
from domain.identity.models import Membership, User
from domain.identity.sessions import open_session
from tenants.models import Organization


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


def invitations() -> list[Any]:
    place = LocalAssociation.objects.create(name="Ås", number="T-3")
    return [
        invite(email="ny@nhf.example", role="peer_mentor", local_association=place, message="Hei!", by=None),
        invite(email="nye@nhf.example", role="finance", by=None),
    ]


def sessions() -> list[Any]:
    nhf = Organization.objects.get(schema_name="nhf")
    people = User.objects.filter(memberships__organization=nhf)[:2]
    return [open_session(user, nhf, device_name="Telefonen").session for user in people]


# An entity that is missing here fails `test_every_entity_is_read_alike`.
MAKERS: dict[str, Callable[[], list[Any]]] = {
    "local-associations": tree,
    "local-association-memberships": memberships,
    "memberships": lambda: list(Membership.objects.here()[:3]),
    "users": lambda: [row.user for row in memberships()],
    "role-assignments": lambda: everything(RoleAssignment),
    "invitations": invitations,
    "sessions": lambda: list(sessions()),
    "feature-areas": lambda: everything(FeatureArea),
    "organization-settings": lambda: everything(OrganizationSettings),
}
