"""People in the admin: found, looked at, given roles, suspended, invited; each within the caller's reach."""

import re

import pytest
from django.urls import reverse

from domain.access.choices import Role
from domain.access.memberships import suspend_member
from domain.access.models import AssociationShare, Invitation, RoleAssignment
from domain.access.rules import assign_role
from domain.identity.choices import MembershipStatus
from domain.identity.models import Membership, User, UserSession
from tests.support.jobs import work_off

pytestmark = pytest.mark.django_db
ASTRID, KARIM, SOLVEIG, BJORN = (
    "admin@nhf.example",
    "coordinator@nhf.example",
    "mentor@nhf.example",
    "both@meander.example",
)
PASSWORD = "en lang og god setning"


@pytest.fixture
def admin(nhf, browser_of):
    return browser_of("nhf", ASTRID)


def page(client, name, *args, query="") -> str:
    response = client.get(reverse(name, args=args) + query)
    assert response.status_code == 200, response
    return response.content.decode()


def act(client, name, row, **data):
    """Send the form of an action with the version that its page carries."""
    url = reverse(name, args=[row.pk])
    version = re.search(r'name="version"[^>]*value="(\d+)"', client.get(url).content.decode())
    return client.post(url, {"version": version.group(1), **data})


def names_in(text: str) -> set[str]:
    return {name for name in ("Moen", "Haddad", "Nilsen", "Åsen") if name in text.split("<table")[-1]}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?q=solveig", {"Nilsen"}),
        ("?q=asen+bjorn", {"Åsen"}),
        ("?q=coordinator%40nhf", {"Haddad"}),
        ("?q=4711", {"Åsen"}),
        ("?role=coordinator", {"Haddad"}),
        ("?status=suspended", {"Nilsen"}),
        ("?signed_in=yes", {"Haddad"}),
        ("?signed_in=never", {"Åsen", "Nilsen"}),
    ],
)
def test_members_are_found_by_what_is_known_of_them(admin, tree, membership_of, person, api_of, query, found):
    api_of("nhf", KARIM)
    Membership.objects.filter(pk=membership_of(BJORN).pk).update(external_reference="4711")
    suspend_member(membership_of(SOLVEIG), by=None)
    assert names_in(page(admin, "members:index", query=query)) - {"Moen"} == found


def test_members_are_found_by_local_association_and_those_below(admin, tree, join, person):
    join(person(SOLVEIG), tree.grorud)
    join(person(BJORN), tree.bergen)
    for place, found in ((tree.east, {"Nilsen"}), (tree.grorud, {"Nilsen"}), (tree.west, {"Åsen"})):
        assert names_in(page(admin, "members:index", query=f"?association={place.pk}")) == found


def test_the_page_of_a_member_says_who_where_since_when_and_what_happened(
    admin, tree, join, person, membership_of, api_of
):
    join(person(SOLVEIG), tree.grorud)
    assign_role(person(SOLVEIG), Role.COORDINATOR, local_association=tree.east, by=person(ASTRID))
    api_of("nhf", SOLVEIG)
    text = page(admin, "members:inspect", membership_of(SOLVEIG).pk)
    for words in ("mentor@nhf.example", "Grorud", "Øst", "Holds now", "last used", "Astrid Moen"):
        assert words in text
    assert "Norges Handikapforbund</" not in text.split("<main")[-1]


def test_a_role_is_given_changed_and_ended_in_the_admin(admin, tree, person, membership_of, days):
    row = membership_of(SOLVEIG)
    data = {
        "role": "coordinator",
        "local_association": tree.east.pk,
        "valid_from": days(0).isoformat(),
        "valid_to": "",
    }
    assert act(admin, "members:add_role", row, **data).status_code == 302
    role = RoleAssignment.objects.get(user=row.user, role="coordinator")
    assert role.local_association == tree.east
    changed = {"valid_from": days(0).isoformat(), "valid_to": days(30).isoformat(), "is_deputy": "on"}
    assert act(admin, "roles:edit", role, **changed).status_code == 302
    role.refresh_from_db()
    assert (role.valid_to, role.is_deputy) == (days(30), True)
    response = act(admin, "roles:end", role, reason="Done")
    assert response["Location"] == reverse("members:inspect", args=[row.pk])
    assert not RoleAssignment.objects.filter(user=row.user, role="coordinator").holding().exists()


def test_a_role_for_the_whole_organisation_refuses_a_local_association_in_words(
    admin, tree, membership_of, days
):
    data = {"role": "finance", "local_association": tree.east.pk, "valid_from": days(0).isoformat()}
    response = act(admin, "members:add_role", membership_of(SOLVEIG), **data)
    assert "whole organisation" in response.content.decode()


