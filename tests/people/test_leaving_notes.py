"""One's own notes about contacts when one leaves: chosen for by their author, counted for others."""

import pytest
from django.core import mail
from django.urls import reverse

from domain.access.queries import scope_for
from domain.audit.models import AuditEvent
from domain.core.errors import InvalidState, NotAllowed
from domain.encryption.reading import read_sealed
from domain.identity.models import Membership
from domain.people.handing_out import ask_for_copy
from domain.people.handing_over import ask_to_choose, hand_over_note, keep_note
from domain.people.mentoring import assign_mentor, end_mentor
from domain.people.models import ContactNote, Note
from domain.people.notes import change_own_note, write_own_note
from tests.support.jobs import work_off

pytestmark = pytest.mark.django_db


@pytest.fixture
def linked(east, mentor):
    """Solveig's note about Åse, whom she doesn't follow up any more; and one about nobody."""
    assign_mentor(east.contacts.grorud, user=mentor, by=None)
    row = write_own_note(
        by=mentor, title="Etter besøket", body="Søsteren ringer.", contact=east.contacts.grorud
    )
    write_own_note(by=mentor, title="Handleliste", body="Melk.")
    end_mentor(east.contacts.grorud, user=mentor, by=None)
    return row


def test_handed_over_it_is_a_note_of_the_team_which_the_coordinator_reads(east, mentor, linked):
    made = hand_over_note(linked, by=mentor)
    body = read_sealed(made, "body", by=east.coordinator, scope=scope_for(east.coordinator))
    assert body == "Etter besøket\n\nSøsteren ringer."
    assert (made.author_id, made.visibility) == (mentor.pk, "team")
    assert list(Note.objects.filter(author=mentor).values_list("title", flat=True)) == ["Handleliste"]
    told = AuditEvent.objects.filter(action__in=["contact-note.handed-over", "note.deleted"])
    assert "Søsteren" not in str([event.changes for event in told])
    assert told.count() == 2


def test_kept_private_it_is_undecided_no_more_until_it_is_about_somebody_else(east, mentor, linked):
    assert Note.objects.filter(author=mentor).undecided().count() == 1
    keep_note(linked, by=mentor)
    assert not Note.objects.filter(author=mentor).undecided().exists()
    assign_mentor(east.contacts.sinsen, user=mentor, by=None)
    change_own_note(linked, changes={"contact": east.contacts.sinsen}, by=mentor)
    assert Note.objects.filter(author=mentor).undecided().count() == 1


@pytest.mark.parametrize("choose", [hand_over_note, keep_note])
def test_its_author_alone_chooses_and_only_of_one_that_is_about_somebody(east, mentor, linked, choose):
    with pytest.raises(NotAllowed):
        choose(linked, by=east.coordinator)
    with pytest.raises(InvalidState):
        choose(Note.objects.get(title="Handleliste"), by=mentor)


def test_one_that_is_asked_for_is_answered_first(east, mentor, linked):
    ask_for_copy(east.contacts.grorud, by=None)
    with pytest.raises(InvalidState) as refused:
        hand_over_note(linked, by=mentor)
    assert refused.value.code == "asked-for"


def test_whoever_ends_the_membership_reads_how_many_and_asks_first(mentor, linked, browser_of):
    browser = browser_of("nhf", "admin@nhf.example")
    membership = Membership.objects.here().get(user=mentor)
    for name in ("leave", "ask_about_notes"):
        page = browser.get(reverse(f"members:{name}", args=[membership.pk])).content.decode()
        assert "1 eget notat" in page, name
        assert "Etter besøket" not in page
    address = reverse("members:ask_about_notes", args=[membership.pk])
    browser.post(address, {"version": str(membership.version)})
    work_off()
    assert [message.to for message in mail.outbox] == [[mentor.email]]
    assert "Åse" not in mail.outbox[0].body
    keep_note(linked, by=mentor)
    with pytest.raises(InvalidState):
        ask_to_choose(mentor, by=None)


def test_by_the_api_the_author_finds_what_is_undecided_and_chooses(mentor, linked, api_of):
    api = api_of("nhf", mentor.email)
    (row,) = api.get("/api/v1/notes/?undecided=true").json()["results"]
    assert row["id"] == str(linked.pk)
    kept = api.post(f"/api/v1/notes/{linked.pk}/keep/")
    assert kept.json()["kept_at"]
    assert api.post(f"/api/v1/notes/{linked.pk}/hand-over/").status_code == 204
    assert ContactNote.objects.filter(author=mentor, visibility="team").count() == 1
    assert api.get(f"/api/v1/notes/{linked.pk}/").status_code == 404
