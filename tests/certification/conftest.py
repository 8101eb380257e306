"""NHF with its small tree, Karim who coordinates Øst, and Solveig, a mentor of Grorud."""

from datetime import date

import pytest

from domain.associations.memberships import join_association
from domain.certification import kinds, rules
from domain.certification.models import CertificationKind
from tests.support.rows import make_tree

MENTOR, COORDINATOR, ADMIN = "mentor@nhf.example", "coordinator@nhf.example", "admin@nhf.example"


@pytest.fixture
def tree(nhf):
    """The six associations by name."""
    return make_tree()


@pytest.fixture
def admin(nhf, person):
    return person(ADMIN)


@pytest.fixture
def karim(tree, person):
    """Coordinates Øst and nothing else."""
    from domain.access.models import RoleAssignment
    from domain.access.rules import assign_role

    karim = person(COORDINATOR)
    RoleAssignment.objects.filter(user=karim).delete()
    assign_role(karim, "coordinator", local_association=tree.east, by=None)
    return karim


@pytest.fixture
def solveig(tree, person):
    """A mentor of Grorud, which lies in Øst."""
    solveig = person(MENTOR)
    join_association(user=solveig, association=tree.grorud, by=None)
    return solveig


@pytest.fixture
def kind(nhf):
    """Required of mentors for two years; asks for a course and a yearly talk."""
    return kinds.create_kind(
        key="visitor",
        name_nb="Besøksvenn",
        name_en="Visitor",
        validity_months=24,
        requirements=["course", "yearly_talk"],
        is_required=True,
        by=None,
    )


@pytest.fixture
def certify():
    """`certify(user, kind, on=day)` gives a certification issued on a day, its checklist ticked before."""

    def make(user, kind: CertificationKind, *, on: date, by=None):
        held = rules.start_certification(user=user, kind=kind, by=by)
        for requirement in kind.requirements:
            held = rules.tick(held, requirement=requirement, done_on=on, by=by)
        return rules.issue(held, issued_on=on, by=by)

    return make
