"""One contact shown to one more person for a time: what it opens, everywhere alike, and when it ends."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from domain.access.memberships import end_membership
from domain.access.queries import scope_for
from domain.access.sharing import drop_ended_shares
from domain.associations.memberships import join_association
from domain.audit.models import AuditEvent
from domain.core.errors import InvalidInput, InvalidState, NotAllowed
from domain.encryption.reading import read_sealed
from domain.identity.models import Membership
from domain.people.models import Contact, ContactNote, ContactShare
from domain.people.notes import add_note
from domain.people.rules import change_contact
from domain.people.sharing import end_contact_share, share_contact

pytestmark = pytest.mark.django_db


def today(days: int = 0):
    return timezone.localdate() + timedelta(days=days)


@pytest.fixture
def share(east, mentor):
    def make(contact=None, **values):
        values = {"user": mentor, "until": today(7), "reason": "Ferievikar", "by": east.coordinator, **values}
        return share_contact(contact or east.contacts.grorud, **values)

    return make


def test_the_person_sees_that_one_contact_until_the_day_and_changes_nothing(east, mentor, sees, share):
    assert sees(mentor) == set()
    row = share()
    assert sees(mentor) == {"Åse"}
    with pytest.raises(NotAllowed):
        change_contact(east.contacts.grorud, changes={"city": "Oslo"}, by=mentor)
    ContactShare.objects.filter(pk=row.pk).update(valid_from=today(-9), valid_to=today(-1))
    assert sees(mentor) == set()
    assert drop_ended_shares() == 1


def test_what_is_written_about_health_is_shared_only_where_somebody_said_so(east, mentor, share):
    note = add_note(
        contact=east.contacts.grorud, author=east.coordinator, by=east.coordinator, body="Trives."
    )
    share()
    with pytest.raises(NotAllowed):
        read_sealed(note, "body", by=mentor, scope=scope_for(mentor))
    assert not ContactNote.objects.visible_to(scope_for(mentor)).exists()
    share(with_health=True)
    assert read_sealed(note, "body", by=mentor, scope=scope_for(mentor)) == "Trives."
    assert ContactShare.objects.count() == 1


def test_by_the_api_list_detail_search_and_diagnosis_agree(east, mentor, share, api_of):
    api, contact = api_of("nhf", mentor.email), east.contacts.grorud
    address = f"/api/v1/contacts/{contact.pk}/"
    assert api.get(address).status_code == 404
    by = api_of("nhf", east.coordinator.email)
    given = {"user": str(mentor.pk), "until": str(today(3)), "reason": "Ferie"}
    assert by.post(f"{address}share/", given, format="json").status_code == 200
    found = api.get(address)
    assert (found.status_code, found.json()["diagnosis_category"]) == (200, None)
    assert [row["id"] for row in api.get("/api/v1/contacts/").json()["results"]] == [str(contact.pk)]
    assert len(api.get("/api/v1/contacts/?search=sørli").json()["results"]) == 1
    assert api.get(f"{address}diagnosis/").status_code == 403
    (row,) = api.get("/api/v1/contact-shares/").json()["results"]
    assert (row["content_object"], row["with_health"]) == (str(contact.pk), False)
    assert api.post(f"/api/v1/contact-shares/{row['id']}/end/").status_code in (200, 204)
    assert api.get(address).status_code == 404


def test_in_the_admin_who_sees_no_contacts_opens_the_list_with_the_one_that_is_shared(
    east, person, share, browser_of
):
    anna = person("admin@nhf.example")
    browser = browser_of("nhf", anna.email)
    index = reverse("contacts:index")
    assert browser.get(index).status_code == 302
    share(user=anna)
    page = browser.get(index).content.decode()
    assert "Åse" in page
    assert "Per Østby" not in page
    assert browser.get(reverse("contacts:inspect", args=[east.contacts.grorud.pk])).status_code == 200
    assert browser.get(reverse("contacts:inspect", args=[east.contacts.sinsen.pk])).status_code == 404


def test_the_page_of_the_contact_shares_and_ends(east, mentor, browser_of):
    browser, contact = browser_of("nhf", east.coordinator.email), east.contacts.grorud
    join_association(user=mentor, association=east.tree.grorud, by=None)
    given = {
        "user": str(mentor.pk),
        "until": str(today(2)),
        "reason": "Vikar",
        "version": str(Contact.objects.get(pk=contact.pk).version),
    }
    address = reverse("contacts:share", args=[contact.pk])
    assert browser.get(address).status_code == 200
    browser.post(address, given)
    share = ContactShare.objects.get(user=mentor)
    page = browser.get(reverse("contacts:inspect", args=[contact.pk])).content.decode()
    end = reverse("contact_shares:end", args=[share.pk])
    assert end in page
    browser.post(end, {"version": str(share.version)})
    assert not ContactShare.objects.exists()


def test_only_who_may_change_contacts_there_shares_and_never_with_themselves(east, mentor, person, share):
    with pytest.raises(NotAllowed):
        share(by=person("admin@nhf.example"))
    with pytest.raises(NotAllowed):
        share(east.contacts.bergen)
    with pytest.raises(InvalidInput):
        share(user=east.coordinator)
    for wrong in ({"until": today(-1)}, {"until": today(400)}, {"reason": " "}):
        with pytest.raises(InvalidInput):
            share(**wrong)


def test_it_ends_at_once_by_who_may_share_or_by_who_has_it(east, mentor, person, share):
    row = share()
    with pytest.raises(NotAllowed):
        end_contact_share(row, by=person("admin@nhf.example"))
    end_contact_share(row, by=mentor)
    with pytest.raises(InvalidState):
        end_contact_share(row, by=east.coordinator)


def test_the_record_names_the_contact_by_its_id_and_tells_both(east, mentor, share):
    end_contact_share(share(), by=east.coordinator)
    for action in ("contact-share.created", "contact-share.ended"):
        event = AuditEvent.objects.get(action=action)
        assert set(event.subject_ids) == {east.contacts.grorud.pk, mentor.pk}
        assert event.object_label == str(east.contacts.grorud.pk)


def test_it_ends_with_the_membership(east, mentor, share):
    share()
    end_membership(Membership.objects.here().get(user=mentor), by=None, reason="Flyttet")
    assert not ContactShare.objects.exists()
    event = AuditEvent.objects.get(action="contact-share.ended")
    assert "Åse" not in event.object_label
