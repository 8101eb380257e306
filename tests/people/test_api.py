"""What the app sees of contacts, those close to them, and what is written about them."""

import pytest

from domain.audit.models import AuditEvent
from domain.config.choices import Area
from domain.config.models import FeatureArea
from domain.people.mentoring import assign_mentor
from domain.people.models import ContactNote

pytestmark = pytest.mark.django_db
API = "/api/v1/"
ADMIN, KARIM, SOLVEIG = "admin@nhf.example", "coordinator@nhf.example", "mentor@nhf.example"


@pytest.fixture
def karim(east, api_of):
    return api_of("nhf", KARIM)


@pytest.fixture
def solveig(east, mentor, api_of):
    """Who is assigned to Åse."""
    assign_mentor(east.contacts.grorud, user=mentor, by=None)
    return api_of("nhf", SOLVEIG)


def names(response) -> list[str]:
    assert response.status_code == 200, response.content
    return [row["first_name"] for row in response.json()["results"]]


def made(response) -> dict:
    assert response.status_code == 201, response.content
    return response.json()


def test_everyone_lists_their_own_contacts_by_name(east, karim, solveig, api_of):
    assert set(names(karim.get(f"{API}contacts/"))) == {"Åse", "Per"}
    assert names(solveig.get(f"{API}contacts/")) == ["Åse"]
    assert names(api_of("nhf", ADMIN).get(f"{API}contacts/")) == []
    assert solveig.get(f"{API}contacts/{east.contacts.sinsen.pk}/").status_code == 404
    listed = AuditEvent.objects.filter(action="contact.listed", actor_id=east.coordinator.pk).first()
    assert set(listed.subject_ids) == {east.contacts.grorud.pk, east.contacts.sinsen.pk}


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("status=active", {"Åse"}),
        ("status=new", {"Per"}),
        ("without_mentor=true", {"Per"}),
        ("search=aase", {"Åse"}),
        ("search=sorli", {"Åse"}),
        ("merged=true", set()),
        ("merged=false", {"Åse", "Per"}),
    ],
)
def test_contacts_are_found_by_what_is_known_of_them(karim, solveig, asked, found):
    assert set(names(karim.get(f"{API}contacts/?{asked}"))) == found


def test_a_possible_duplicate_names_its_candidates_and_that_is_on_the_record(east, karim):
    body = {
        "first_name": "Aase",
        "last_name": "Sørli",
        "birth_year": 1961,
        "local_association": str(east.tree.sinsen.pk),
    }
    warned = karim.post(f"{API}contacts/", body, format="json")
    assert warned.status_code == 409
    assert warned.json()["type"] == "/problems/possible-duplicate"
    assert [row["id"] for row in warned.json()["candidates"]] == [str(east.contacts.grorud.pk)]
    assert AuditEvent.objects.get(action="contact.compared").subject_ids == [east.contacts.grorud.pk]
    row = made(karim.post(f"{API}contacts/", {**body, "duplicate_checked": True}, format="json"))
    assert row["status"] == "new"
    assert "diagnosis" not in row


def test_a_mentor_registers_and_keeps_up_a_contact_and_does_not_close_it(east, solveig):
    body = {"first_name": "Kari", "last_name": "Lie", "local_association": str(east.tree.grorud.pk)}
    row = made(solveig.post(f"{API}contacts/", body, format="json"))
    address = f"{API}contacts/{row['id']}/"
    assert solveig.patch(address, {"city": "Oslo"}, format="json").json()["city"] == "Oslo"
    refused = solveig.post(f"{address}close/", {"closed_reason": "moved"}, format="json")
    assert refused.status_code == 403
    shown = solveig.get(f"{address}?expand=allowed_actions,mentors").json()["expanded"]
    assert shown["allowed_actions"] == ["update"]
    assert [(each["first_name"], each["is_primary"]) for each in shown["mentors"]] == [("Solveig", True)]


def test_a_contact_goes_through_its_states(east, karim):
    address = f"{API}contacts/{east.contacts.grorud.pk}/"
    for action, body, status in (
        ("pause", {}, "paused"),
        ("activate", {"reason": "Back"}, "active"),
        ("close", {"closed_reason": "moved"}, "closed"),
        ("reopen", {}, "active"),
    ):
        answer = karim.post(f"{address}{action}/", body, format="json")
        assert (answer.status_code, answer.json()["status"]) == (200, status), answer.content
    assert karim.post(f"{address}close/", {}, format="json").status_code == 400


def test_mentors_are_assigned_and_ended(east, karim, mentor):
    address = f"{API}contacts/{east.contacts.grorud.pk}/"
    assigned = karim.post(f"{address}assign-mentor/", {"user": str(mentor.pk)}, format="json")
    assert (assigned.status_code, assigned.json()["status"]) == (200, "active")
    assert names(karim.get(f"{API}contacts/?mentor={mentor.pk}")) == ["Åse"]
    assert karim.post(f"{address}end-mentor/", {"user": str(mentor.pk)}, format="json").status_code == 200


def test_two_contacts_are_merged_and_parted_again(east, karim):
    address = f"{API}contacts/{east.contacts.sinsen.pk}/"
    merged = karim.post(f"{address}merge/", {"into": str(east.contacts.grorud.pk)}, format="json")
    assert merged.json()["id"] == str(east.contacts.grorud.pk)
    assert karim.get(address).json()["merged_into"] == str(east.contacts.grorud.pk)
    assert karim.post(f"{address}undo-merge/", {}, format="json").json()["merged_into"] is None


