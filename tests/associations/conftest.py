"""A small tree: Norge › Øst (Grorud, Sinsen) and Vest (Bergen); a coordinator of Øst alone."""

import pytest

from domain.associations import memberships
from tests.support.rows import make_tree


@pytest.fixture
def tree(nhf):
    """The six associations by name."""
    return make_tree()


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
