"""The people of the demo."""

import pytest

from cms.demo.associations import seed_associations
from cms.demo.people import PEOPLE, seed_more_people
from domain.access.choices import Role
from domain.access.models import AssociationShare, Invitation, RoleAssignment
from domain.identity.models import Membership, UserSession
from tests.support.jobs import work_off

pytestmark = pytest.mark.django_db


def test_the_demo_has_people_of_every_role_and_state_and_makes_them_once(nhf, mailbox):
    seed_associations()
    assert seed_more_people()
    assert Membership.objects.here().count() == len(PEOPLE) + 4
    statuses = set(Membership.objects.here().values_list("status", flat=True))
    assert statuses == {"active", "suspended", "left"}
    held = set(RoleAssignment.objects.holding().values_list("role", flat=True))
    assert held == set(Role.values) - {Role.PLATFORM_STAFF}
    assert AssociationShare.objects.holding().exists()
    assert Invitation.objects.get().state == "open"
    assert UserSession.objects.open().filter(user__phone="+4700000003").count() == 2
    assert UserSession.objects.get(revoked_at__isnull=False).revoked_reason == "membership-suspended"
    work_off()
    assert mailbox[0]["To"] == "hilde.ruud@nhf.example"
    assert not seed_more_people()


def test_the_other_demo_organisation_has_none_of_them(blindeforbundet):
    assert not seed_more_people()
