"""Contacts in the admin: the list, registering with a look at who is there, the page, the actions."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from domain.access.choices import Role
from domain.access.rules import assign_role
from domain.associations.memberships import join_association
from domain.audit.models import AuditEvent
from domain.config.choices import Area
from domain.config.models import FeatureArea
from domain.people.mentoring import assign_mentor
from domain.people.merging import merge_contacts
from domain.people.models import Caregiver, Contact, ContactNote, ContactRelative, Note
from domain.people.notes import add_note
from tenants.models import JobRun
from tests.support.jobs import work_off

pytestmark = pytest.mark.django_db
ADMIN, KARIM = "admin@nhf.example", "coordinator@nhf.example"


@pytest.fixture
def karim(east, browser_of):
    return browser_of("nhf", KARIM)


def page(browser, name, *args, **query) -> str:
    answer = browser.get(reverse(name, args=args), query)
    assert answer.status_code == 200, (answer.status_code, name)
    return answer.content.decode()


def done(answer) -> None:
    assert answer.status_code == 302, answer.context["form"].errors if answer.context else answer.content


def test_the_list_shows_finds_and_exports_the_contacts_of_ones_part(east, karim, mentor):
    assign_mentor(east.contacts.grorud, user=mentor, by=None)
    shown = page(karim, "contacts:index")
    assert "Åse Sørli" in shown
    assert "Solveig Nilsen" in shown
    assert "Nils Vik" not in shown
    assert "Per Østby" not in page(karim, "contacts:index", q="sorli")
    assert "Åse Sørli" not in page(karim, "contacts:index", support="none")
    assert "Per Østby" not in page(karim, "contacts:index", status="active")
    exported = b"".join(karim.get(reverse("contacts:index"), {"export": "csv"}).streaming_content).decode()
    assert "Åse" in exported
    assert AuditEvent.objects.filter(action="contact.exported").exists()


def test_registering_asks_whether_it_is_somebody_who_is_there(east, karim):
    typed = {
        "first_name": "Aase",
        "last_name": "Sørli",
        "birth_year": "1961",
        "local_association": str(east.tree.sinsen.pk),
        "consent_basis": "not_yet",
    }
    asked = karim.post(reverse("contacts:add"), typed)
    assert asked.status_code == 200
    text = asked.content.decode()
    assert reverse("contacts:inspect", args=[east.contacts.grorud.pk]) in text
    assert 'type="checkbox" name="duplicate_checked"' in text
    assert not Contact.objects.filter(first_name="Aase").exists()
    assert AuditEvent.objects.filter(action="contact.compared").exists()
    done(karim.post(reverse("contacts:add"), {**typed, "duplicate_checked": "on"}))
    assert Contact.objects.filter(first_name="Aase").exists()


def test_the_page_tells_who_it_is_what_is_open_and_what_happened(east, karim, mentor):
    contact = east.contacts.grorud
    assign_mentor(contact, user=mentor, by=None)
    note = add_note(
        contact=contact,
        author=mentor,
        by=None,
        body="Hemmelig",
        kind="follow_up",
        follow_up_on="2026-01-01",
    )
    shown = page(karim, "contacts:inspect", contact.pk)
    follow_up = reverse("contact_notes:follow_up", args=[note.pk])
    for words in ("Åse Sørli", follow_up, reverse("contact_notes:inspect", args=[note.pk])):
        assert words in shown, words
    # Among those who support, and on the timeline.
    assert shown.count("Solveig Nilsen") >= 2
    assert "Hemmelig" not in shown
    assert "Hemmelig" in page(karim, "contact_notes:inspect", note.pk)
    done(karim.post(follow_up, {"version": note.version}))
    assert follow_up not in page(karim, "contacts:inspect", contact.pk)
    read = AuditEvent.objects.filter(action="contact.read", actor_id=east.coordinator.pk)
    assert read.first().subject_ids == [contact.pk]


def test_actions_are_done_by_their_buttons(east, karim, mentor):
    contact = east.contacts.grorud
    today = timezone.localdate().isoformat()
    # Whom a form offers: those whose membership the coordinator sees.
    join_association(user=mentor, association=east.tree.grorud, by=None)

    def act(name, **typed):
        version = Contact.objects.get(pk=contact.pk).version
        page(karim, f"contacts:{name}", contact.pk)
        done(karim.post(reverse(f"contacts:{name}", args=[contact.pk]), {"version": version, **typed}))
        contact.refresh_from_db()
        return contact

    assert act("assign_mentor", user=str(mentor.pk), valid_from=today).status == "active"
    assert act("pause").status == "paused"
    assert act("activate").status == "active"
    act("end_mentor", user=str(mentor.pk), last_day=today)
    act("diagnosis", diagnosis="ME")
    assert "ME" in page(karim, "contacts:diagnosis", contact.pk)
    assert act("close", closed_reason="moved").closed_reason == "moved"
    assert act("reopen").status == "active"
    assert act("merge", into=str(east.contacts.sinsen.pk)).is_alias
    undo = reverse("contacts:undo_merge", args=[contact.pk])
    assert undo in page(karim, "contacts:inspect", contact.pk)
    assert not act("undo_merge").is_alias
    assert act("move", to=str(east.tree.sinsen.pk)).local_association == east.tree.sinsen


def test_those_close_to_a_contact_are_added_changed_and_removed(east, karim):
    contact = str(east.contacts.grorud.pk)
    page(karim, "caregivers:add", contact=contact)
    done(
        karim.post(
            reverse("caregivers:add"),
            {"contact": contact, "first_name": "Ola", "relation": "partner", "is_primary": "on"},
        )
    )
    ola = Caregiver.objects.get()
    page(karim, "caregivers:edit", ola.pk)
    done(karim.post(reverse("caregivers:delete", args=[ola.pk]), {"version": ola.version}))
    new = {"contact": contact, "first_name": "Eli", "relation": "parent", "may_be_contacted": "on"}
    done(karim.post(reverse("contact_relatives:add"), new))
    link = ContactRelative.objects.get()
    assert "Eli" in page(karim, "contacts:inspect", contact)
    assert "Åse" in page(karim, "relatives:inspect", link.relative_id)
    page(karim, "contact_relatives:unlink", link.pk)
    ended = {"version": link.version, "erase_relative": "no"}
    done(karim.post(reverse("contact_relatives:unlink", args=[link.pk]), ended))
    assert not Caregiver.objects.exists()
    assert not ContactRelative.objects.exists()


def test_notes_are_written_and_changed_in_the_admin(east, karim):
    contact = str(east.contacts.grorud.pk)
    typed = {"contact": contact, "kind": "observation", "visibility": "team", "body": "Bra dag"}
    done(karim.post(reverse("contact_notes:add"), typed))
    note = ContactNote.objects.get()
    assert "Bra dag" in page(karim, "contact_notes:edit", note.pk)
    changed = {**typed, "body": "Bedre dag", "version": note.version}
    done(karim.post(reverse("contact_notes:edit", args=[note.pk]), changed))
    assert "Bedre dag" in page(karim, "contact_notes:inspect", note.pk)
    assert "Bedre dag" not in page(karim, "contact_notes:index")
    done(karim.post(reverse("notes:add"), {"title": "Husk", "body": "Kake"}))
    own = Note.objects.get()
    assert "Kake" in page(karim, "notes:inspect", own.pk)


def test_an_administrator_sees_figures_and_no_names(contacts, browser_of):
    astrid = browser_of("nhf", ADMIN)
    shown = page(astrid, "contact_counts:index")
    assert "Grorud" in shown
    assert "Åse" not in shown
    assert re.findall(r"<td>([^<]*)</td>", shown)[:5] == ["færre enn 5", "0", "0", "0", "færre enn 5"]
    assert astrid.get(reverse("contacts:index")).status_code in (302, 403)
    assert astrid.get(reverse("contacts:inspect", args=[contacts.grorud.pk])).status_code == 404


def test_the_privacy_officer_hands_out_and_erases_what_is_kept(east, browser_of, person):
    astrid, contact = person(ADMIN), east.contacts.grorud
    assign_role(astrid, Role.PRIVACY_OFFICER, by=None)
    officer = browser_of("nhf", ADMIN)
    shown = page(officer, "contacts:inspect", contact.pk)
    erase, hand_out = (reverse(f"contacts:{name}", args=[contact.pk]) for name in ("erase", "hand_out"))
    assert erase in shown
    assert hand_out in shown
    assert reverse("contacts:diagnosis", args=[contact.pk]) not in shown
    done(officer.post(hand_out, {"version": contact.version}))
    copy = reverse("contacts:copy", args=[contact.pk])
    assert "Kopien lages. 0 %" in officer.get(copy).content.decode()
    work_off()
    assert "Den slettes" in officer.get(copy).content.decode()
    taken = officer.post(copy, {"version": contact.version})
    assert (taken.status_code, taken["Content-Type"]) == (200, "application/zip")
    assert taken.content.startswith(b"PK")
    done(officer.post(erase, {"version": contact.version, "reason": "They asked for it"}))
    assert JobRun.objects.filter(name="contacts.erase", key=str(contact.pk)).exists()
    work_off()
    # The pages are none any more, by whatever address.
    for name in ("hand_out", "copy", "erase"):
        address = reverse(f"contacts:{name}", args=[contact.pk])
        for answer in (officer.get(address), officer.post(address, {"reason": "Again"})):
            assert (answer.status_code, answer.url) == (302, reverse("contacts:inspect", args=[contact.pk]))
    assert JobRun.objects.filter(name="contacts.erase").count() == 1


def test_the_record_leads_an_auditor_to_who_has_read_about_a_contact(east, karim, browser_of):
    page(karim, "contacts:inspect", east.contacts.grorud.pk)
    shown = page(browser_of("nhf", ADMIN), "audit:person_read", east.contacts.grorud.pk)
    assert "Karim Haddad" in shown
    assert "Åse" not in shown


def test_aliases_are_left_out_of_the_list_until_asked_for(east, karim):
    merge_contacts(east.contacts.sinsen, into=east.contacts.grorud, by=None)
    assert "Per Østby" not in page(karim, "contacts:index")
    assert "Per Østby" in page(karim, "contacts:index", kept="merged")


def test_an_area_that_is_switched_off_is_gone_from_the_admin(karim):
    FeatureArea.objects.update_or_create(area=Area.CONTACTS, defaults={"enabled": False})
    for name in ("contacts:index", "contact_notes:index", "contact_counts:index"):
        assert karim.get(reverse(name)).status_code == 404, name


def test_writing_a_diagnosis_opens_none(east, karim):
    contact = east.contacts.grorud
    opened = AuditEvent.objects.filter(action="contact.opened")
    address = reverse("contacts:diagnosis", args=[contact.pk])
    done(karim.post(address, {"diagnosis": "Ny", "version": contact.version}))
    assert not opened.exists()
    assert "Ny" in karim.get(address).content.decode()
    assert opened.count() == 1


def test_nobody_is_looked_for_near_a_contact_who_was_merged(east, karim, register):
    other = register("Aase", "Sørli", phone="+4799001122")
    address = reverse("contacts:mentors_near", args=[other.pk])
    assert karim.get(address).status_code == 200
    merge_contacts(other, into=east.contacts.grorud, by=east.coordinator)
    assert karim.get(address).status_code == 404
