"""Registering contacts, what is kept of them, who sees them, and their status."""

import pytest
from django.db import IntegrityError, transaction

from domain.access.choices import Role
from domain.access.models import RoleAssignment
from domain.access.rules import assign_role
from domain.associations.rules import merge_associations
from domain.audit.models import AuditEvent
from domain.core.errors import InvalidInput, InvalidState, NotAllowed, StaleVersion
from domain.encryption.reading import read_sealed
from domain.people.choices import ClosedReason, ConsentBasis, ContactStatus
from domain.people.mentoring import assign_mentor
from domain.people.models import Contact, DiagnosisCategory
from domain.people.queries import counts
from domain.people.rules import (
    PossibleDuplicate,
    activate_contact,
    change_contact,
    close_contact,
    create_contact,
    move_contact,
    pause_contact,
    reopen_contact,
)

pytestmark = pytest.mark.django_db


def test_what_is_typed_is_kept_in_its_one_spelling(register):
    row = register(" Åse ", "Sørli  Berg", phone="22 33 44 55", email="Aase@Example.org", postcode="0975")
    row.refresh_from_db()
    assert (row.first_name, row.last_name) == ("Åse", "Sørli Berg")
    assert (row.phone, row.email) == ("+4722334455", "aase@example.org")
    assert row.status == ContactStatus.NEW


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("phone", "twelve"),
        ("email", "nobody@"),
        ("postcode", "97"),
        ("municipality", "03"),
        ("birth_year", 1850),
        ("language", "xx"),
        ("first_name", "a\x00b"),
    ],
)
def test_a_value_that_will_not_do_is_refused_at_its_field(register, field, value):
    names = {"first_name": "Kari", "last_name": "Lie"}
    with pytest.raises(InvalidInput) as refused:
        register(**{**names, field: value})
    assert refused.value.field == field


def test_nobody_is_registered_without_a_name(register):
    with pytest.raises(InvalidInput):
        register("", " ")


@pytest.mark.parametrize("given", [{"consent_basis": ConsentBasis.CONSENT}, {"consent_on": "2026-01-01"}])
def test_consent_has_both_basis_and_day(register, given):
    with pytest.raises(InvalidInput):
        register("Kari", "Lie", **given)


def test_a_contact_is_not_deleted(contacts):
    with pytest.raises(IntegrityError), transaction.atomic():
        Contact.objects.filter(pk=contacts.grorud.pk).delete()


def test_a_retired_category_is_not_chosen(register):
    category = DiagnosisCategory.objects.create(name_nb="Gammel", is_active=False)
    with pytest.raises(InvalidInput) as refused:
        register("Kari", "Lie", diagnosis_category=category)
    assert refused.value.code == "retired"


def test_categories_are_read_in_the_readers_language(nhf):
    from django.utils import translation

    category = DiagnosisCategory.objects.get(name_nb="Hørsel")
    for language, name in (("nb", "Hørsel"), ("nn", "Høyrsel"), ("en", "Hearing")):
        with translation.override(language):
            assert str(category) == name


# --- Who sees whom


def test_a_coordinator_sees_the_contacts_of_their_part_of_the_tree(east, sees):
    assert sees(east.coordinator) == {"Åse", "Per"}


def test_a_mentor_sees_whom_they_are_assigned_to_and_nobody_else(east, mentor, sees):
    assert sees(mentor) == set()
    assign_mentor(east.contacts.grorud, user=mentor, by=east.coordinator)
    assert sees(mentor) == {"Åse"}
    RoleAssignment.objects.filter(user=mentor).delete()
    assert sees(mentor) == set()


def test_an_administrator_counts_contacts_and_sees_none(contacts, person, sees):
    from domain.access.queries import scope_for

    admin = person("admin@nhf.example")
    assert sees(admin) == set()
    lines = counts(scope_for(admin))
    assert {str(line["association"]): line["total"] for line in lines} == {
        "Grorud": 1,
        "Sinsen": 1,
        "Bergen": 1,
    }
    assert sum(line["new"] for line in lines) == 3


def test_who_coordinates_the_whole_organisation_reads_and_changes_everybody(contacts, person):
    from domain.access.queries import scope_for

    karim = person("coordinator@nhf.example")
    scope = scope_for(karim)
    assert Contact.objects.changeable_by(scope).count() == 3
    changed = change_contact(contacts.bergen, changes={"diagnosis": "ME"}, by=karim)
    assert read_sealed(changed, "diagnosis", by=karim, scope=scope) == "ME"


def test_a_coordinator_counts_their_part_and_a_mentor_nothing(east, mentor):
    from domain.access.queries import scope_for

    assert {str(line["association"]) for line in counts(scope_for(east.coordinator))} == {"Grorud", "Sinsen"}
    assert counts(scope_for(mentor)) == []


# --- Registering


