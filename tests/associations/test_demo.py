"""The demo organisations' trees."""

import pytest

from cms.demo.associations import BELONGS, plan, seed_associations
from domain.associations.models import LocalAssociation, LocalAssociationEdge, LocalAssociationMembership
from domain.associations.queries import tree_on
from domain.audit.models import AuditEvent

pytestmark = pytest.mark.django_db


def test_the_large_demo_organisation_has_1400_with_paths_that_fit_the_tree(nhf):
    assert seed_associations()
    assert LocalAssociation.objects.count() == LocalAssociationEdge.objects.count() == 1400
    for row in LocalAssociation.objects.select_related("parent"):
        above = row.parent.path if row.parent else "/"
        assert row.path == f"{above}{row.node}/"
    assert AuditEvent.objects.filter(action="local-association.imported").count() == 1
    assert not seed_associations()


def test_the_small_one_has_40_and_its_people_belong_somewhere(blindeforbundet):
    assert seed_associations()
    assert LocalAssociation.objects.count() == 40
    people = set(
        LocalAssociationMembership.objects.current()
        .filter(is_primary=True)
        .values_list("user__email", flat=True)
    )
    assert people == set(BELONGS["blindeforbundet"])


def test_the_tree_of_an_earlier_day_is_that_of_today_where_nothing_moved(blindeforbundet):
    seed_associations()
    paths = dict(LocalAssociation.objects.values_list("pk", "path"))
    assert tree_on(LocalAssociationEdge.objects.first().valid_from) == paths


def test_the_demo_is_the_same_every_time():
    assert plan("nhf") == plan("nhf")
    assert len({each.number for each in plan("nhf")}) == 1400
