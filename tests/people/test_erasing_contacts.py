"""Handing out and erasing what is kept about a contact; the record can still be proved."""

import io
import json
import zipfile
from datetime import timedelta

import pytest
from django.utils import timezone

from domain.access.choices import Role
from domain.access.rules import assign_role
from domain.audit.models import AuditDetail, AuditEvent
from domain.config.queries import current_organization
from domain.core.errors import InvalidInput, InvalidState, NotAllowed
from domain.encryption.models import RecordKey
from domain.people import erasure_jobs, handing_out_jobs
from domain.people.choices import ClosedReason, NoteVisibility, Relation
from domain.people.erasing import erase_contact, erasure_steps
from domain.people.exporting import export_contact
from domain.people.handing_out import ask_for_copy, forget_copies, make_copy
from domain.people.mentoring import assign_mentor
from domain.people.merging import WINDOW, merge_contacts, shred_aliases
from domain.people.models import (
    Caregiver,
    Contact,
    ContactHandOut,
    ContactMerge,
    ContactNote,
    ContactRelative,
    RegisteredRelative,
)
from domain.people.notes import add_note, write_own_note
from domain.people.relatives import add_caregiver, link_relative, register_relative
from domain.people.rules import change_contact
from tenants.db import connection
from tenants.jobs import enqueue
from tenants.models import JobRun
from tests.audit.sealed import check, seal_and_anchor
from tests.support.jobs import work_off
from tests.support.people_rows import make_copy_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _keys(settings, tmp_path):
    settings.AUDIT_KEY_DIR = tmp_path / "keys"
    settings.AUDIT_ANCHORS = []


@pytest.fixture
def officer(person, nhf):
    """Astrid, who looks after privacy as well."""
    astrid = person("admin@nhf.example")
    assign_role(astrid, Role.PRIVACY_OFFICER, by=None)
    return astrid


@pytest.fixture
def furnished(east, mentor):
    """Åse, with something in every table of the area."""
    ase, by = east.contacts.grorud, east.coordinator
    change_contact(ase, changes={"diagnosis": "Diagnosenavn"}, by=by)
    assign_mentor(ase, user=mentor, by=by)
    add_caregiver(contact=ase, first_name="Oddgeir", relation=Relation.PARTNER, by=by)
    for name in ("Eldbjørg", "Torfinn"):
        relative = register_relative(first_name=name, by=by)
        link_relative(contact=ase, relative=relative, relation=Relation.PARENT, by=by)
    link_relative(contact=east.contacts.sinsen, relative=relative, relation=Relation.PARENT, by=by)
    add_note(contact=ase, author=by, by=by, body="Teamets ord")
    add_note(contact=ase, author=mentor, by=mentor, body="Egne ord", visibility=NoteVisibility.PRIVATE)
    write_own_note(by=mentor, title="Husk", body="Ring", contact=ase)
    return ase


def erase(contact, by, **values):
    with connection.as_owner():
        return erase_contact(contact, by=by, reason="They asked for it", **values)


def test_nothing_of_a_contact_is_left_and_the_record_still_proves_itself(nhf, furnished, officer):
    keys = RecordKey.objects.filter(wrapped__isnull=False).count()
    seal_and_anchor(nhf)
    row = erase(furnished, officer, with_relatives=True)
    row.refresh_from_db()
    assert (row.first_name, row.phone, row.birth_year, row.diagnosis) == ("", "", None, None)
    assert (row.status, row.closed_reason) == ("closed", ClosedReason.ERASED)
    assert row.local_association.name == "Grorud"
    assert not ContactNote.objects.exists()
    assert not Caregiver.objects.exists()
    # A sibling's parent is still the sibling's.
    assert {each.first_name for each in RegisteredRelative.objects.all()} == {"", "Torfinn"}
    assert ContactRelative.objects.get().contact.first_name == "Per"
    assert keys - RecordKey.objects.filter(wrapped__isnull=False).count() == 4
    told = " ".join(map(str, AuditDetail.objects.values_list("object_label", "reason", "changes")))
    for name in ("Sørli", "Oddgeir", "Eldbjørg", "+4722334455"):
        assert name not in told, name
    event = AuditEvent.objects.get(action="contact.erased")
    assert (event.object_label, event.reason) == ("", "They asked for it")
    seal_and_anchor(nhf)
    assert check(nhf).ok


