"""A small tree: Norge › Øst (Grorud, Sinsen) and Vest (Bergen); a coordinator of Øst alone."""

from types import SimpleNamespace

import pytest

from domain.associations import memberships, rules


@pytest.fixture
def tree(nhf):
    """The five associations by name."""

    def make(name, number, parent=None, **values):
        return rules.create_association(name=name, number=number, parent=parent, by=None, **values)

    norge = make("Norge", "1", kind="national")
    east = make("Øst", "10", norge, kind="region", county="03")
    west = make("Vest", "20", norge, kind="region", county="46")
    return SimpleNamespace(
        norge=norge,
        east=east,
        west=west,
        grorud=make("Grorud", "101", east, county="03"),
        sinsen=make("Sinsen", "102", east, county="03"),
        bergen=make("Bergen", "201", west, county="46"),
    )


@pytest.fixture
def east_coordinator(tree, person):
    """Karim, who coordinates Øst and nothing else."""
    from domain.access.models import RoleAssignment
    from domain.access.rules import assign_role

    karim = person("coordinator@nhf.example")
    RoleAssignment.objects.filter(user=karim).delete()
    assign_role(karim, "coordinator", local_association=tree.east, by=None)
    return karim


@pytest.fixture
def join():
    """`join(person, association, …)` makes a member."""
    return lambda user, association, **values: memberships.join_association(
        user=user, association=association, by=None, **values
    )
