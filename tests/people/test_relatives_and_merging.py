"""Caregivers, relatives whom contacts share, and two contacts who turn out to be one person."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from domain.access.queries import scope_for
from domain.audit.models import AuditEvent
from domain.core.errors import InvalidInput, InvalidState, NotAllowed
from domain.people.choices import ContactStatus, Relation
from domain.people.mentoring import assign_mentor, end_mentor, make_primary, mentor_checks
from domain.people.merging import merge_contacts, undo_merge
from domain.people.models import Caregiver, Contact, ContactMentor, ContactMerge, RegisteredRelative
from domain.people.relatives import (
    add_caregiver,
    change_caregiver,
    change_relative,
    link_relative,
    register_relative,
    unlink_relative,
)
from domain.people.rules import close_contact

pytestmark = pytest.mark.django_db


# --- Mentors


def test_the_first_mentor_is_the_primary_one_and_the_contact_becomes_active(east, mentor):
    made = assign_mentor(east.contacts.grorud, user=mentor, by=east.coordinator)
    east.contacts.grorud.refresh_from_db()
    assert made.is_primary
    assert east.contacts.grorud.status == ContactStatus.ACTIVE


def test_nobody_without_the_mentors_role_is_assigned(east, person):
    with pytest.raises(InvalidInput) as refused:
        assign_mentor(east.contacts.grorud, user=person("admin@nhf.example"), by=east.coordinator)
    assert refused.value.code == "no-mentor"


def test_a_later_area_can_refuse_a_mentor(east, mentor, monkeypatch):
    def refuse(*, contact, user, day):
        raise InvalidInput("No certificate.", field="user")

    monkeypatch.setattr("domain.people.mentoring.mentor_checks", [*mentor_checks, refuse])
    with pytest.raises(InvalidInput, match="certificate"):
        assign_mentor(east.contacts.grorud, user=mentor, by=east.coordinator)
    assert not ContactMentor.objects.exists()


def test_a_mentor_is_assigned_once_at_a_time(east, mentor):
    assign_mentor(east.contacts.grorud, user=mentor, by=east.coordinator)
    with pytest.raises(InvalidState):
        assign_mentor(east.contacts.grorud, user=mentor, by=east.coordinator)


def test_another_primary_mentor_takes_the_place_of_the_former(east, mentor, person):
    both = person("both@meander.example")
    assign_mentor(east.contacts.grorud, user=mentor, by=None)
    assign_mentor(east.contacts.grorud, user=both, by=None)
    make_primary(east.contacts.grorud, user=both, by=east.coordinator)
    primary = ContactMentor.objects.get(contact=east.contacts.grorud, is_primary=True)
    assert primary.user == both


def test_what_ends_today_still_holds_today(east, mentor, sees):
    assign_mentor(east.contacts.grorud, user=mentor, by=None)
    end_mentor(east.contacts.grorud, user=mentor, by=east.coordinator)
    assert sees(mentor) == {"Åse"}
    ended = ContactMentor.objects.get()
    assert (ended.valid_to, ended.is_primary) == (timezone.localdate(), False)


def test_closing_ends_the_assignments(east, mentor):
    assign_mentor(east.contacts.grorud, user=mentor, by=None)
    close_contact(east.contacts.grorud, closed_reason="completed", by=east.coordinator)
    assert ContactMentor.objects.get().valid_to == timezone.localdate()


# --- Caregivers and relatives


def test_there_is_one_primary_caregiver(east):
    values = {"contact": east.contacts.grorud, "relation": Relation.PARTNER, "by": east.coordinator}
    first = add_caregiver(first_name="Ola", is_primary=True, **values)
    add_caregiver(first_name="Eli", is_primary=True, phone="22 33 44 55", **values)
    assert Caregiver.objects.get(is_primary=True).first_name == "Eli"
    with pytest.raises(IntegrityError), transaction.atomic():
        Caregiver.objects.filter(pk=first.pk).update(is_primary=True)


def test_caregivers_are_seen_and_changed_with_the_contact(east, mentor):
    row = add_caregiver(
        contact=east.contacts.grorud, first_name="Ola", relation=Relation.PARTNER, by=east.coordinator
    )
    assert not Caregiver.objects.visible_to(scope_for(mentor)).exists()
    with pytest.raises(NotAllowed):
        change_caregiver(row, changes={"phone": ""}, by=mentor)
    assign_mentor(east.contacts.grorud, user=mentor, by=None)
    assert list(Caregiver.objects.visible_to(scope_for(mentor))) == [row]


def test_siblings_share_a_parent(east, mentor):
    parent = register_relative(first_name="Eli", last_name="Sørli", by=east.coordinator)
    for contact in (east.contacts.grorud, east.contacts.sinsen):
        link_relative(contact=contact, relative=parent, relation=Relation.PARENT, by=east.coordinator)
    parent.refresh_from_db()
    assert parent.relation_types == [Relation.PARENT]
    assert not RegisteredRelative.objects.visible_to(scope_for(mentor)).exists()
    assign_mentor(east.contacts.sinsen, user=mentor, by=None)
    assert list(RegisteredRelative.objects.visible_to(scope_for(mentor))) == [parent]
    with pytest.raises(InvalidState):
        link_relative(
            contact=east.contacts.grorud, relative=parent, relation=Relation.OTHER, by=east.coordinator
        )


def test_with_the_last_link_somebody_says_what_becomes_of_the_relative(east):
    parent = register_relative(first_name="Eli", by=east.coordinator)
    links = [
        link_relative(contact=contact, relative=parent, relation=Relation.PARENT, by=east.coordinator)
        for contact in (east.contacts.grorud, east.contacts.sinsen)
    ]
    assert unlink_relative(links[0], by=east.coordinator) is None
    with pytest.raises(InvalidState) as asked:
        unlink_relative(links[1], by=east.coordinator)
    assert asked.value.code == "last-link"
    assert unlink_relative(links[1], erase_relative=True, by=east.coordinator) == parent


def test_who_registered_a_relative_does_not_see_them_again_when_the_last_link_ends(east, mentor):
    parent = register_relative(first_name="Eli", by=mentor)
    assert RegisteredRelative.objects.visible_to(scope_for(mentor)).get() == parent
    assign_mentor(east.contacts.grorud, user=mentor, by=None)
    link = link_relative(contact=east.contacts.grorud, relative=parent, relation=Relation.PARENT, by=mentor)
    assert unlink_relative(link, erase_relative=False, by=east.coordinator) is None
    assert not RegisteredRelative.objects.visible_to(scope_for(mentor)).exists()
    with pytest.raises(NotAllowed):
        change_relative(parent, changes={"phone": ""}, by=mentor)


# --- Merging


@pytest.fixture
def twice(east, register, mentor):
    """Åse, and Åse once more with what the first doesn't know."""
    other = register("Aase", "Sørli", email="aase@example.org", phone="+4722334455", birth_year=1962)
    assign_mentor(other, user=mentor, by=None)
    add_caregiver(contact=other, first_name="Ola", relation=Relation.PARTNER, is_primary=True, by=None)
    add_caregiver(
        contact=east.contacts.grorud, first_name="Eli", relation=Relation.CHILD, is_primary=True, by=None
    )
    return other


