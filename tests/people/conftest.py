"""The small tree of the associations' tests, contacts in it, and a mentor of Grorud."""

from dataclasses import dataclass
from types import SimpleNamespace

import pytest

from domain.access.choices import Role
from domain.access.models import RoleAssignment
from domain.access.queries import scope_for
from domain.access.rules import assign_role
from domain.people.models import Contact
from domain.people.rules import create_contact
from tests.associations.conftest import east_coordinator, tree

__all__ = ["east_coordinator", "tree"]


@dataclass(frozen=True)
class Cast:
    """Contacts by where they belong."""

    grorud: Contact
    sinsen: Contact
    bergen: Contact


@pytest.fixture
def mentor(tree, person):
    """Solveig, peer mentor of Grorud and nothing else."""
    solveig = person("mentor@nhf.example")
    RoleAssignment.objects.filter(user=solveig).delete()
    assign_role(solveig, Role.PEER_MENTOR, local_association=tree.grorud, by=None)
    return solveig


@pytest.fixture
def register(tree):
    """`register("Kari", "Nordmann", …)` makes a contact of Grorud; the system does it."""

    def make(first_name: str, last_name: str, **values):
        values = {"local_association": tree.grorud, "by": None, "duplicate_checked": True, **values}
        return create_contact(first_name=first_name, last_name=last_name, **values)

    return make


@pytest.fixture
def contacts(register, tree) -> Cast:
    return Cast(
        grorud=register("Åse", "Sørli", birth_year=1961, phone="+4722334455"),
        sinsen=register("Per", "Østby", local_association=tree.sinsen),
        bergen=register("Nils", "Vik", local_association=tree.bergen, birth_year=1950),
    )


@pytest.fixture
def sees():
    """`sees(person)` are the first names of the contacts that a person sees now."""

    def names(user) -> set[str]:
        return {row.first_name for row in Contact.objects.visible_to(scope_for(user))}

    return names


@pytest.fixture
def east(tree, east_coordinator, contacts):
    """The coordinator of Øst with their tree and contacts."""
    return SimpleNamespace(coordinator=east_coordinator, tree=tree, contacts=contacts)
