"""Members: who sees whom; suspension and leaving bite at once; people without e-mail."""

import pytest

from domain.access.choices import InvitationState, Role
from domain.access.invitations import invite
from domain.access.members import change_membership, register_person
from domain.access.memberships import end_membership, resume_member, suspend_member
from domain.access.models import Invitation, RoleAssignment
from domain.access.rules import assign_role
from domain.access.sharing import share_association
from domain.associations.models import LocalAssociationMembership
from domain.audit.models import AuditEvent
from domain.core.errors import InvalidInput, InvalidState, NotAllowed
from domain.identity.choices import MembershipStatus
from domain.identity.models import Membership, UserSession
from tenants.db import connection

pytestmark = pytest.mark.django_db
ASTRID, KARIM, SOLVEIG, BJORN = (
    "admin@nhf.example",
    "coordinator@nhf.example",
    "mentor@nhf.example",
    "both@meander.example",
)


def seen_by(scope) -> set[str]:
    return {m.user.email for m in Membership.objects.visible_to(scope).select_related("user")}


def test_an_administrator_sees_every_member(nhf, scope_of):
    assert seen_by(scope_of(ASTRID)) == {ASTRID, KARIM, SOLVEIG, BJORN}


def test_a_coordinator_sees_who_belongs_or_has_a_role_in_reach(
    tree, east_coordinator, join, person, scope_of, days
):
    assert seen_by(scope_of(KARIM)) == {KARIM}
    join(person(SOLVEIG), tree.grorud)
    assert seen_by(scope_of(KARIM)) == {KARIM, SOLVEIG}
    role = assign_role(person(BJORN), Role.PEER_MENTOR, local_association=tree.sinsen, by=None)
    assert seen_by(scope_of(KARIM)) == {KARIM, SOLVEIG, BJORN}
    RoleAssignment.objects.filter(pk=role.pk).update(valid_from=days(-9), valid_to=days(-1))
    assert seen_by(scope_of(KARIM)) == {KARIM, SOLVEIG}
    LocalAssociationMembership.objects.update(valid_from=days(-9), valid_to=days(-1), is_primary=False)
    assert seen_by(scope_of(KARIM)) == {KARIM}


def test_a_member_elsewhere_in_the_tree_is_out_of_sight(tree, east_coordinator, join, person, scope_of):
    join(person(SOLVEIG), tree.bergen)
    join(person(BJORN), tree.norge)
    assert seen_by(scope_of(KARIM)) == {KARIM}


def test_a_peer_mentor_sees_their_own_membership(nhf, scope_of):
    assert seen_by(scope_of(SOLVEIG)) == {SOLVEIG}


def test_whoever_is_not_signed_in_sees_nobody(nhf):
    from domain.access.queries import scope_for

    assert not Membership.objects.visible_to(scope_for(None)).exists()


def test_suspension_ends_the_apps_session_and_the_admins(nhf, api_of, browser_of, person, membership_of):
    phone, browser = api_of("nhf", KARIM), browser_of("nhf", KARIM)
    assert phone.get("/api/v1/me/").status_code == 200
    assert browser.get("/admin/").status_code == 200
    suspend_member(membership_of(KARIM), by=person(ASTRID), reason="Lost phone")
    assert phone.get("/api/v1/me/").status_code == 401
    assert browser.get("/admin/").status_code == 302
    session = UserSession.objects.filter(user=person(KARIM)).latest("created_at")
    assert session.revoked_reason == "membership-suspended"
    event = AuditEvent.objects.filter(action="membership.suspended").first()
    assert (event.reason, event.subject_ids) == ("Lost phone", [person(KARIM).pk])


def test_suspension_here_leaves_the_other_organisation_alone(nhf, api_of, person, membership_of):
    here, there = api_of("nhf", BJORN), api_of("blindeforbundet", BJORN)
    suspend_member(membership_of(BJORN), by=person(ASTRID))
    assert here.get("/api/v1/me/").status_code == 401
    assert there.get("/api/v1/me/").status_code == 200


def test_whoever_was_suspended_comes_back_with_their_roles(nhf, person, membership_of, scope_of):
    suspend_member(membership_of(KARIM), by=person(ASTRID))
    resume_member(membership_of(KARIM), by=person(ASTRID))
    assert membership_of(KARIM).status == MembershipStatus.ACTIVE
    assert "coordinator" in scope_of(KARIM).roles