def test_a_merge_moves_everything_and_leaves_an_alias(east, twice):
    remains = merge_contacts(twice, into=east.contacts.grorud, by=east.coordinator)
    twice.refresh_from_db()
    assert twice.merged_into == remains
    assert (twice.status, twice.closed_reason) == ("closed", "merged")
    assert remains.email == "aase@example.org"
    assert remains.birth_year == 1961
    assert {row.first_name for row in remains.caregivers.all()} == {"Ola", "Eli"}
    assert remains.caregivers.get(is_primary=True).first_name == "Eli"
    assert remains.mentors.count() == 1
    assert set(AuditEvent.objects.get(action="contact.merged").subject_ids) == {twice.pk, remains.pk}


def test_undoing_a_merge_restores_what_it_moved_and_nothing_else(east, twice):
    before = Contact.objects.filter(pk=twice.pk).values("status", "closed_reason", "email", "phone").get()
    merge_contacts(twice, into=east.contacts.grorud, by=east.coordinator)
    added = add_caregiver(
        contact=east.contacts.grorud, first_name="Ny", relation=Relation.FRIEND, by=east.coordinator
    )
    undo_merge(twice, by=east.coordinator)
    twice.refresh_from_db()
    east.contacts.grorud.refresh_from_db()
    assert twice.merged_into is None
    assert Contact.objects.filter(pk=twice.pk).values(*before).get() == before
    assert twice.caregivers.get().is_primary
    assert set(east.contacts.grorud.caregivers.all()) == {added, Caregiver.objects.get(first_name="Eli")}
    assert east.contacts.grorud.email == ""
    assert AuditEvent.objects.filter(action="contact.unmerged").exists()


def test_a_merge_is_undone_within_the_window_alone(east, twice):
    merge_contacts(twice, into=east.contacts.grorud, by=east.coordinator)
    ContactMerge.objects.update(created_at=timezone.now() - timedelta(days=31))
    with pytest.raises(InvalidState) as late:
        undo_merge(twice, by=east.coordinator)
    assert late.value.code == "window-over"


def test_both_have_to_be_within_reach_to_be_merged(east):
    with pytest.raises(NotAllowed):
        merge_contacts(east.contacts.bergen, into=east.contacts.grorud, by=east.coordinator)
    with pytest.raises(InvalidState):
        merge_contacts(east.contacts.grorud, into=east.contacts.grorud, by=east.coordinator)


def test_an_alias_is_not_changed(east, twice):
    merge_contacts(twice, into=east.contacts.grorud, by=east.coordinator)
    with pytest.raises(InvalidState):
        merge_contacts(twice, into=east.contacts.sinsen, by=east.coordinator)
    with pytest.raises(InvalidState):
        close_contact(twice, closed_reason="moved", by=east.coordinator)