def test_the_record_of_a_merge_or_erasure_does_not_tell_of_notes_that_are_somebodys_own(
    furnished, east, officer
):
    merge_contacts(furnished, into=east.contacts.sinsen, by=east.coordinator)
    moved = ContactMerge.objects.get().moved
    kinds = [each["model"] for each in moved]
    assert (kinds.count("people.ContactNote"), kinds.count("people.Note")) == (2, 1)
    told = AuditEvent.objects.get(action="contact.merged").changes["moved"]
    assert told == [None, len(moved) - 2]
    erase(east.contacts.sinsen, officer)
    shredded = AuditEvent.objects.filter(action="sealed-content.shredded", object_type__contains="note")
    assert [event.changes["rows"] for event in shredded] == [[None, 1]]


def test_whom_they_were_merged_from_goes_as_well(east, register, officer):
    other = register("Aase", "Sørli", phone="+4799001122")
    merge_contacts(other, into=east.contacts.grorud, by=None)
    erase(other, officer)
    assert not Contact.objects.filter(first_name__in=["Aase", "Åse"]).exists()
    assert Contact.objects.filter(erased_at__isnull=False).count() == 2


def test_a_later_area_erases_what_it_keeps(east, officer, monkeypatch):
    asked = []
    step = lambda *, contact, by: asked.append(contact.first_name)  # noqa: E731
    monkeypatch.setattr("domain.people.erasing.erasure_steps", [*erasure_steps, step])
    erase(east.contacts.grorud, officer)
    assert asked == ["Åse"]


def test_a_contact_is_erased_by_the_privacy_officer_for_a_reason_and_once(east, officer):
    with pytest.raises(NotAllowed):
        erase(east.contacts.grorud, east.coordinator)
    with connection.as_owner(), pytest.raises(InvalidInput):
        erase_contact(east.contacts.grorud, by=officer, reason=" ")
    erase(east.contacts.grorud, officer)
    with pytest.raises(InvalidState):
        erase(Contact.objects.get(pk=east.contacts.grorud.pk), officer)


def test_the_job_erases_with_the_owners_rights(east, officer):
    erasure_jobs.ask_for_contact(east.contacts.grorud, by=officer, reason="They asked for it")
    with connection.as_owner():
        assert "They asked" not in str(JobRun.objects.get(name=erasure_jobs.ERASE_CONTACT).arguments)
    work_off()
    assert Contact.objects.get(pk=east.contacts.grorud.pk).erased_at is not None
    assert AuditEvent.objects.get(action="contact.erased").reason == "They asked for it"


def test_what_is_kept_is_handed_out_as_data_and_as_a_page(furnished, officer):
    packed = zipfile.ZipFile(io.BytesIO(export_contact(furnished, by=officer)))
    data, page = json.loads(packed.read("data.json")), packed.read("data.html").decode()
    for word in ("Åse", "Diagnosenavn", "Teamets ord", "Oddgeir", "Eldbjørg", "Solveig Nilsen"):
        assert word in page, word
        assert word in json.dumps(data, ensure_ascii=False), word
    # Its author is asked for that.
    assert "Egne ord" not in page
    assert any(part["title"] == "Private notes" for part in data["parts"])
    event = AuditEvent.objects.get(action="contact.exported")
    # Those close to them are named in it.
    close = [row.pk for model in (RegisteredRelative, Caregiver) for row in model.objects.all()]
    assert (event.actor_id, len(close)) == (officer.pk, 3)
    assert sorted(event.subject_ids) == sorted([furnished.pk, *close])


def test_nobody_without_the_right_hands_out_a_contact(east):
    with pytest.raises(NotAllowed):
        export_contact(east.contacts.grorud, by=east.coordinator)


