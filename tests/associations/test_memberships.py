"""Who belongs to which local association."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from domain.access.queries import scope_for
from domain.associations import memberships, rules
from domain.associations.models import LocalAssociationMembership
from domain.config.rules import change_settings
from domain.core.errors import InvalidInput, InvalidState, NotAllowed

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate


def primaries(user) -> list[str]:
    rows = LocalAssociationMembership.objects.filter(user=user, is_primary=True)
    return [row.association.name for row in rows]


@pytest.fixture
def solveig(person):
    return person("mentor@nhf.example")


def test_the_first_one_becomes_the_primary(tree, solveig, join):
    join(solveig, tree.grorud)
    join(solveig, tree.bergen)
    assert primaries(solveig) == ["Grorud"]


def test_choosing_another_primary_takes_it_from_the_first(tree, solveig, join):
    join(solveig, tree.grorud)
    second = join(solveig, tree.bergen)
    memberships.choose_primary(second, by=None)
    assert primaries(solveig) == ["Bergen"]
    join(solveig, tree.sinsen, is_primary=True)
    assert primaries(solveig) == ["Sinsen"]


def test_leaving_the_primary_one_hands_it_to_the_oldest_other(tree, solveig, join):
    first = join(solveig, tree.grorud, valid_from=date(2020, 1, 1))
    join(solveig, tree.bergen, valid_from=date(2022, 1, 1))
    join(solveig, tree.sinsen, valid_from=date(2021, 1, 1))
    memberships.leave_association(first, by=None)
    assert primaries(solveig) == ["Sinsen"]


def test_the_database_allows_one_primary(tree, solveig, join):
    join(solveig, tree.grorud)
    second = join(solveig, tree.bergen)
    with pytest.raises(IntegrityError), transaction.atomic():
        LocalAssociationMembership.objects.filter(pk=second.pk).update(is_primary=True)


def test_nobody_joins_the_same_one_twice_at_a_time(tree, solveig, join):
    join(solveig, tree.grorud, valid_from=date(2024, 1, 1), valid_to=date(2024, 12, 31))
    with pytest.raises(InvalidState, match="already"):
        join(solveig, tree.grorud, valid_from=date(2024, 12, 31))
    join(solveig, tree.grorud, valid_from=date(2025, 1, 1))


def test_the_setting_limits_how_many_one_has_at_once(tree, solveig, join, person):
    change_settings(changes={"max_local_associations": 2}, by=person("admin@nhf.example"))
    first = join(solveig, tree.grorud, valid_from=TODAY() - timedelta(days=400))
    join(solveig, tree.bergen)
    with pytest.raises(InvalidState, match="at most 2"):
        join(solveig, tree.sinsen)
    memberships.leave_association(first, last_day=TODAY() - timedelta(days=1), by=None)
    join(solveig, tree.sinsen)


def test_the_limit_counts_the_fullest_day_and_not_all_days(tree, solveig, join, person):
    change_settings(changes={"max_local_associations": 2}, by=person("admin@nhf.example"))
    join(solveig, tree.grorud, valid_from=date(2023, 1, 1), valid_to=date(2023, 6, 30))
    join(solveig, tree.bergen, valid_from=date(2023, 7, 1), valid_to=date(2023, 12, 31))
    join(solveig, tree.sinsen, valid_from=date(2023, 1, 1), valid_to=date(2023, 12, 31))
    with pytest.raises(InvalidState):
        join(solveig, tree.west, valid_from=date(2023, 6, 30), valid_to=date(2023, 7, 1))


def test_a_lowered_limit_does_not_hold_anyone_back_from_leaving(tree, solveig, join, person):
    rows = [join(solveig, each) for each in (tree.grorud, tree.bergen, tree.sinsen)]
    change_settings(changes={"max_local_associations": 1}, by=person("admin@nhf.example"))
    memberships.leave_association(rows[2], by=None)
    assert LocalAssociationMembership.objects.get(pk=rows[2].pk).valid_to == TODAY()


def test_only_members_of_the_organisation_join(tree, person, join):
    with pytest.raises(InvalidInput, match="not a member of the organisation"):
        join(person("mentor@blindeforbundet.example"), tree.grorud)


def test_nobody_joins_a_closed_one(tree, solveig, join):
    rules.set_active(tree.bergen, active=False, by=None)
    with pytest.raises(InvalidState, match="closed"):
        join(solveig, tree.bergen)


def test_a_coordinator_keeps_memberships_of_the_region_only(tree, east_coordinator, solveig):
    row = memberships.join_association(user=solveig, association=tree.grorud, by=east_coordinator)
    with pytest.raises(NotAllowed):
        memberships.join_association(user=solveig, association=tree.bergen, by=east_coordinator)
    memberships.leave_association(row, by=east_coordinator)


def test_one_sees_ones_own_and_a_coordinator_those_of_the_region(
    tree, solveig, east_coordinator, person, join
):
    rows = {name: join(solveig, getattr(tree, name)) for name in ("grorud", "bergen")}
    own = join(east_coordinator, tree.bergen)
    other = join(person("both@meander.example"), tree.bergen)
    seen = LocalAssociationMembership.objects.visible_to
    assert set(seen(scope_for(solveig))) == set(rows.values())
    assert set(seen(scope_for(east_coordinator))) == {rows["grorud"], own}
    assert set(seen(scope_for(person("admin@nhf.example")))) == {*rows.values(), own, other}
    assert not seen(scope_for(None)).exists()


def test_a_merge_hands_the_members_over(tree, solveig, person, join):
    both = person("both@meander.example")
    join(solveig, tree.grorud, valid_from=date(2024, 1, 1))
    join(both, tree.grorud, valid_from=date(2024, 1, 1))
    join(both, tree.sinsen, valid_from=date(2024, 1, 1))
    rules.merge_associations(tree.grorud, into=tree.sinsen, by=None)
    now = LocalAssociationMembership.objects.current()
    assert {row.association.name for row in now.filter(user__in=[solveig, both])} == {"Sinsen"}
    assert primaries(solveig) == primaries(both) == ["Sinsen"]
    ended = LocalAssociationMembership.objects.filter(association=tree.grorud)
    assert {row.valid_to for row in ended} == {TODAY() - timedelta(days=1)}


def test_a_merge_hands_the_roles_over(tree, solveig):
    from domain.access.rules import assign_role

    assign_role(solveig, "coordinator", local_association=tree.grorud, by=None)
    rules.merge_associations(tree.grorud, into=tree.bergen, by=None)
    scope = scope_for(solveig)
    assert scope.reach("associations.add_localassociationmembership") == (tree.bergen.path,)
