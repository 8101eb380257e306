"""Asking, approving, declining, revoking: the rules of support access."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django_tenants.utils import schema_context

from domain.audit.models import AuditEvent
from domain.config.models import OrganizationSettings
from domain.core.errors import InvalidInput, InvalidState, NotAllowed
from domain.identity.models import Membership, SupportAccessGrant, User, UserSession
from domain.identity.support import approve_grant, decline_grant, revoke_grant
from tenants.models import Organization
from tests.support.jobs import work_off

pytestmark = pytest.mark.django_db


def in_nhf(rule, grant, **given):
    with schema_context("nhf"):
        return rule(grant, **given)


def status_of(grant) -> str:
    return SupportAccessGrant.objects.with_status().get(pk=grant.pk).status


def policy(**values) -> None:
    with schema_context("nhf"):
        OrganizationSettings.objects.update(**values)


def test_a_request_waits_on_the_organisations_record_until_an_administrator_approves(ask, staff, admin):
    grant = ask()
    assert status_of(grant) == "pending"
    in_nhf(approve_grant, grant, by=admin)
    assert status_of(grant) == "active"
    with schema_context("nhf"):
        actions = list(AuditEvent.objects.order_by("at", "id").values_list("action", "actor_id"))
    assert ("support-access.requested", staff.pk) in actions
    assert ("support-access.approved", admin.pk) in actions


def test_only_the_platforms_support_asks(ask, admin):
    with pytest.raises(NotAllowed):
        ask(by=admin)
    User.objects.filter(pk=admin.pk).update(platform_role="sales")
    with pytest.raises(NotAllowed):
        ask(by=User.objects.get(pk=admin.pk))


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        ({"areas": []}, "areas"),
        ({"areas": ["faqs", "everything"]}, "areas"),
        ({"access": "own"}, "access"),
        ({"reason": "  "}, "reason"),
        ({"reason": "x" * 1001}, "reason"),
        ({"hours": 72.1}, "ends_at"),
        ({"hours": 0}, "ends_at"),
        ({"hours": -1}, "ends_at"),
    ],
)
def test_what_will_not_do_is_refused_at_its_field(ask, terms, field):
    with pytest.raises(InvalidInput) as refused:
        ask(**terms)
    assert refused.value.field == field
    assert not SupportAccessGrant.objects.exists()


def test_an_organisation_that_wants_no_support_is_not_asked(ask):
    policy(support_access_policy="never")
    with pytest.raises(InvalidState, match="no support"):
        ask()


def test_one_asks_once_at_a_time_and_not_where_one_is_a_member(ask, staff):
    ask()
    with pytest.raises(InvalidState, match="already"):
        ask()
    SupportAccessGrant.objects.all().delete()
    Membership.objects.create(user=staff, organization=Organization.objects.get(schema_name="nhf"))
    with pytest.raises(InvalidState, match="member"):
        ask()


def test_within_a_period_approved_beforehand_reading_needs_no_answer(ask):
    now = timezone.now()
    policy(
        support_access_policy="in_window",
        support_window_start=now - timedelta(hours=1),
        support_window_end=now + timedelta(hours=6),
    )
    grant = ask(hours=4)
    assert status_of(grant) == "active"
    assert grant.approved_by is None
    with schema_context("nhf"):
        assert AuditEvent.objects.filter(action="support-access.approved-beforehand").exists()


@pytest.mark.parametrize("terms", [{"access": "write"}, {"hours": 7}])
def test_writing_or_beyond_the_period_waits_for_an_answer(ask, terms):
    now = timezone.now()
    policy(
        support_access_policy="in_window",
        support_window_start=now - timedelta(hours=1),
        support_window_end=now + timedelta(hours=6),
    )
    assert status_of(ask(**terms)) == "pending"


def test_nobody_but_an_administrator_of_the_organisation_decides(ask, staff, person):
    grant = ask()
    for email in ("coordinator@nhf.example", "mentor@nhf.example", "admin@blindeforbundet.example"):
        for rule in (approve_grant, decline_grant, revoke_grant):
            with pytest.raises(NotAllowed):
                in_nhf(rule, grant, by=person(email))
    for rule in (approve_grant, decline_grant):
        with pytest.raises(NotAllowed):
            in_nhf(rule, grant, by=staff)
    assert status_of(grant) == "pending"


def test_support_that_is_let_in_decides_about_nobody(let_in, ask, staff, admin):
    let_in(areas=["settings", "members"], access="write")
    other = User.objects.create_user("second@meander.example", platform_role="support")
    grant = ask(by=other)
    with pytest.raises(NotAllowed):
        in_nhf(approve_grant, grant, by=staff)


def test_an_answer_is_given_once_and_in_time(ask, admin):
    grant = ask()
    in_nhf(decline_grant, grant, by=admin, reason="Not today")
    assert status_of(grant) == "declined"
    for rule in (approve_grant, decline_grant, revoke_grant):
        with pytest.raises(InvalidState):
            in_nhf(rule, grant, by=admin)
    late = ask()
    SupportAccessGrant.objects.filter(pk=late.pk).update(
        starts_at=timezone.now() - timedelta(hours=2), ends_at=timezone.now() - timedelta(hours=1)
    )
    assert status_of(late) == "lapsed"
    with pytest.raises(InvalidState, match="over"):
        in_nhf(approve_grant, late, by=admin)


def test_revoking_ends_the_sessions_under_it_and_the_holder_may_give_it_back(let_in, api_of, staff, admin):
    grant = let_in()
    api = api_of("nhf", staff.email)
    assert api.get("/api/v1/local-associations/").status_code == 200
    in_nhf(revoke_grant, grant, by=admin, reason="Done")
    assert api.get("/api/v1/local-associations/").status_code == 403
    assert not UserSession.objects.filter(
        user=staff, organization=grant.organization, revoked_at=None
    ).exists()
    again = let_in()
    in_nhf(revoke_grant, again, by=staff)
    assert status_of(again) == "revoked"


def test_administrators_and_whoever_asked_are_told_by_mail(ask, admin, staff, mailbox):
    grant = ask()
    assert work_off() == ["done"]
    assert [mail["To"] for mail in mailbox] == [admin.email]
    assert "A list doesn't open" in mailbox[0].get_content()
    in_nhf(approve_grant, grant, by=admin)
    assert work_off() == ["done"]
    assert mailbox[-1]["To"] == staff.email
    in_nhf(revoke_grant, grant, by=admin)
    assert work_off() == ["done"]
    assert mailbox[-1]["To"] == staff.email
    assert len(mailbox) == 3