def test_suspending_says_first_what_happens_and_then_does_it(admin, membership_of, api_of):
    phone = api_of("nhf", KARIM)
    row = membership_of(KARIM)
    assert "1 session here ends at once" in page(admin, "members:suspend", row.pk)
    assert phone.get("/api/v1/me/").status_code == 200
    assert act(admin, "members:suspend", row, reason="Leave").status_code == 302
    assert phone.get("/api/v1/me/").status_code == 401
    assert act(admin, "members:resume", membership_of(KARIM), reason="").status_code == 302
    assert membership_of(KARIM).status == MembershipStatus.ACTIVE
    assert act(admin, "members:leave", membership_of(KARIM), reason="").status_code == 302
    assert membership_of(KARIM).status == MembershipStatus.LEFT


def test_the_last_administrator_is_refused_in_words(admin, person, membership_of):
    role = RoleAssignment.objects.get(role=Role.ORG_ADMIN)
    assert "give another person that role first" in act(admin, "roles:end", role).content.decode()


def test_title_and_number_are_edited_and_nothing_of_the_person(admin, membership_of):
    row = membership_of(KARIM)
    text = page(admin, "members:edit", row.pk)
    for name in ("email", "password", "is_active", "first_name"):
        assert f'name="{name}"' not in text
    data = {"display_title": "Leader", "external_reference": "12", "email": "x@x.example"}
    assert act(admin, "members:edit", row, **data).status_code == 302
    assert membership_of(KARIM).display_title == "Leader"
    assert User.objects.filter(email=KARIM).exists()


def test_an_administrator_ends_a_members_session(admin, membership_of, api_of):
    phone, other = api_of("nhf", KARIM), api_of("nhf", KARIM)
    session = UserSession.objects.filter(user__email=KARIM).earliest("created_at")
    act(admin, "members:end_sessions", membership_of(KARIM), session=str(session.pk))
    assert [client.get("/api/v1/me/").status_code for client in (phone, other)] == [401, 200]
    act(admin, "members:end_sessions", membership_of(KARIM), session="all")
    assert other.get("/api/v1/me/").status_code == 401


def test_a_session_of_somebody_else_is_no_choice(admin, membership_of, api_of):
    api_of("nhf", SOLVEIG)
    foreign = UserSession.objects.get(user__email=SOLVEIG)
    response = act(admin, "members:end_sessions", membership_of(KARIM), session=str(foreign.pk))
    assert response.status_code == 200
    foreign.refresh_from_db()
    assert foreign.revoked_at is None


def test_someone_without_email_is_registered(admin, tree):
    data = {
        "first_name": "Gunnar",
        "last_name": "Lie",
        "role": "peer_mentor",
        "local_association": tree.grorud.pk,
        "display_title": "",
        "external_reference": "77",
    }
    assert admin.post(reverse("members:add"), data).status_code == 302
    row = Membership.objects.here().get(external_reference="77")
    assert (str(row.user), row.user.email) == ("Gunnar Lie", None)


def test_a_coordinator_opens_what_is_in_reach_and_changes_nothing(
    tree, east_coordinator, join, person, browser_of, membership_of
):
    join(person(SOLVEIG), tree.grorud)
    client, row = browser_of("nhf", KARIM), membership_of(SOLVEIG)
    assert "Nilsen" in page(client, "members:index")
    text = page(client, "members:inspect", row.pk)
    assert "What happened" not in text
    assert "Signed in here" not in text
    assert "Nilsen" in page(client, "members:may", row.pk)
    for name in ("suspend", "leave", "add_role", "end_sessions"):
        assert client.post(reverse(f"members:{name}", args=[row.pk]), {"version": 1}).status_code in (
            302,
            403,
        )
    assert membership_of(SOLVEIG).status == MembershipStatus.ACTIVE
    assert client.get(reverse("members:may", args=[membership_of(BJORN).pk])).status_code == 404
    assert client.get(reverse("invitations:index")).status_code in (302, 403)


def test_what_someone_may_do_is_said_for_the_day_that_is_asked(admin, person, membership_of, days):
    assign_role(person(SOLVEIG), Role.AUDITOR, valid_from=days(10), by=None)
    row = membership_of(SOLVEIG)
    assert "Read the audit record" not in page(admin, "members:may", row.pk)
    later = page(admin, "members:may", row.pk, query=f"?day={days(10).isoformat()}")
    assert "Read the audit record" in later
    assert "Auditor" in later


@pytest.mark.parametrize("day", ["x", "2026-13-45", "", "0001-01-01", "9999-12-31"])
def test_a_day_that_is_none_breaks_nothing(admin, membership_of, day):
    page(admin, "members:may", membership_of(SOLVEIG).pk, query=f"?day={day}")


def test_everyone_in_the_admin_sees_what_they_may_do_themselves(nhf, person, browser_of):
    RoleAssignment.objects.filter(user=person(SOLVEIG)).delete()
    assign_role(person(SOLVEIG), Role.FINANCE, by=None)
    client = browser_of("nhf", SOLVEIG)
    assert "Finance officer" in page(client, "account_permissions")
    assert client.get(reverse("members:index")).status_code in (302, 403)


