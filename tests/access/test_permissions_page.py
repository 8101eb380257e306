"""What may this person do and see, and why: the words, the document, the explanation."""

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from domain.access.abilities import ABILITIES
from domain.access.choices import Role
from domain.access.explaining import explain
from domain.access.management.commands import permissions_document
from domain.access.memberships import suspend_member
from domain.access.queries import scope_for
from domain.access.roles import PERMISSIONS, SHARED
from domain.access.rules import assign_role
from domain.access.sharing import share_association

ASTRID, KARIM, SOLVEIG = "admin@nhf.example", "coordinator@nhf.example", "mentor@nhf.example"


def test_every_permission_of_every_role_has_words():
    worded = frozenset().union(*(ability.permissions for ability in ABILITIES))
    assert frozenset().union(*PERMISSIONS.values(), SHARED) == worded


def test_a_permission_stands_in_one_ability_only():
    assert sum(len(ability.permissions) for ability in ABILITIES) == len(
        frozenset().union(*(ability.permissions for ability in ABILITIES))
    )


@pytest.mark.parametrize("role", [*Role])
def test_a_role_has_each_ability_wholly_or_not_at_all(role):
    for ability in ABILITIES:
        shared = ability.permissions & PERMISSIONS[role]
        assert not shared or shared == ability.permissions, ability.words


def test_the_document_says_what_the_role_table_says():
    call_command("permissions_document", check=True)


def test_the_check_finds_a_document_that_says_something_else(tmp_path, monkeypatch):
    page = tmp_path / "permissions.md"
    monkeypatch.setattr(permissions_document, "PATH", page)
    with pytest.raises(CommandError):
        call_command("permissions_document", check=True)
    call_command("permissions_document")
    call_command("permissions_document", check=True)
    page.write_text(page.read_text().replace("yes", "–", 1))
    with pytest.raises(CommandError):
        call_command("permissions_document", check=True)


@pytest.mark.django_db
def test_the_explanation_names_where_since_when_and_because_of_what(tree, east_coordinator, person, days):
    share_association(tree.bergen, user=east_coordinator, until=days(7), reason="Holiday", by=None)
    said = explain(east_coordinator, timezone.localdate())
    seeing = next(
        may
        for _area, mays in said.areas
        for may in mays
        if "identity.view_membership" in may.ability.permissions
    )
    assert [(ground.role, ground.place, ground.reason) for ground in seeing.grounds] == [
        ("coordinator", tree.east, ""),
        ("", tree.bergen, "Holiday"),
    ]
    assert not seeing.everywhere
    assert said.sees["local_associations"] == 4


@pytest.mark.django_db
@pytest.mark.parametrize("email", [ASTRID, KARIM, SOLVEIG])
def test_the_explanation_agrees_with_what_is_enforced(tree, east_coordinator, person, email):
    scope = scope_for(person(email))
    said = explain(person(email), timezone.localdate())
    explained = {name for _area, mays in said.areas for may in mays for name in may.ability.permissions}
    assert explained == scope.permissions


@pytest.mark.django_db
def test_the_explanation_of_another_day_knows_the_roles_of_that_day(nhf, person, days):
    assign_role(person(SOLVEIG), Role.AUDITOR, valid_from=days(10), by=None)
    assert {ground.role for ground in explain(person(SOLVEIG), days(0)).grounds} == {"peer_mentor"}
    assert {ground.role for ground in explain(person(SOLVEIG), days(10)).grounds} == {
        "auditor",
        "peer_mentor",
    }


@pytest.mark.django_db
def test_whoever_is_suspended_may_do_nothing(nhf, person, membership_of):
    suspend_member(membership_of(KARIM), by=None)
    said = explain(person(KARIM), timezone.localdate())
    assert not said.is_in
    assert said.areas == []
    assert said.sees == {"members": 0, "local_associations": 0, "local_memberships": 0}