def test_by_the_api_a_copy_is_made_by_a_job_for_whoever_asked_and_for_three_days(
    furnished, officer, api_of, person
):
    api, other = api_of("nhf", officer.email), api_of("nhf", "coordinator@nhf.example")
    address = f"/api/v1/contacts/{furnished.pk}/hand-out/"
    assert other.post(address).status_code in (403, 404)
    asked = api.post(address)
    assert asked.status_code == 202, asked.content
    work_off()
    job = api.get(asked.headers["Location"]).json()
    assert (job["status"], job["progress"]) == ("done", 100)
    assign_role(person("coordinator@nhf.example"), Role.PRIVACY_OFFICER, by=None)
    assert other.get(asked.headers["Location"]).status_code == 404
    assert other.get(job["result_url"]).status_code == 404

    fetched = api.get(job["result_url"])

    packed = zipfile.ZipFile(io.BytesIO(fetched.content))
    assert "Diagnosenavn" in packed.read("data.html").decode()
    copy = ContactHandOut.objects.get(contact=furnished)
    assert copy.fetched_at is not None
    key = RecordKey.objects.get(pk=copy.record_key_id)
    assert key.wrapped is not None
    enqueue("contacts.clear_up", current_organization(), key="early")
    ContactHandOut.objects.filter(pk=copy.pk).update(expires_at=timezone.now())
    work_off()
    copy.refresh_from_db()
    key.refresh_from_db()
    assert (copy.archive, key.wrapped) == (None, None)
    assert copy.destroyed_at is not None
    assert api.get(job["result_url"]).status_code == 404


def test_who_waits_for_a_copy_and_asks_again_waits_for_the_same(furnished, officer):
    run = handing_out_jobs.ask(furnished, by=officer)
    assert handing_out_jobs.ask(furnished, by=officer).pk == run.pk
    assert ContactHandOut.objects.count() == 1
    work_off()
    assert handing_out_jobs.ask(furnished, by=officer).pk != run.pk


def test_of_who_was_erased_meanwhile_no_copy_is_made(furnished, officer):
    run = handing_out_jobs.ask(furnished, by=officer)
    row = ContactHandOut.objects.get()
    erase(furnished, officer)
    with pytest.raises(InvalidState) as refused:
        make_copy(row, by=officer)
    assert refused.value.code == "erased-contact"
    work_off()
    run.refresh_from_db()
    assert run.state == "failed"
    row.refresh_from_db()
    assert (row.archive, row.made_at) == (None, None)


def test_a_copy_that_was_destroyed_before_it_was_made_is_not_made(furnished, officer):
    row = ask_for_copy(furnished, by=officer)
    forget_copies(contact=furnished, by=officer)
    with pytest.raises(InvalidState) as refused:
        make_copy(row, by=officer)
    assert refused.value.code == "gone"


def test_by_the_api_a_contact_is_erased_by_a_job_and_their_copies_with_them(furnished, officer, api_of):
    copy = make_copy_of(furnished)
    asked = api_of("nhf", officer.email).post(
        f"/api/v1/contacts/{furnished.pk}/erase/",
        {"reason": "They asked for it", "with_relatives": True},
        content_type="application/json",
    )
    assert asked.status_code == 202, asked.content
    work_off()
    assert api_of("nhf", officer.email).get(asked.headers["Location"]).json()["status"] == "done"
    assert Contact.objects.get(pk=furnished.pk).erased_at is not None
    copy.refresh_from_db()
    assert (copy.archive, RecordKey.objects.get(pk=copy.record_key_id).wrapped) == (None, None)


def test_an_aliass_diagnosis_is_destroyed_once_its_merge_cant_be_undone(east, furnished):
    merge_contacts(furnished, into=east.contacts.sinsen, by=None)
    assert shred_aliases(timezone.now()) == 0
    assert shred_aliases(timezone.now() + WINDOW + timedelta(days=1)) == 1
    assert shred_aliases(timezone.now() + WINDOW + timedelta(days=1)) == 0
    assert RecordKey.objects.get(pk=Contact.objects.get(pk=furnished.pk).record_key_id).wrapped is None
    event = AuditEvent.objects.filter(action="sealed-content.shredded").latest("at")
    assert event.object_id == str(furnished.pk)
