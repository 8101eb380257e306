"""Who administers sees no contacts; a role for a purpose, given by somebody else, shows them."""

import pytest
from django.core import mail
from django.db import transaction

from domain.access.choices import Role
from domain.access.giving import WARN
from domain.access.invitations import invite
from domain.access.rules import assign_role, change_role
from domain.audit.models import AuditEvent
from domain.core.errors import InvalidInput, NotAllowed
from domain.people.notes import add_note
from domain.people.rules import change_contact
from tenants.models import JobRun
from tests.access.conftest import days
from tests.support.jobs import work_off

__all__ = ["days"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def astrid(person):
    return person("admin@nhf.example")


def test_a_reader_sees_all_contacts_for_a_purpose_that_is_kept(contacts, astrid, person, sees):
    bjorn = person("both@meander.example")
    with pytest.raises(InvalidInput) as refused:
        assign_role(bjorn, Role.PEOPLE_READER, by=astrid, purpose=" ")
    assert refused.value.field == "purpose"
    given = assign_role(bjorn, Role.PEOPLE_READER, by=astrid, purpose="Quality of the support, autumn")
    assert given.purpose == "Quality of the support, autumn"
    assert AuditEvent.objects.get(action="role.assigned", reason=given.purpose).subject_ids == [bjorn.pk]
    assert sees(bjorn) == {"Åse", "Per", "Nils"}
    with pytest.raises(NotAllowed):
        change_contact(contacts.grorud, changes={"city": "Oslo"}, by=bjorn)


def test_a_reader_writes_no_notes(contacts, person):
    bjorn = person("both@meander.example")
    assign_role(bjorn, Role.PEOPLE_READER, by=None, purpose="Quality")
    with pytest.raises(NotAllowed):
        add_note(contact=contacts.grorud, author=bjorn, by=bjorn, body="Ord")


@pytest.mark.parametrize("role", [Role.PEOPLE_READER, Role.COORDINATOR, Role.PRIVACY_OFFICER])
def test_nobody_opens_contacts_to_themselves(contacts, astrid, sees, role):
    with pytest.raises(NotAllowed) as refused:
        assign_role(astrid, role, by=astrid, purpose="Because")
    assert refused.value.code == "yourself"
    assert sees(astrid) == set()


def test_a_reader_is_not_invited(nhf, astrid):
    with pytest.raises(InvalidInput):
        invite(email="new@example.org", role=Role.PEOPLE_READER, by=astrid)


def test_nobody_opens_contacts_to_themselves_again_by_dates(contacts, astrid, person, sees, days):
    # Another administrator let her read, for a time.
    ended = assign_role(
        astrid, Role.PEOPLE_READER, by=None, purpose="Q", valid_from=days(-9), valid_to=days(-1)
    )
    held = assign_role(
        astrid,
        Role.COORDINATOR,
        by=None,
        local_association=contacts.grorud.local_association,
        valid_to=days(5),
    )
    for row, changes in (
        (ended, {"valid_to": None}),
        (ended, {"valid_to": days(1)}),
        (held, {"valid_to": days(6)}),
        (held, {"valid_to": None}),
    ):
        with pytest.raises(NotAllowed) as refused, transaction.atomic():
            change_role(row, changes=changes, by=astrid)
        assert refused.value.code == "yourself"
    # A role that holds for a time is no reason to take it for ever, nor one of names to take health.
    assert sees(astrid) == {"Åse"}
    with pytest.raises(NotAllowed), transaction.atomic():
        assign_role(astrid, Role.COORDINATOR, by=astrid, local_association=contacts.grorud.local_association)
    assign_role(astrid, Role.PRIVACY_OFFICER, by=None)
    with pytest.raises(NotAllowed), transaction.atomic():
        assign_role(astrid, Role.PEOPLE_READER, by=astrid, purpose="Because")
    # Less is theirs to take.
    assert change_role(held, changes={"valid_to": days(2)}, by=astrid).valid_to == days(2)


def test_the_other_administrators_are_told_that_a_role_shows_contacts_for_longer(
    contacts, astrid, person, days
):
    bjorn, karim = person("both@meander.example"), person("coordinator@nhf.example")
    assign_role(karim, Role.ORG_ADMIN, by=None)
    row = assign_role(bjorn, Role.PEOPLE_READER, by=None, purpose="Q", valid_to=days(5))
    asked = JobRun.objects.filter(name=WARN, key=str(row.pk))
    change_role(row, changes={"valid_to": days(3)}, by=astrid)
    change_role(row, changes={"is_deputy": True}, by=astrid)
    assert not asked.exists()
    change_role(row, changes={"valid_to": None}, by=astrid)
    assert asked.exists()
    work_off()
    (message,) = mail.outbox
    assert message.to == [karim.email]
    assert "for longer" in message.body or "lenger" in message.body