def test_a_local_association_is_shared_and_the_share_ended(admin, tree, person, days):
    data = {
        "user": person(KARIM).pk,
        "content_object": tree.bergen.pk,
        "valid_to": days(7).isoformat(),
        "reason": "Holiday",
    }
    for _again in range(2):
        assert admin.post(reverse("shares:add"), data).status_code == 302
    share = AssociationShare.objects.get()
    assert "Holiday" in page(admin, "shares:index")
    assert act(admin, "shares:end", share)["Location"] == reverse("shares:index")
    assert not AssociationShare.objects.exists()


def test_an_invitation_goes_from_the_form_through_the_mail_to_the_page_and_in(
    admin, tree, browser_of, mailbox, api_of
):
    data = {
        "email": "ny@nhf.example",
        "first_name": "Ny",
        "last_name": "Person",
        "role": "coordinator",
        "local_association": tree.east.pk,
        "language": "en",
        "message": "Welcome!",
    }
    assert admin.post(reverse("invitations:add"), data).status_code == 302
    assert work_off() == ["done"]
    link = re.search(r"http://\S+", mailbox[0].get_body(("plain",)).get_content()).group()
    path = link[link.index("/invitation/") :]
    visitor = browser_of("nhf")
    asked = visitor.get(path)
    assert asked["Referrer-Policy"] == "no-referrer"
    assert "no-store" in asked["Cache-Control"]
    assert "Norges Handikapforbund invites you" in asked.content.decode()
    weak = visitor.post(
        path, {"way": "new", "new-first_name": "Ny", "new-last_name": "P", "new-password": "x"}
    )
    assert weak.status_code == 422
    assert "too short" in weak.content.decode()
    good = {"way": "new", "new-first_name": "Ny", "new-last_name": "Person", "new-password": PASSWORD}
    accepted = visitor.post(path, good)
    assert "Welcome, Ny" in accepted.content.decode()
    assert visitor.get(path).status_code == 410
    assert RoleAssignment.objects.get(user__email="ny@nhf.example").local_association == tree.east
    assert "Accepted" in page(admin, "invitations:index")
    # On another organisation's host the link is nothing.
    assert browser_of("blindeforbundet").get(path).status_code == 410


def test_the_page_says_the_same_whether_the_address_has_an_account(nhf, browser_of):
    from domain.access.invitations import invite, new_link_secret

    texts = []
    for email in ("admin@blindeforbundet.example", "ukjent@blindeforbundet.example"):
        token = new_link_secret(invite(email=email, role=Role.PEER_MENTOR, by=None))
        text = browser_of("nhf").get(f"/invitation/{token}/").content.decode()
        text = text.replace(email, "…").replace(token, "…")
        texts.append(re.sub(r'csrfmiddlewaretoken" value="[^"]*"|name="next" value="[^"]*"', "", text))
    assert texts[0] == texts[1]


def test_the_app_accepts_an_invitation(nhf, api_of):
    from domain.access.invitations import invite, new_link_secret

    token = new_link_secret(invite(email="ny@nhf.example", role=Role.PEER_MENTOR, by=None))
    body = {"token": token, "password": PASSWORD, "first_name": "Ny", "last_name": "Person"}
    client = api_of("nhf")
    accepted = client.post("/api/v1/auth/invitations/accept/", body)
    assert accepted.status_code == 201
    assert accepted.json()["roles"] == ["peer_mentor"]
    again = client.post("/api/v1/auth/invitations/accept/", body)
    assert (again.status_code, again.json()["type"].rpartition("/")[2]) == (409, "invitation-over")
    assert client.post("/api/v1/auth/invitations/accept/", {"token": "x"}).status_code == 400


def test_an_invitation_is_sent_again_and_withdrawn_in_the_admin(admin, mailbox):
    from domain.access.invitations import invite

    row = invite(email="ny@nhf.example", role=Role.PEER_MENTOR, by=None)
    work_off()
    assert act(admin, "invitations:resend", row).status_code == 302
    work_off()
    assert len(mailbox) == 2
    row.refresh_from_db()
    for name in ("inspect", "history", "resend", "revoke"):
        page(admin, f"invitations:{name}", row.pk)
    assert act(admin, "invitations:revoke", row).status_code == 302
    assert Invitation.objects.get().state == "revoked"


def test_invitations_of_another_organisation_do_not_exist(nhf, browser_of):
    from domain.access.invitations import invite

    row = invite(email="ny@nhf.example", role=Role.PEER_MENTOR, by=None)
    client = browser_of("blindeforbundet", "admin@blindeforbundet.example")
    for name in ("inspect", "history", "resend", "revoke"):
        assert client.get(reverse(f"invitations:{name}", args=[row.pk])).status_code == 404
