"""Invitations: by mail, in the invited person's language, once, without a word about accounts."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from domain.access.choices import InvitationState, Role
from domain.access.invitations import Acceptance, InvitationOver, accept, find, invite, resend, revoke
from domain.access.memberships import end_membership, suspend_member
from domain.access.models import Invitation, RoleAssignment
from domain.access.rules import assign_role, end_role
from domain.audit.models import AuditEvent
from domain.core.errors import InvalidInput, InvalidState, NotAllowed
from domain.identity.choices import MembershipStatus
from domain.identity.models import Membership, User
from tenants.db import connection
from tests.support.jobs import work_off

pytestmark = pytest.mark.django_db
ASTRID, KARIM, OYVIND = "admin@nhf.example", "coordinator@nhf.example", "admin@blindeforbundet.example"
PASSWORD = "en lang og god setning"
DEMO = "likeperson-demo-2026"
NEW = Acceptance(password=PASSWORD, first_name="Ny", last_name="Person")


@pytest.fixture
def invited(nhf, person, mailbox):
    """`invited(email, …)` invites by mail; gives the invitation and the link's secret."""

    def make(email="ny@nhf.example", role=Role.PEER_MENTOR, **values):
        invitation = invite(email=email, role=role, by=person(ASTRID), **values)
        assert work_off() == ["done"]
        invitation.refresh_from_db()
        return invitation, link_in(mailbox[-1])

    return make


def link_in(mail) -> str:
    text = mail.get_body(("plain",)).get_content()
    return re.search(r"/invitation/([\w-]{43})/", text).group(1)


def test_the_mail_is_in_the_persons_language_and_the_organisations_name(invited, mailbox, tree):
    invited(language="nb", first_name="Nina", message="Velkommen!", local_association=tree.grorud)
    mail = mailbox[0]
    assert mail["To"] == "ny@nhf.example"
    assert mail["From"].startswith("Norges Handikapforbund <")
    assert mail["Reply-To"] == "post@nhf.example"
    assert "inviterer deg" in mail["Subject"]
    text = mail.get_body(("plain",)).get_content()
    html = mail.get_body(("html",)).get_content()
    assert "http://nhf.localhost" in text
    for body in (text, html):
        assert "Grorud" in body
        assert "Velkommen!" in body
        assert "Nina" in body
    assert "#9b1b30" in html


def test_the_secret_is_nowhere_but_in_the_mail(invited):
    invitation, token = invited()
    assert len(token) == 43
    assert token.encode() not in bytes(invitation.digest)
    assert not AuditEvent.objects.filter(object_label__contains=token).exists()
    from tenants.models import JobRun

    assert not any(token in str(run.arguments) for run in JobRun.objects.all())


def test_what_is_typed_into_an_invitation_does_not_become_a_part_of_the_mail(invited, mailbox):
    invited(first_name="<b>Nina</b>", message="<script>x</script>")
    html = mailbox[0].get_body(("html",)).get_content()
    assert "<script>" not in html
    assert "<b>" not in html


def test_a_new_person_gets_account_membership_and_role(invited, tree):
    invitation, token = invited(local_association=tree.grorud, language="nn")
    user = accept(token, NEW, address="192.0.2.1")
    assert (user.email, user.language, str(user)) == ("ny@nhf.example", "nn", "Ny Person")
    assert user.check_password(PASSWORD)
    assert Membership.objects.here().get(user=user).status == MembershipStatus.ACTIVE
    role = RoleAssignment.objects.get(user=user)
    assert (role.role, role.local_association) == (Role.PEER_MENTOR, tree.grorud)
    invitation.refresh_from_db()
    assert (invitation.state, invitation.accepted_by) == (InvitationState.ACCEPTED, user)
    event = AuditEvent.objects.get(action="invitation.accepted")
    assert (event.actor_id, event.subject_ids) == (user.pk, [user.pk])


def test_someone_with_an_account_confirms_with_its_password_and_keeps_it(invited, person):
    _invitation, token = invited(OYVIND)
    with pytest.raises(InvalidInput) as refused:
        accept(token, Acceptance(password="feil passord her", has_account=True), address="192.0.2.1")
    assert refused.value.field == "password"
    user = accept(token, Acceptance(password=DEMO, has_account=True, first_name="X"), address="192.0.2.1")
    assert user == person(OYVIND)
    assert user.first_name == "Øyvind"
    assert Membership.objects.here().filter(user=user).exists()


def test_nobody_makes_a_second_account_or_a_new_password_with_a_link(invited, person):
    _invitation, token = invited(OYVIND)
    with pytest.raises(InvalidInput) as refused:
        accept(token, NEW, address="192.0.2.1")
    assert refused.value.code == "account-exists"
    assert person(OYVIND).check_password(DEMO)
    with connection.as_owner():
        assert User.objects.filter(email__iexact=OYVIND).count() == 1


def test_whoever_invites_learns_nothing_about_accounts(nhf, person):
    known = invite(email=OYVIND, role=Role.PEER_MENTOR, by=person(ASTRID))
    unknown = invite(email="ukjent@nhf.example", role=Role.PEER_MENTOR, by=person(ASTRID))
    shown = ("first_name", "last_name", "state", "accepted_by_id", "language", "version")
    assert [getattr(known, name) for name in shown] == [getattr(unknown, name) for name in shown]


def test_a_link_works_once(invited):
    _invitation, token = invited()
    accept(token, NEW, address="192.0.2.1")
    with pytest.raises(InvitationOver):
        accept(token, NEW, address="192.0.2.1")


