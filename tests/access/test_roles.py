"""Roles: from a day to a day, for a part of the tree, given by who may; never without an administrator."""

import pytest
from django.core import mail
from django.db import transaction
from django.utils import timezone
from django_tenants.utils import schema_context

from domain.access.choices import FOR_A_PURPOSE, Role
from domain.access.invitations import invite
from domain.access.jobs import organizations_with_turning_roles
from domain.access.memberships import end_membership, suspend_member
from domain.access.models import RoleAssignment, UserGroup
from domain.access.rules import assign_role, change_role, end_role
from domain.audit.models import AuditEvent
from domain.core.errors import InvalidInput, InvalidState, NotAllowed, StaleVersion
from domain.identity.models import Membership
from tests.support.jobs import work_off

pytestmark = pytest.mark.django_db
ASTRID, KARIM, SOLVEIG, BJORN = (
    "admin@nhf.example",
    "coordinator@nhf.example",
    "mentor@nhf.example",
    "both@meander.example",
)
VIEW = "identity.view_membership"


def test_a_role_holds_from_its_first_day_to_its_last(tree, person, scope_of, days):
    solveig = person(SOLVEIG)
    RoleAssignment.objects.filter(user=solveig).delete()
    for first, last, holds in [(1, 5, False), (-5, -1, False), (0, 0, True), (-3, 0, True), (0, None, True)]:
        assignment = assign_role(
            solveig,
            Role.COORDINATOR,
            local_association=tree.grorud,
            valid_from=days(first),
            valid_to=days(last) if last is not None else None,
            by=None,
        )
        assert scope_of(SOLVEIG).can(VIEW) is holds, (first, last)
        assert solveig.has_perm(VIEW) is holds
        assignment.delete()
        solveig = person(SOLVEIG)


def test_a_role_reaches_the_local_association_and_those_below_it(tree, east_coordinator, scope_of):
    scope = scope_of(KARIM)
    assert [scope.can(VIEW, place.path) for place in (tree.east, tree.grorud, tree.sinsen)] == [True] * 3
    assert [scope.can(VIEW, place.path) for place in (tree.norge, tree.west, tree.bergen)] == [False] * 3
    assert not scope.can(VIEW, "")


def test_a_role_follows_the_tree_when_it_is_changed(tree, east_coordinator, scope_of):
    from domain.associations.rules import move_association

    move_association(tree.bergen, to=tree.east, by=None)
    tree.bergen.refresh_from_db()
    assert scope_of(KARIM).can(VIEW, tree.bergen.path)


def test_only_some_roles_hold_for_a_part_of_the_organisation(tree, person):
    with pytest.raises(InvalidInput, match="whole organisation"):
        assign_role(person(SOLVEIG), Role.FINANCE, local_association=tree.grorud, by=None)


def test_the_last_day_is_not_before_the_first(tree, person, days):
    with pytest.raises(InvalidInput, match="last day"):
        assign_role(person(SOLVEIG), Role.AUDITOR, valid_from=days(3), valid_to=days(2), by=None)


def test_the_same_role_twice_from_one_day_is_refused_in_words(tree, person, days):
    assign_role(person(SOLVEIG), Role.AUDITOR, valid_to=days(9), by=None)
    with pytest.raises(InvalidInput, match="already"):
        assign_role(person(SOLVEIG), Role.AUDITOR, valid_to=days(5), by=None)


def test_nobody_gets_a_role_who_is_no_member(nhf, person):
    stranger = person("admin@blindeforbundet.example")
    with pytest.raises(InvalidInput, match="not a member"):
        assign_role(stranger, Role.PEER_MENTOR, by=person(ASTRID))


def test_a_closed_local_association_gets_no_more_roles(tree, person):
    from domain.associations.rules import set_active

    closed = set_active(tree.grorud, active=False, by=None)
    with pytest.raises(InvalidInput, match="closed"):
        assign_role(person(SOLVEIG), Role.PEER_MENTOR, local_association=closed, by=None)


@pytest.mark.parametrize("role", [*Role])
@pytest.mark.parametrize("giver", [KARIM, SOLVEIG])
def test_whoever_has_no_right_to_roles_gives_none(tree, east_coordinator, person, giver, role):
    with pytest.raises(NotAllowed):
        assign_role(person(BJORN), role, by=person(giver), local_association=None)
    with pytest.raises(NotAllowed):
        assign_role(person(BJORN), role, by=person(giver), local_association=tree.grorud)


def test_an_administrator_gives_every_role_of_the_organisation_but_not_the_platforms(nhf, person):
    for role in Role:
        if role == Role.PLATFORM_STAFF:
            with pytest.raises(NotAllowed):
                assign_role(person(SOLVEIG), role, by=person(ASTRID))
        else:
            purpose = "Quality of the support" if role in FOR_A_PURPOSE else ""
            given = assign_role(person(SOLVEIG), role, by=person(ASTRID), purpose=purpose)
            assert given.role == role


def test_an_unknown_role_is_nobodys_to_give(nhf, person):
    with pytest.raises(NotAllowed):
        assign_role(person(SOLVEIG), "emperor", by=person(ASTRID))


def test_a_role_ended_today_bites_at_once_and_is_on_the_record(tree, east_coordinator, person, scope_of):
    role = RoleAssignment.objects.get(user=east_coordinator)
    end_role(role, by=person(ASTRID), reason="New work")
    assert not scope_of(KARIM).roles
    assert not UserGroup.objects.filter(user=east_coordinator).exists()
    event = AuditEvent.objects.filter(action="role.ended").first()
    assert event.reason == "New work"
    assert event.subject_ids == [east_coordinator.pk]


