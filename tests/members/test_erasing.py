"""Erasing a person: from an organisation, with the last from the platform. The record can still be proved."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone
from django_tenants.utils import schema_context, tenant_context
from wagtail.users.models import UserProfile

from domain.access.choices import Role
from domain.access.erasing import erase_member
from domain.access.invitations import invite
from domain.access.models import Invitation, RoleAssignment
from domain.access.rules import assign_role
from domain.access.sharing import share_association
from domain.audit.models import AuditDetail, AuditEvent
from domain.core.errors import InvalidInput, InvalidState, NotAllowed
from domain.identity.erasing import references, undecided
from domain.identity.models import Membership, PasskeyCredential, User, UserSession
from tenants.db import connection
from tenants.models import JobRun
from tests.access.conftest import days, join, membership_of, tree
from tests.audit.sealed import check, seal_and_anchor
from tests.support.jobs import work_off

__all__ = ["days", "join", "membership_of", "tree"]
pytestmark = pytest.mark.django_db
ASTRID, KARIM, SOLVEIG, BJORN = (
    "admin@nhf.example",
    "coordinator@nhf.example",
    "mentor@nhf.example",
    "both@meander.example",
)


@pytest.fixture(autouse=True)
def _keys(settings, tmp_path):
    settings.AUDIT_KEY_DIR = tmp_path / "keys"
    settings.AUDIT_ANCHORS = []


@pytest.fixture
def furnished(tree, join, person, days, api_of):
    """Karim, with a trace in every table of people."""
    karim = person(KARIM)
    join(karim, tree.bergen)
    assign_role(karim, Role.ORG_ADMIN, by=None)
    share_association(tree.east, user=karim, until=days(9), reason="Karim helps", by=person(ASTRID))
    share_association(tree.east, user=person(SOLVEIG), until=days(9), reason="Holiday", by=karim)
    invite(email="new@example.org", role=Role.PEER_MENTOR, by=karim)
    UserProfile.objects.get_or_create(user=karim)
    api_of("nhf", KARIM)
    with connection.as_owner():
        PasskeyCredential.objects.create(
            user=karim, credential_id=b"1", public_key=b"2", name="Karims telefon", backup_eligible=False
        )
    return karim


def erase(membership, by, reason="They asked for it"):
    with connection.as_owner():
        erase_member(Membership.objects.get(pk=membership.pk), by=by, reason=reason)


def test_every_column_that_names_a_person_has_an_answer(db):
    assert undecided() == []
    assert {model._meta.label for model, _field in references()} >= {"access.RoleAssignment", "cms.FaqEntry"}


def test_nothing_of_them_is_left_here_and_the_record_still_proves_itself(
    nhf, furnished, person, membership_of
):
    karim, name, before = furnished, str(furnished), AuditEvent.objects.count()
    seal_and_anchor(nhf)
    erase(membership_of(KARIM), person(ASTRID))
    for model, field in references():
        assert not model._base_manager.filter(**{field.attname: karim.pk}).exists(), (model, field.name)
    assert not Membership.objects.filter(user=karim.pk).exists()
    assert not UserSession.objects.filter(user=karim.pk).exists()
    assert not Invitation.objects.filter(email__in=[KARIM]).exists()
    assert Invitation.objects.get(email="new@example.org").revoked_at is not None
    told = " ".join(map(str, AuditDetail.objects.values_list("actor_label", "object_label", "reason")))
    assert name not in told
    assert "Karim" not in told
    assert AuditEvent.objects.count() > before
    event = AuditEvent.objects.get(action="person.erased")
    assert (event.object_id, event.object_label, event.reason) == (str(karim.pk), "", "They asked for it")
    assert event.actor_id == person(ASTRID).pk
    seal_and_anchor(nhf)
    assert check(nhf).ok


def test_with_the_last_organisation_the_account_goes(nhf, furnished, membership_of, person):
    erase(membership_of(KARIM), person(ASTRID))
    with connection.as_owner():
        row = User.objects.get(pk=furnished.pk)
        assert (row.email, row.first_name, row.last_name, row.is_active) == (None, "", "", False)
        assert not row.passkeys.exists()


def test_who_belongs_elsewhere_keeps_the_account_and_what_is_there(nhf, membership_of, person, api_of):
    phone, there = api_of("nhf", BJORN), api_of("blindeforbundet", BJORN)
    bjorn = person(BJORN)
    erase(membership_of(BJORN), person(ASTRID))
    assert phone.get("/api/v1/me/").status_code == 401
    assert there.get("/api/v1/me/").json()["user"]["email"] == BJORN
    with tenant_context(nhf):
        assert not User.objects.filter(pk=bjorn.pk).exists(), "the organisation sees them no more"


def test_pages_that_named_them_go_on_without(nhf, furnished, membership_of, person, browser_of):
    share = person(SOLVEIG).association_shares.get()
    erase(membership_of(KARIM), person(ASTRID))
    browser = browser_of("nhf", ASTRID)
    invitation = Invitation.objects.get(email="new@example.org")
    for page in (
        reverse("shares:inspect", args=[share.pk]),
        reverse("invitations:inspect", args=[invitation.pk]),
        reverse("members:index"),
        reverse("roles:index"),
        reverse("audit:index"),
    ):
        assert browser.get(page).status_code == 200, page


def test_nobody_erases_themselves_the_only_administrator_or_without_right_and_reason(
    nhf, membership_of, person
):
    for member, by, refusal in (
        (ASTRID, ASTRID, InvalidState),
        (ASTRID, None, InvalidState),
        (SOLVEIG, KARIM, NotAllowed),
    ):
        with pytest.raises(refusal):
            erase(membership_of(member), by and person(by))
    with pytest.raises(InvalidInput):
        erase(membership_of(SOLVEIG), person(ASTRID), reason=" ")


def test_a_privacy_officer_erases_in_the_admin_after_a_fresh_proof(nhf, membership_of, person, browser_of):
    RoleAssignment.objects.filter(user=person(KARIM)).delete()
    assign_role(person(KARIM), Role.PRIVACY_OFFICER, by=None)
    browser, row = browser_of("nhf", KARIM), membership_of(SOLVEIG)
    solveig = person(SOLVEIG)
    page = reverse("members:erase", args=[row.pk])
    assert page in browser.get(reverse("members:inspect", args=[row.pk])).content.decode()
    filled = {"version": row.version, "reason": "They asked for it", "sure": "on"}
    session = UserSession.objects.filter(user=person(KARIM))
    session.update(verified_at=timezone.now() - timedelta(hours=1))
    assert browser.post(page, filled).headers["Location"].startswith(reverse("confirm_identity"))
    session.update(verified_at=timezone.now())
    assert browser.post(page, {**filled, "sure": ""}).status_code == 200
    assert browser.post(page, filled).headers["Location"] == reverse("members:inspect", args=[row.pk])
    assert "being erased" in browser.get(reverse("members:inspect", args=[row.pk])).content.decode()
    with connection.as_owner():
        work_off()
    assert browser.get(reverse("members:inspect", args=[row.pk])).status_code == 404
    run = JobRun.objects.get(name="people.erase")
    assert (run.state, set(run.arguments) & {"reason"}) == ("done", set())
    with tenant_context(nhf):
        event = AuditEvent.objects.get(action="person.erased")
    assert (event.actor_id, event.object_id) == (person(KARIM).pk, str(solveig.pk))


def test_the_command_erases_from_one_organisation_or_everywhere(db, person):
    def run(*arguments: str, **options) -> str:
        out = StringIO()
        call_command("erase_person", *arguments, reason="They asked for it", stdout=out, **options)
        return out.getvalue()

    bjorn = person(BJORN)
    assert run(BJORN.upper(), organization="nhf") == "nhf: erased.\nThe account stays.\n"
    assert run(str(bjorn.pk), everywhere=True) == "blindeforbundet: erased.\nThe account is erased.\n"
    with schema_context("blindeforbundet"):
        assert AuditEvent.objects.filter(action="person.erased").count() == 1
    for arguments, options in (
        ((BJORN,), {"everywhere": True}),
        ((SOLVEIG,), {"organization": "blindeforbundet"}),
        (("owner@meander.example",), {"everywhere": True}),
        ((ASTRID,), {"everywhere": True}),
    ):
        with pytest.raises(CommandError):
            run(*arguments, **options)
