"""Who administers sees no contacts; a role for a purpose, given by somebody else, shows them."""

import pytest

from domain.access.choices import Role
from domain.access.invitations import invite
from domain.access.rules import assign_role
from domain.audit.models import AuditEvent
from domain.core.errors import InvalidInput, NotAllowed
from domain.people.notes import add_note
from domain.people.rules import change_contact

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
