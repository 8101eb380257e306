"""A local association shared with one more person until a day."""

import pytest
from guardian.shortcuts import get_objects_for_user

from domain.access.models import AssociationShare
from domain.access.sharing import drop_ended_shares, end_share, share_association
from domain.associations.models import LocalAssociation, LocalAssociationMembership
from domain.audit.models import AuditEvent
from domain.core.errors import InvalidInput, InvalidState, NotAllowed
from domain.identity.models import Membership
from tests.support.queries import statements

pytestmark = pytest.mark.django_db
ASTRID, KARIM, SOLVEIG = "admin@nhf.example", "coordinator@nhf.example", "mentor@nhf.example"


@pytest.fixture
def bergen(tree, east_coordinator, join, person):
    """Bergen, out of Karim's reach, with Solveig in it."""
    join(person(SOLVEIG), tree.bergen)
    return tree.bergen


def sees(scope) -> bool:
    return (
        Membership.objects.visible_to(scope).filter(user__email=SOLVEIG).exists()
        and LocalAssociationMembership.objects.visible_to(scope).filter(user__email=SOLVEIG).exists()
    )


def test_what_is_shared_is_seen_until_the_day_and_no_longer(bergen, person, scope_of, days):
    assert not sees(scope_of(KARIM))
    share = share_association(
        bergen, user=person(KARIM), until=days(7), reason="Holiday of Bergen's own", by=person(ASTRID)
    )
    assert sees(scope_of(KARIM))
    AssociationShare.objects.filter(pk=share.pk).update(valid_from=days(-9), valid_to=days(-1))
    assert not sees(scope_of(KARIM))
    assert drop_ended_shares() == 1


def test_sharing_lets_see_and_not_change(bergen, person, scope_of, days):
    share_association(bergen, user=person(KARIM), until=days(7), reason="Holiday", by=None)
    scope = scope_of(KARIM)
    assert scope.can("identity.view_membership", bergen.path)
    assert not scope.can("associations.change_localassociationmembership", bergen.path)
    assert not scope.can("access.view_roleassignment", bergen.path)


def test_the_callers_standing_is_still_one_query(bergen, person, scope_of, days):
    share_association(bergen, user=person(KARIM), until=days(7), reason="Holiday", by=None)
    from domain.access.queries import scope_for

    karim = person(KARIM)
    with statements() as queries:
        scope_for(karim)
    assert len(queries) == 1


def test_an_ended_share_bites_at_once_and_is_on_the_record(bergen, person, scope_of, days):
    share = share_association(bergen, user=person(KARIM), until=days(7), reason="Holiday", by=person(ASTRID))
    end_share(share, by=person(ASTRID))
    assert not sees(scope_of(KARIM))
    actions = AuditEvent.objects.filter(action__startswith="share.").values_list("action", "reason")
    assert sorted(actions) == [("share.created", "Holiday"), ("share.ended", "")]
    with pytest.raises(InvalidState):
        end_share(share, by=person(ASTRID))


def test_sharing_again_moves_the_day(bergen, person, days):
    first = share_association(bergen, user=person(KARIM), until=days(7), reason="Holiday", by=None)
    again = share_association(bergen, user=person(KARIM), until=days(9), reason="Longer", by=None)
    assert first.pk == again.pk
    assert AssociationShare.objects.get().valid_to == days(9)


@pytest.mark.parametrize("until", [-1, 400])
def test_a_share_ends_between_today_and_a_year_ahead(bergen, person, days, until):
    with pytest.raises(InvalidInput):
        share_association(bergen, user=person(KARIM), until=days(until), reason="Holiday", by=None)


def test_a_share_needs_a_reason_and_a_member(bergen, person, days):
    with pytest.raises(InvalidInput):
        share_association(bergen, user=person(KARIM), until=days(1), reason="  ", by=None)
    stranger = person("admin@blindeforbundet.example")
    with pytest.raises(InvalidInput):
        share_association(bergen, user=stranger, until=days(1), reason="Holiday", by=None)


def test_a_coordinator_does_not_share(bergen, tree, person, days):
    with pytest.raises(NotAllowed):
        share_association(tree.grorud, user=person(SOLVEIG), until=days(1), reason="x", by=person(KARIM))


def test_guardians_own_functions_find_the_share(bergen, person, days):
    share_association(bergen, user=person(KARIM), until=days(7), reason="Holiday", by=None)
    found = get_objects_for_user(
        person(KARIM), "associations.see_members", LocalAssociation, accept_global_perms=False
    )
    assert list(found) == [bergen]
