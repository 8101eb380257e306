"""Registering activities, deciding on them, and whether they count."""

from datetime import date, timedelta

import pytest

from domain.access.queries import scope_for
from domain.activities.choices import ActivityStatus
from domain.activities.deciding import (
    approve_activity,
    override_verdict,
    reject_activity,
    reopen_activity,
    submit_activity,
    withdraw_activity,
)
from domain.activities.judging import explain
from domain.activities.models import Activity
from domain.activities.models.activities import shown_contacts
from domain.activities.rules import change_activity, change_type, create_activity, register_many
from domain.audit.models import AuditEvent
from domain.core.errors import InvalidInput, InvalidState, NotAllowed, StaleVersion
from domain.encryption.reading import read_sealed

from .conftest import NOON

pytestmark = pytest.mark.django_db


def codes(row) -> list[str]:
    return [each["requirement"] for each in row.unmet]


def test_a_mentor_registers_what_they_led_and_it_counts(log, solveig, tree, contacts):
    row = log(summary="Snakket om hverdagen.", place="Hjemme")
    assert (row.local_association, row.mentor, row.is_proxy) == (tree.grorud, solveig, False)
    assert (row.day, row.utc_offset_minutes, row.local_start.hour) == (date(2026, 2, 10), 60, 13)
    assert [each.approved_on_day for each in row.leaders.all()] == [False]
    event = AuditEvent.objects.get(action="activity.created")
    assert set(event.subject_ids) == {solveig.pk, contacts.grorud.pk}
    assert "hverdagen" not in str(event.changes)
    assert read_sealed(row, "summary", by=solveig, scope=scope_for(solveig)) == "Snakket om hverdagen."


def test_what_counts_is_judged_by_the_rules_of_the_day(log, solveig, east):
    approve_today(solveig, from_day=date(2026, 1, 1))
    row = log()
    assert (row.counts, codes(row), row.rule_set) == (True, [], "2020")
    assert explain(row).words == "Counts for the grant."
    call = log(type="phone-call", hours=3, mode="phone")
    assert (call.counts, codes(call)) == (False, ["not_in_grant"])
    group = log(type="group-meeting", hours=6, contacts=[], further_participants=2, duration_minutes=90)
    assert codes(group) == ["min_participants"]
    found = explain(group)
    assert found.reasons == ["The grant asks for at least 3 participants; there were 2."]
    assert found.mend == "Check that everyone who took part is on the list."


def approve_today(user, *, from_day):
    """Let the role of a mentor hold since a day."""
    from domain.access.models import RoleAssignment

    RoleAssignment.objects.filter(user=user, role="peer_mentor").update(valid_from=from_day)


def test_changed_facts_are_judged_anew(log, solveig):
    approve_today(solveig, from_day=date(2026, 1, 1))
    row = log(type="group-meeting", contacts=[], further_participants=2, duration_minutes=90)
    row = change_activity(row, changes={"further_participants": 3}, by=solveig, version=row.version)
    assert (row.counts, row.participants) == (True, 3)
    abroad = change_activity(row, changes={"country": "SE"}, by=solveig)
    assert codes(abroad) == ["in_norway"]
    with pytest.raises(StaleVersion):
        change_activity(row, changes={"theme": "Tur"}, by=solveig, version=1)


def test_a_mentor_registers_nothing_that_others_led(log, solveig, east):
    with pytest.raises(InvalidInput, match="what you led yourself"):
        log(leaders=[east.coordinator], local_association=east.tree.grorud)
    with pytest.raises(NotAllowed):
        log(local_association=east.tree.bergen)
    with pytest.raises(InvalidInput):
        log(contacts=[east.contacts.bergen])


def test_a_coordinator_registers_for_a_mentor_and_it_is_shown(log, solveig, east):
    row = log(by=east.coordinator, leaders=[solveig], submit=True)
    assert (row.is_proxy, row.registered_by, row.status) == (True, east.coordinator, "submitted")
    event = AuditEvent.objects.get(action="activity.created")
    assert event.on_behalf_of_id == solveig.pk


def test_each_sees_their_own_part(log, solveig, east, person):
    row = log()
    admin = person("admin@nhf.example")
    seen = {
        who.email: Activity.objects.visible_to(scope_for(who)).filter(pk=row.pk).exists()
        for who in (solveig, east.coordinator, admin, person("both@meander.example"))
    }
    assert [name.split("@")[0] for name, sees in seen.items() if sees] == ["mentor", "coordinator", "admin"]
    assert shown_contacts(row, scope_for(admin)) == []
    assert shown_contacts(row, scope_for(solveig)) == [east.contacts.grorud]
    with pytest.raises(NotAllowed):
        read_sealed(row, "summary", by=admin, scope=scope_for(admin))