def test_counts_name_nobody(east, karim, solveig, api_of):
    told = api_of("nhf", ADMIN).get(f"{API}contacts/counts/")
    # One in each place, of whom nobody is told that there is one.
    lines = [*told.json()["associations"], told.json()["total"]]
    assert {(line["total"], line["is_exact"], line["hidden"][-1]) for line in lines} == {(0, False, "total")}
    assert "Åse" not in told.content.decode()
    assert karim.get(f"{API}contacts/counts/").json()["total"] == {
        "new": 1, "active": 1, "paused": 0, "closed": 0, "total": 2, "is_exact": True, "hidden": [],
    }  # fmt: skip
    assert solveig.get(f"{API}contacts/counts/").status_code == 403


def test_a_diagnosis_is_read_at_its_own_address(east, karim, solveig):
    address = f"{API}contacts/{east.contacts.grorud.pk}/"
    assert karim.patch(address, {"diagnosis": "ME"}, format="json").status_code == 200
    assert "ME" not in karim.get(address).content.decode()
    assert solveig.get(f"{address}diagnosis/").json() == {"diagnosis": "ME"}
    assert AuditEvent.objects.filter(action="contact.opened", object_id=str(east.contacts.grorud.pk)).exists()


def test_notes_are_listed_without_their_words_and_opened_one_at_a_time(east, karim, solveig):
    body = {"contact": str(east.contacts.grorud.pk), "kind": "follow_up", "body": "Ring på fredag"}
    row = made(solveig.post(f"{API}contact-notes/", {**body, "follow_up_on": "2026-12-01"}, format="json"))
    listed = karim.get(f"{API}contact-notes/?open=true")
    assert [each["id"] for each in listed.json()["results"]] == [row["id"]]
    assert "Ring" not in listed.content.decode()
    address = f"{API}contact-notes/{row['id']}/"
    detail = karim.get(address)
    assert detail.json()["body"] == "Ring på fredag"
    opened = AuditEvent.objects.filter(action="contact-note.opened")
    assert opened.count() == 1
    assert karim.get(address, HTTP_IF_NONE_MATCH=detail["ETag"]).status_code == 304
    assert opened.count() == 1
    assert karim.patch(address, {"body": "x"}, format="json").status_code == 403
    assert karim.post(f"{address}follow-up/", {}, format="json").json()["followed_up_at"]


def test_a_private_note_is_not_there_for_others(east, karim, solveig):
    body = {"contact": str(east.contacts.grorud.pk), "visibility": "private", "body": "Mitt"}
    row = made(solveig.post(f"{API}contact-notes/", body, format="json"))
    assert karim.get(f"{API}contact-notes/{row['id']}/").status_code == 404
    assert karim.get(f"{API}contact-notes/").json()["results"] == []


def test_ones_own_notes_are_ones_own(karim, solveig):
    row = made(solveig.post(f"{API}notes/", {"title": "Husk", "body": "Kort"}, format="json"))
    assert solveig.get(f"{API}notes/{row['id']}/").json()["body"] == "Kort"
    assert karim.get(f"{API}notes/{row['id']}/").status_code == 404
    assert solveig.delete(f"{API}notes/{row['id']}/").status_code == 204


def test_relatives_are_registered_linked_and_let_go(east, karim, solveig):
    contact = str(east.contacts.grorud.pk)
    caregiver = {"contact": contact, "first_name": "Ola", "relation": "partner", "phone": "22 33 44 66"}
    assert made(solveig.post(f"{API}caregivers/", caregiver, format="json"))["phone"] == "+4722334466"
    relative = made(solveig.post(f"{API}registered-relatives/", {"first_name": "Eli"}, format="json"))
    assert karim.get(f"{API}registered-relatives/{relative['id']}/").status_code == 404
    link = {"contact": contact, "relative": relative["id"], "relation": "parent"}
    row = made(solveig.post(f"{API}contact-relatives/", link, format="json"))
    assert names(karim.get(f"{API}registered-relatives/?contact={contact}")) == ["Eli"]
    shown = karim.get(f"{API}contacts/{contact}/?expand=relatives").json()["expanded"]["relatives"]
    assert [(each["first_name"], each["relation"]) for each in shown] == [("Eli", "parent")]
    told = AuditEvent.objects.filter(action="relative.listed", subject_ids__contains=[relative["id"]])
    assert told.exists()
    address = f"{API}contact-relatives/{row['id']}/remove/"
    assert karim.post(address, {}, format="json").json()["type"] == "/problems/invalid-state"
    assert karim.post(address, {"erase_relative": False}, format="json").status_code == 204


@pytest.mark.parametrize("area", [Area.CONTACTS, Area.NOTES])
def test_an_area_that_is_switched_off_answers_that_it_is(karim, area):
    FeatureArea.objects.update_or_create(area=area, defaults={"enabled": False})
    paths = ["notes/"] if area == Area.NOTES else ["contacts/", "contacts/counts/", "contact-notes/"]
    for path in paths:
        answer = karim.get(f"{API}{path}")
        assert (answer.status_code, answer.json()["type"]) == (404, "/problems/feature-disabled"), path
    assert not ContactNote.objects.exists()
