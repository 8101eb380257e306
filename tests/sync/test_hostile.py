"""Callers who want more than is theirs, and moments in which somebody else is quicker."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from api.sync import pull, sources
from api.sync.mutations import Mutation
from api.sync.references import names_in
from domain.audit.models import AuditEvent
from domain.certification import kinds, rules
from domain.identity.limits import TooManyAttempts
from domain.identity.sessions import open_session
from domain.people.models import Contact, DiagnosisCategory
from domain.people.rules import change_contact, move_contact
from domain.people.sharing import share_contact
from domain.sync.devices import DeviceEnded, end_device, find_device, note_call
from domain.sync.inbox import forget_content_about
from domain.sync.models import SyncDevice, SyncMutation
from tenants.models import Organization

from .pushing import Outbox, change

pytestmark = pytest.mark.django_db


def test_what_is_cut_off_is_looked_at_also_where_a_row_left_meanwhile(phone, east, register, monkeypatch):
    phone.pull()
    made = sorted((register(f"Ny{number}", "Person") for number in range(5)), key=lambda row: row.pk)
    read, leaving = sources.EntitySource._read, [made[0]]

    def read_late(self, visible):
        while self.name == "contacts" and leaving:
            move_contact(leaving.pop(), to=east.tree.bergen, by=None)
        return read(self, visible)

    monkeypatch.setattr(sources.EntitySource, "_read", read_late)
    phone.pull(resources="contacts", limit=2)
    assert phone.names() == {"Åse", "Per", *(row.first_name for row in made[1:])}


def test_a_checklist_that_changes_with_its_kind_reaches_phones(phone, east, person):
    kind = kinds.create_kind(
        key="visitor", name_nb="Besøksvenn", name_en="Visitor", requirements=["course"], by=None
    )
    held = rules.start_certification(user=east.coordinator, kind=kind, by=None)
    phone.pull()
    kinds.change_kind(kind, changes={"requirements": ["course", "yearly_talk"]}, by=None)
    phone.pull()
    shown = phone.api.get(f"/api/v1/mentor-certifications/{held.pk}/").json()
    assert phone.held("mentor-certifications")[str(held.pk)] == shown


def test_no_header_keeps_what_a_conflict_shows_off_the_record(phone, east):
    contact = east.contacts.grorud
    base = contact.version
    change_contact(contact, changes={"city": "Moss"}, by=None)
    sent = change("contacts", "update", id=str(contact.pk), base_version=base, data={"city": "Oslo"})
    body = Outbox(phone.api).body([sent])
    answer = phone.api.post("/api/v1/sync/push/", body, format="json", headers={"If-None-Match": "*"}).json()[
        "results"
    ][0]
    assert answer["server"]["city"] == "Moss"
    assert AuditEvent.objects.filter(action="contact.read", object_id=str(contact.pk)).exists()


def test_nobody_invents_devices_without_end(east):
    for number in range(20):
        find_device(east.coordinator, f"telefon-{number}")
    with pytest.raises(TooManyAttempts):
        find_device(east.coordinator, "one-more")
    assert find_device(east.coordinator, "telefon-3").device_id == "telefon-3"


def test_nobody_begins_anew_without_end(phone):
    answers = [phone.api.get(pull_address()).status_code for _number in range(61)]
    assert answers == [200] * 60 + [429]


def pull_address() -> str:
    return "/api/v1/sync/pull/?resources=diagnosis-categories&limit=1"


def test_the_session_that_ends_with_a_device_is_the_one_it_calls_with(phone, nhf, east):
    phone.pull(device_id="telefon-1")
    device = SyncDevice.objects.get()
    tokens = open_session(east.coordinator, Organization.objects.get(schema_name="nhf"))
    note_call(device, session=tokens.session)
    device.refresh_from_db()
    assert device.session_id == tokens.session.pk


def test_a_call_that_was_under_way_tells_nothing_of_a_device_that_was_ended(phone, east):
    phone.pull(device_id="telefon-1")
    device = SyncDevice.objects.get()
    with transaction.atomic():
        end_device(SyncDevice.objects.get(), by=None, reason="Mistet")
    with pytest.raises(DeviceEnded):
        note_call(device, queued=1)


def test_a_first_page_of_people_reads_no_more_than_a_page(phone, register):
    with CaptureQueriesContext(connection) as asked:
        phone.ask(resources="users", limit=1)
    read = [each["sql"] for each in asked.captured_queries if "LIMIT 2" in each["sql"]]
    assert any("identity_membership" in each for each in read)


def test_what_tells_of_health_goes_with_the_right_to_it_and_comes_with_it(phone, east):
    contact = east.contacts.bergen
    category = DiagnosisCategory.objects.create(name_nb="Slag", name_en="Stroke")
    Contact.objects.filter(pk=contact.pk).update(diagnosis_category=category)
    until = timezone.localdate() + timedelta(days=1)
    for with_health in (True, False, True):
        share_contact(
            contact, user=east.coordinator, until=until, reason="Ferie", with_health=with_health, by=None
        )
        phone.pull()
        held = phone.held("contacts")[str(contact.pk)]
        assert held == phone.api.get(f"/api/v1/contacts/{contact.pk}/").json()
        assert held["diagnosis_category"] == (str(category.pk) if with_health else None)
    assert phone.pull() == []


def test_what_waits_about_somebody_by_the_phones_own_name_goes_with_them(phone, east):
    outbox, place = Outbox(phone.api), str(east.tree.grorud.pk)
    data = {"first_name": "Liv", "local_association": place, "duplicate_checked": True}
    [made] = outbox.send(change("contacts", "create", client_id="c1", data=data))
    wrong = change("contact-notes", "create", data={"contact": "c1", "kind": "none", "body": "Liv ringte"})
    [refused] = outbox.send(wrong)
    assert (made["outcome"], refused["outcome"]) == ("applied", "rejected")
    forget_content_about([UUID(made["id"])])
    assert SyncMutation.objects.get(mutation_id=wrong["mutation_id"]).resolution == "discarded"


def test_what_was_sent_is_not_opened_for_another_change_under_its_id(phone, east):
    outbox = Outbox(phone.api)
    sent = change("notes", "create", data={"title": "", "body": "b"})
    outbox.send(sent)
    with CaptureQueriesContext(connection) as asked:
        [result] = outbox.send({**sent, "data": {"title": "t", "body": "b"}})
    assert result["code"] == "mutation-id-reused"
    read = [each["sql"] for each in asked.captured_queries if 'FROM "sync_syncmutation"' in each["sql"]]
    assert not any('"content"' in each for each in read)
    assert outbox.send(sent)[0]["answer"] == "rejected"


def test_a_list_of_more_than_anything_refers_to_is_not_looked_up():
    told = {"contact_ids": [f"c{number}" for number in range(201)], "leader_ids": ["l1"]}
    assert names_in([Mutation(data=told)]) == {"l1"}


def test_no_row_is_shown_because_of_another_one_of_its_kind(east, api_of, monkeypatch):
    """Where only an entity's own table was touched, no more than the rows that changed are compared."""
    made: dict[str, Any] = {}

    def kept(view_class, request):
        return made.setdefault(view_class.path, source_of(view_class, request))

    source_of = pull.source_of
    monkeypatch.setattr(pull, "source_of", kept)
    # Compared as a whole; and read by columns of the row itself, in two halves.
    known = {"users", "activities"}
    for email in ("admin@nhf.example", "coordinator@nhf.example", "mentor@nhf.example"):
        made.clear()
        assert api_of("nhf", email).get("/api/v1/sync/pull/").status_code == 200
        for name, source in made.items():
            if not isinstance(source, sources.EntitySource) or name in known:
                continue
            try:
                asked = source.question()
            except EmptyResultSet:
                continue
            assert len(re.findall(rf'(?:FROM|JOIN) "{source.own_table}"', asked)) == 1, name