def test_whoever_leaves_keeps_no_role_no_chapter_and_nothing_shared(
    tree, join, person, membership_of, scope_of, days, api_of
):
    karim, phone = person(KARIM), api_of("nhf", KARIM)
    join(karim, tree.grorud)
    join(karim, tree.bergen, valid_from=days(9))
    share_association(tree.bergen, user=karim, until=days(9), reason="Holiday", by=None)
    assign_role(karim, Role.AUDITOR, valid_from=days(5), by=None)
    left = end_membership(membership_of(KARIM), by=person(ASTRID))
    assert (left.status, left.left_at is not None) == (MembershipStatus.LEFT, True)
    assert phone.get("/api/v1/me/").status_code == 401
    assert not scope_of(KARIM).held
    assert not RoleAssignment.objects.filter(user=karim, valid_to=None).exists()
    assert not LocalAssociationMembership.objects.filter(user=karim, valid_to=None).exists()
    assert membership_of(KARIM).roles_summary == []
    resume_member(membership_of(KARIM), by=person(ASTRID))
    assert not scope_of(KARIM).roles


def test_each_thing_that_ends_with_a_membership_is_on_the_record(tree, join, person, membership_of, days):
    karim = person(KARIM)
    join(karim, tree.grorud)
    share_association(tree.bergen, user=karim, until=days(9), reason="Holiday", by=None)
    coming = assign_role(karim, Role.PEER_MENTOR, local_association=tree.east, valid_from=days(5), by=None)
    assign_role(karim, Role.ORG_ADMIN, by=None)
    sent = invite(email="new@example.org", role=Role.PEER_MENTOR, by=karim)
    end_membership(membership_of(KARIM), by=person(ASTRID), reason="Moved away")
    events = AuditEvent.objects.filter(subject_ids__contains=[karim.pk], detail__reason="Moved away")
    found = sorted(events.values_list("action", flat=True))
    assert found == ["invitation.revoked", "membership.ended", *["role.ended"] * 3, "share.ended"]
    assert {event.actor_id for event in events} == {person(ASTRID).pk}
    assert not RoleAssignment.objects.filter(pk=coming.pk).exists()
    assert Invitation.objects.get(pk=sent.pk).state == InvitationState.REVOKED


def test_nobody_shuts_themselves_out(nhf, person, membership_of):
    assign_role(person(KARIM), Role.ORG_ADMIN, by=None)
    with pytest.raises(InvalidState, match="yourself"):
        suspend_member(membership_of(ASTRID), by=person(ASTRID))


@pytest.mark.parametrize("act", [suspend_member, end_membership, resume_member])
def test_a_coordinator_changes_nobodys_membership(nhf, person, membership_of, act):
    with pytest.raises(NotAllowed):
        act(membership_of(SOLVEIG), by=person(KARIM))


def test_a_membership_of_another_organisation_is_not_found(nhf, person):
    with connection.as_owner():
        foreign = Membership.objects.get(user__email="admin@blindeforbundet.example")
    with pytest.raises(Membership.DoesNotExist):
        suspend_member(foreign, by=person(ASTRID))


def test_title_and_member_number_are_the_organisations_to_write(nhf, person, membership_of):
    change_membership(
        membership_of(KARIM),
        changes={"display_title": " Leader  of Øst ", "external_reference": "1001"},
        by=person(ASTRID),
    )
    row = membership_of(KARIM)
    assert (row.display_title, row.external_reference) == ("Leader of Øst", "1001")
    with pytest.raises(InvalidInput, match="number") as refused:
        change_membership(membership_of(BJORN), changes={"external_reference": "1001"}, by=person(ASTRID))
    assert refused.value.field == "external_reference"
    with pytest.raises(InvalidInput):
        change_membership(membership_of(BJORN), changes={"status": "left"}, by=person(ASTRID))


def test_a_volunteer_without_email_is_a_member_who_cannot_sign_in(tree, person, scope_of):
    row = register_person(
        first_name="Gunnar",
        last_name="Lie",
        role=Role.PEER_MENTOR,
        local_association=tree.grorud,
        by=person(ASTRID),
    )
    assert row.user.email is None
    assert not row.user.has_usable_password()
    assert row.user.association_memberships.get().association == tree.grorud
    assert row.user.role_assignments.get().local_association == tree.grorud
    with pytest.raises(NotAllowed):
        register_person(first_name="A", last_name="B", by=person(KARIM))