def test_states_move_by_the_table_alone(log, solveig, east):
    row = submit_activity(log(), by=solveig)
    with pytest.raises(InvalidState, match="withdraw it before"):
        change_activity(row, changes={"theme": "Tur"}, by=solveig)
    row = withdraw_activity(row, by=solveig)
    with pytest.raises(InvalidState):
        approve_activity(row, by=east.coordinator)
    row = submit_activity(row, by=solveig)
    with pytest.raises(InvalidInput):
        reject_activity(row, reason=" ", by=east.coordinator)
    row = reject_activity(row, reason="Hvem var med?", by=east.coordinator)
    assert (row.status, row.decision_reason) == (ActivityStatus.REJECTED, "Hvem var med?")
    row = approve_activity(submit_activity(row, by=solveig), by=east.coordinator)
    assert (row.stamped_path, row.decided_by) == (east.tree.grorud.path, east.coordinator)
    row = reopen_activity(row, reason="Feil dag", by=east.coordinator)
    assert (row.status, row.stamped_path) == (ActivityStatus.SUBMITTED, "")


def test_nobody_decides_on_what_they_led_and_mentors_on_nothing(log, solveig, east):
    row = log(by=east.coordinator, leaders=[solveig, east.coordinator], submit=True)
    with pytest.raises(NotAllowed, match="Somebody else"):
        approve_activity(row, by=east.coordinator)
    with pytest.raises(NotAllowed):
        approve_activity(row, by=solveig)


def test_a_type_says_what_it_asks_for(log, solveig, kind):
    with pytest.raises(InvalidInput, match="whom it was with"):
        log(contacts=[], submit=True)
    with pytest.raises(InvalidInput, match="how long"):
        log(duration_minutes=None, submit=True)
    change_type(kind("talk"), changes={"is_active": False}, by=None)
    with pytest.raises(InvalidState, match="used any more"):
        log()


def test_required_documents_gate_the_approval(log, solveig, east, kind):
    change_type(kind("talk"), changes={"required_documents": ["invitation"]}, by=None)
    row = log(submit=True)
    with pytest.raises(InvalidState, match="Documents are missing: Invitation"):
        approve_activity(row, by=east.coordinator)


def test_an_administrator_decides_otherwise_with_reason_and_evidence(log, solveig, person):
    admin = person("admin@nhf.example")
    row = log()
    assert not row.counts
    with pytest.raises(InvalidInput):
        override_verdict(row, counts=True, reason="Godkjent da", by=admin)
    row = override_verdict(row, counts=True, reason="Godkjent da", evidence="Kursbevis i mappen", by=admin)
    assert (row.counts, explain(row).is_overridden) == (True, True)
    row = override_verdict(row, counts=None, by=admin)
    assert (row.counts, row.override_reason) == (False, "")
    with pytest.raises(NotAllowed):
        override_verdict(row, counts=True, reason="x", evidence="y", by=solveig)


def test_one_form_registers_many(solveig, east, kind, contacts):
    rows = register_many(
        by=east.coordinator,
        type=kind("talk"),
        leaders=[solveig],
        starts=[NOON, NOON + timedelta(days=1)],
        contacts=[contacts.grorud],
        duration_minutes=45,
    )
    assert [row.day.day for row in rows] == [10, 11]
    assert {row.status for row in rows} == {"submitted"}
    with pytest.raises(InvalidInput, match="At most 100"):
        register_many(by=None, type=kind("talk"), leaders=[solveig], starts=[NOON] * 101)


def test_erasing_a_contact_leaves_a_number_and_no_words(log, solveig, contacts):
    from domain.people.erasing import erase_contact
    from tenants.db import connection

    row = log(summary="Fortalte om sykdommen.", theme="Sorg")
    contacts.grorud.refresh_from_db()
    with connection.as_owner():
        erase_contact(contacts.grorud, by=None, reason="Ønsker det")
    row = Activity.objects.get(pk=row.pk)
    assert (row.participants, row.further_participants, row.theme) == (1, 1, "")
    assert row.is_erased
    assert not row.contact_links.exists()


def test_a_merged_contact_takes_its_activities_along(log, contacts, register):
    from domain.people.merging import merge_contacts

    again = register("Åse", "Sørli", birth_year=1961)
    row = log()
    merge_contacts(contacts.grorud, into=again, by=None)
    assert [link.contact_id for link in row.contact_links.all()] == [again.pk]


def test_nothing_is_registered_for_a_time_that_cannot_be(log, solveig, kind):
    with pytest.raises(InvalidInput, match="no time"):
        create_activity(by=solveig, type=kind("talk"), started_at=NOON.replace(year=1900))
    with pytest.raises(InvalidInput):
        log(utc_offset_minutes=9000)