def test_a_role_that_has_ended_does_not_end_again(nhf, person, days):
    role = assign_role(person(SOLVEIG), Role.AUDITOR, valid_from=days(-9), valid_to=days(-2), by=None)
    with pytest.raises(InvalidState):
        end_role(role, by=person(ASTRID))


def test_a_change_to_what_someone_else_has_changed_is_refused(nhf, person, days):
    role = assign_role(person(SOLVEIG), Role.AUDITOR, by=None)
    version = role.version
    change_role(role, changes={"valid_to": days(30)}, by=person(ASTRID), version=version)
    with pytest.raises(StaleVersion):
        change_role(role, changes={"valid_to": days(60)}, by=person(ASTRID), version=version)


def test_the_last_administrator_stays(nhf, person, days, membership_of):
    only = RoleAssignment.objects.get(role=Role.ORG_ADMIN)
    for takes_away in (
        lambda: end_role(only, by=None),
        lambda: change_role(only, changes={"valid_to": days(30)}, by=None),
        lambda: change_role(only, changes={"valid_from": days(1)}, by=None),
        lambda: suspend_member(membership_of(ASTRID), by=None),
        lambda: end_membership(membership_of(ASTRID), by=None),
    ):
        with pytest.raises(InvalidState, match="administer"), transaction.atomic():
            takes_away()
    # Another one, if only for a while, does not help; until further notice does.
    deputy = assign_role(person(KARIM), Role.ORG_ADMIN, valid_to=days(30), by=None)
    with pytest.raises(InvalidState), transaction.atomic():
        end_role(only, by=None)
    change_role(deputy, changes={"valid_to": None}, by=None)
    end_role(only, by=None)
    assert not RoleAssignment.objects.filter(role=Role.ORG_ADMIN, user=person(ASTRID)).holding().exists()


def test_the_mirrors_follow_the_roles_of_today(tree, east_coordinator, membership_of, person, days):
    assign_role(east_coordinator, Role.FINANCE, valid_from=days(3), by=None)
    assert membership_of(KARIM).roles_summary == ["coordinator"]
    assert membership_of(KARIM).reach_summary == "Øst"
    assign_role(east_coordinator, Role.AUDITOR, by=None)
    assert membership_of(KARIM).roles_summary == ["auditor", "coordinator"]
    assert membership_of(KARIM).reach_summary == ""
    groups = UserGroup.objects.filter(user=east_coordinator).values_list("group__name", flat=True)
    assert sorted(groups) == ["auditor", "coordinator"]


def test_the_nightly_job_lets_roles_begin_and_end(nhf, tree, person, days, membership_of):
    from tenants.jobs import enqueue
    from tests.support.jobs import work_off

    solveig = person(SOLVEIG)
    begins = assign_role(solveig, Role.AUDITOR, valid_from=days(2), by=None)
    ends = assign_role(solveig, Role.FINANCE, valid_to=days(2), by=None)
    # Time goes by.
    RoleAssignment.objects.filter(pk=begins.pk).update(valid_from=days(0))
    RoleAssignment.objects.filter(pk=ends.pk).update(valid_from=days(-9), valid_to=days(-1))
    assert "finance" in membership_of(SOLVEIG).roles_summary
    with schema_context("public"):
        assert nhf in organizations_with_turning_roles(timezone.now())
    enqueue("access.follow_dates", nhf, key="test")
    assert work_off()
    assert membership_of(SOLVEIG).roles_summary == ["auditor", "peer_mentor"]


def test_who_sees_which_roles(tree, east_coordinator, person, scope_of, days):
    near = assign_role(person(SOLVEIG), Role.COORDINATOR, local_association=tree.grorud, by=None)
    far = assign_role(person(BJORN), Role.COORDINATOR, local_association=tree.bergen, by=None)
    seen = {
        email: set(RoleAssignment.objects.visible_to(scope_of(email))) for email in (ASTRID, KARIM, BJORN)
    }
    assert {near, far} <= seen[ASTRID]
    assert near in seen[KARIM]
    assert far not in seen[KARIM]
    assert {role.user_id for role in seen[BJORN]} == {person(BJORN).pk}


def test_memberships_of_another_organisation_are_never_seen(nhf, scope_of):
    assert {m.organization_id for m in Membership.objects.visible_to(scope_of(ASTRID))} == {nhf.pk}


def test_the_other_administrators_are_told_who_was_let_see_contacts_and_by_whom(nhf, person, days):
    astrid, bjorn = person(ASTRID), person(BJORN)
    invite(email="astrid@home.example", role=Role.COORDINATOR, by=astrid)
    work_off()
    assert not [each for each in mail.outbox if "tilgang til kontakter" in each.subject], "nobody is told"
    assign_role(bjorn, Role.ORG_ADMIN, by=None)
    assign_role(person(SOLVEIG), Role.COORDINATOR, by=astrid)
    invite(email="astrid@work.example", role=Role.COORDINATOR, by=astrid)
    assign_role(person(KARIM), Role.PEER_MENTOR, by=astrid)
    work_off()
    told = [each for each in mail.outbox if "tilgang til kontakter" in each.subject]
    assert [each.to for each in told] == [[bjorn.email]] * 2
    assert "Solveig Nilsen" in told[0].body
    assert "astrid@work.example" in told[1].body