def test_a_coordinator_registers_where_their_role_reaches(east):
    made = create_contact(
        first_name="Kari", last_name="Lie", local_association=east.tree.grorud, by=east.coordinator
    )
    event = AuditEvent.objects.get(action="contact.created", object_id=str(made.pk))
    assert event.subject_ids == [made.pk]
    # Whoever reads the record need not be somebody who sees contacts.
    assert event.object_label == str(made.pk)
    assert event.changes["first_name"] == [None, "•••"]
    with pytest.raises(NotAllowed):
        create_contact(
            first_name="Kari", last_name="Lie", local_association=east.tree.bergen, by=east.coordinator
        )


def test_a_mentor_who_registers_somebody_supports_them(tree, mentor, sees):
    made = create_contact(first_name="Kari", last_name="Lie", local_association=tree.grorud, by=mentor)
    assert sees(mentor) == {"Kari"}
    made.refresh_from_db()
    assert made.status == ContactStatus.ACTIVE


@pytest.mark.parametrize(
    "typed",
    [
        {"first_name": "Someone", "last_name": "Else", "phone": "22 33 44 55"},
        {"first_name": "ÅSE", "last_name": "sørli", "birth_year": 1961},
    ],
)
def test_a_possible_duplicate_is_shown_before_another_is_made(east, typed):
    values = {"local_association": east.tree.sinsen, "by": east.coordinator, **typed}
    with pytest.raises(PossibleDuplicate) as warned:
        create_contact(**values)
    assert warned.value.candidates == [east.contacts.grorud]
    assert create_contact(**values, duplicate_checked=True).pk


def test_a_name_alone_is_no_duplicate(east):
    assert create_contact(
        first_name="Åse", last_name="Sørli", local_association=east.tree.sinsen, by=east.coordinator
    ).pk


def test_a_duplicate_out_of_sight_is_not_told_of(east):
    assert create_contact(
        first_name="Nils",
        last_name="Vik",
        birth_year=1950,
        local_association=east.tree.sinsen,
        by=east.coordinator,
    ).pk


# --- Changing


def test_a_mentor_keeps_up_the_facts_of_their_contact_alone(east, mentor):
    with pytest.raises(NotAllowed):
        change_contact(east.contacts.grorud, changes={"phone": "99887766"}, by=mentor)
    assign_mentor(east.contacts.grorud, user=mentor, by=None)
    changed = change_contact(east.contacts.grorud, changes={"phone": "99887766"}, by=mentor)
    assert changed.phone == "+4799887766"
    with pytest.raises(NotAllowed):
        close_contact(changed, closed_reason="moved", by=mentor)


def test_a_stale_change_is_refused(east):
    read = east.contacts.grorud.version
    change_contact(east.contacts.grorud, changes={"city": "Oslo"}, by=east.coordinator, version=read)
    with pytest.raises(StaleVersion):
        change_contact(east.contacts.grorud, changes={"city": "Bærum"}, by=east.coordinator, version=read)


def test_status_and_place_are_not_changed_as_facts(east):
    for name in ("status", "local_association", "erased_at"):
        with pytest.raises(InvalidInput):
            change_contact(east.contacts.grorud, changes={name: None}, by=east.coordinator)


def test_who_moves_is_handed_over_to_the_other_association(east, sees):
    with pytest.raises(NotAllowed):
        move_contact(east.contacts.grorud, to=east.tree.bergen, by=east.coordinator)
    move_contact(east.contacts.grorud, to=east.tree.bergen, by=None)
    assert sees(east.coordinator) == {"Per"}


def test_contacts_go_along_when_their_association_is_merged(east):
    merge_associations(east.tree.grorud, into=east.tree.sinsen, by=None)
    east.contacts.grorud.refresh_from_db()
    assert east.contacts.grorud.local_association == east.tree.sinsen


# --- Status


def test_a_contact_is_paused_made_active_closed_and_opened_again(east):
    row, by = east.contacts.grorud, east.coordinator
    steps = [
        lambda: pause_contact(row, by=by),
        lambda: activate_contact(row, by=by),
        lambda: close_contact(row, closed_reason=ClosedReason.MOVED, by=by),
        lambda: reopen_contact(row, by=by),
    ]
    assert [step().status for step in steps] == ["paused", "active", "closed", "active"]
    history = [(change.before, change.after) for change in row.status_changes.all()]
    assert history == [
        ("", "new"),
        ("new", "paused"),
        ("paused", "active"),
        ("active", "closed"),
        ("closed", "active"),
    ]
    row.refresh_from_db()
    assert (row.closed_reason, row.closed_on) == ("", None)


def test_a_contact_is_closed_for_a_reason_that_can_be_given(east):
    for reason in ("", "merged", "because"):
        with pytest.raises(InvalidInput):
            close_contact(east.contacts.grorud, closed_reason=reason, by=east.coordinator)


def test_what_is_closed_is_not_paused(east):
    close_contact(east.contacts.grorud, closed_reason="moved", by=east.coordinator)
    with pytest.raises(InvalidState):
        pause_contact(east.contacts.grorud, by=east.coordinator)


def test_a_reader_of_people_changes_nothing(contacts, person):
    officer = person("admin@nhf.example")
    assign_role(officer, Role.PRIVACY_OFFICER, by=None)
    with pytest.raises(NotAllowed):
        change_contact(contacts.grorud, changes={"city": "Oslo"}, by=officer)
