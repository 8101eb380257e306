"""What two people do in the same moment, each on a connection of their own."""

import threading
from collections.abc import Callable

from django.db import connections, transaction
from django_tenants.utils import schema_context

from domain.access.choices import Role
from domain.access.invitations import Acceptance, accept, invite, new_link_secret
from domain.access.models import RoleAssignment
from domain.access.rules import assign_role, end_role
from domain.core.errors import DomainError
from domain.identity.models import User

KARIM = "coordinator@nhf.example"


def at_once(*acts: Callable[[], object]) -> list[str]:
    """Do each in a thread, begun together; "done", or the code of the refusal, sorted."""
    barrier, outcomes = threading.Barrier(len(acts)), []

    def run(act):
        try:
            with schema_context("nhf"):
                barrier.wait(timeout=30)
                act()
            outcomes.append("done")
        except DomainError as refusal:
            outcomes.append(refusal.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=90)
    return sorted(outcomes)


def test_two_administrators_cannot_take_each_other_away_at_the_same_time(own_database):
    with schema_context("nhf"):
        assign_role(User.objects.get(email=KARIM), Role.ORG_ADMIN, by=None)
        roles = list(RoleAssignment.objects.filter(role=Role.ORG_ADMIN))
    assert len(roles) == 2

    def end(role):
        def act():
            with transaction.atomic():
                end_role(role, by=None)

        return act

    assert at_once(*map(end, roles)) == ["done", "last-administrator"]
    with schema_context("nhf"):
        assert RoleAssignment.objects.filter(role=Role.ORG_ADMIN).holding().count() == 1


def test_a_link_used_ten_times_at_once_makes_one_account_and_is_used_once(own_database):
    with schema_context("nhf"):
        invitation = invite(email="ny@nhf.example", role=Role.PEER_MENTOR, by=None)
        token = new_link_secret(invitation)
    given = Acceptance(password="en lang og god setning", first_name="Ny", last_name="Person")
    outcomes = at_once(*[lambda: accept(token, given, address="192.0.2.1")] * 10)
    assert outcomes == ["done", *["invitation-over"] * 9]
    with schema_context("nhf"):
        user = User.objects.get(email="ny@nhf.example")
        assert RoleAssignment.objects.filter(user=user).count() == 1