def test_a_link_expires_is_withdrawn_and_gives_way_to_a_newer_one(invited, person, mailbox, settings):
    invitation, token = invited()
    assert invitation.expires_at - timezone.now() > timedelta(days=settings.INVITATION_DAYS - 1)
    resend(invitation, by=person(ASTRID))
    assert work_off() == ["done"]
    second = link_in(mailbox[-1])
    with pytest.raises(InvitationOver):
        find(token, address="192.0.2.1")
    assert find(second, address="192.0.2.1") == invitation
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(InvitationOver):
        find(second, address="192.0.2.1")
    invitation.refresh_from_db()
    assert invitation.state == InvitationState.EXPIRED
    invitation = resend(invitation, by=person(ASTRID))
    work_off()
    revoke(invitation, by=person(ASTRID))
    with pytest.raises(InvitationOver):
        find(link_in(mailbox[-1]), address="192.0.2.1")
    with pytest.raises(InvalidState):
        resend(invitation, by=person(ASTRID))


@pytest.mark.parametrize("token", ["", "x", "é" * 43, "A" * 43, "A" * 100_000, "../" * 20, "\x00" * 43])
def test_a_link_that_is_none_is_like_one_that_is_over(nhf, token):
    with pytest.raises(InvitationOver):
        find(token, address="192.0.2.1")


def test_a_weak_password_or_a_missing_name_is_refused_at_its_field_and_uses_nothing_up(invited):
    _invitation, token = invited()
    for given, field in (
        (Acceptance(password="kort", first_name="A", last_name="B"), "password"),
        (Acceptance(password=PASSWORD, first_name=" ", last_name="B"), "first_name"),
        (Acceptance(password=PASSWORD, first_name="A" * 101, last_name="B"), "first_name"),
    ):
        with pytest.raises(InvalidInput) as refused:
            accept(token, given, address="192.0.2.1")
        assert refused.value.field == field
    assert accept(token, NEW, address="192.0.2.1")


def test_an_invitation_ends_with_the_right_of_whoever_sent_it(invited, person):
    other = person(KARIM)
    role = assign_role(other, Role.ORG_ADMIN, by=None)
    invitation = invite(email="annen@nhf.example", role=Role.ORG_ADMIN, by=other)
    from domain.access.invitations import new_link_secret

    token = new_link_secret(invitation)
    assert find(token, address="192.0.2.1")
    end_role(role, by=None)
    with pytest.raises(InvitationOver):
        find(token, address="192.0.2.1")


def test_members_are_not_invited_and_nobody_twice(invited, person):
    with pytest.raises(InvalidInput, match="member already"):
        invited(KARIM.upper())
    invited()
    with pytest.raises(InvalidInput, match="open"):
        invited("NY@nhf.example")


def test_whoever_was_suspended_does_not_come_back_by_a_link_and_whoever_left_does(invited, person):
    membership = Membership.objects.here().get(user__email=KARIM)
    end_membership(membership, by=None)
    _invitation, token = invited(KARIM)
    suspended = Membership.objects.filter(pk=membership.pk)
    suspended.update(status=MembershipStatus.SUSPENDED, left_at=None)
    with pytest.raises(InvitationOver):
        accept(token, Acceptance(password=DEMO, has_account=True), address="192.0.2.1")
    suspended.update(status=MembershipStatus.LEFT, left_at=timezone.now())
    accept(token, Acceptance(password=DEMO, has_account=True), address="192.0.2.1")
    membership.refresh_from_db()
    assert (membership.status, membership.left_at) == (MembershipStatus.ACTIVE, None)


def test_guesses_at_passwords_with_a_link_are_counted(invited):
    from domain.identity.limits import TooManyAttempts

    _invitation, token = invited(OYVIND)
    wrong = Acceptance(password="feil", has_account=True)
    with pytest.raises(TooManyAttempts):
        for _guess in range(11):
            with pytest.raises(InvalidInput):
                accept(token, wrong, address="192.0.2.1")


@pytest.mark.parametrize("email", [KARIM, "mentor@nhf.example"])
def test_only_administrators_invite(nhf, person, email):
    with pytest.raises(NotAllowed):
        invite(email="x@nhf.example", role=Role.PEER_MENTOR, by=person(email))


@pytest.mark.parametrize("email", ["", "x", "a@b", "a@nhf.example\nBcc: b@b.example", "a" * 250 + "@b.no"])
def test_an_address_that_is_none_is_refused(nhf, person, email):
    with pytest.raises(InvalidInput) as refused:
        invite(email=email, role=Role.PEER_MENTOR, by=person(ASTRID))
    assert refused.value.field == "email"


def test_who_sees_invitations(invited, scope_of):
    invitation, _token = invited()
    assert invitation in Invitation.objects.visible_to(scope_of(ASTRID))
    assert not Invitation.objects.visible_to(scope_of(KARIM)).exists()


def test_a_job_that_runs_twice_sends_one_mail(invited, nhf, mailbox):
    from tenants.jobs import enqueue

    invitation, _token = invited()
    enqueue("invitations.send", nhf, key="again", invitation_id=str(invitation.pk))
    work_off()
    assert len(mailbox) == 1


def test_a_suspended_inviters_invitation_stands_no_longer(invited, person):
    assign_role(person(KARIM), Role.ORG_ADMIN, by=None)
    _invitation, token = invited()
    suspend_member(Membership.objects.here().get(user__email=ASTRID), by=None)
    with pytest.raises(InvitationOver):
        find(token, address="192.0.2.1")
