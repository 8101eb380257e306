"""Who is near a contact: by distance, whether they can be asked, and what they have to do already."""

from decimal import Decimal

import pytest
from django.urls import reverse

from domain.access.members import register_person
from domain.access.queries import scope_for
from domain.assignments.matching import mentors_near, origin_of
from domain.associations.locations import protect_location, set_location
from domain.associations.models import MunicipalityPosition
from domain.audit.entities import create_entity
from domain.audit.models import AuditEvent
from domain.certification.pausing import take_break
from domain.certification.queries import today_here
from tests.support.queries import statements

from .conftest import COORDINATOR, MENTOR

NEAR_OSLO = {"latitude": Decimal("59.95"), "longitude": Decimal("10.8"), "precision": "postcode"}


@pytest.fixture
def oslo(contact):
    contact.municipality = "0301"
    contact.save()
    row = MunicipalityPosition(number="0301", name="Oslo", latitude="59.91", longitude="10.75")
    return create_entity(row, by=None)


@pytest.fixture
def placed(solveig, certify, kind):
    certify(solveig, kind, on=today_here())
    set_location(by=solveig, **NEAR_OSLO)
    return solveig


def found(karim, oslo):
    return mentors_near(scope_for(karim), oslo, km=50)


def another(tree, number: int):
    person = register_person(
        first_name="Ada",
        last_name=f"Nr. {number}",
        role="peer_mentor",
        local_association=tree.grorud,
        by=None,
    ).user
    point = {"latitude": Decimal("59.9") - number, "longitude": Decimal("10.7")}
    set_location(user=person, by=None, consent="spoken", precision="exact", **point)


def test_a_mentor_stands_with_distance_certificate_and_load(placed, karim, oslo, bring, contact):
    bring("sent")
    (match,) = found(karim, oslo)
    assert (match.user, match.standing.is_allowed, match.open_assignments) == (placed, True, 1)
    assert match.certified_until > today_here()
    assert match.distance == "less than 10 km"
    assert origin_of(contact) == oslo


def test_who_cannot_be_asked_stands_with_the_reason(placed, karim, oslo):
    take_break(by=placed)
    (match,) = found(karim, oslo)
    assert not match.standing.is_allowed
    assert match.standing.words


def test_nobody_is_found_whose_address_is_protected(placed, karim, oslo):
    protect_location(by=placed)
    assert found(karim, oslo) == []


def test_one_statement_finds_them_however_many_they_are(placed, karim, oslo, tree):
    scope = scope_for(karim)
    with statements() as of_one:
        assert len(mentors_near(scope, oslo)) == 1
    for number in range(3):
        another(tree, number)
    with statements() as of_more:
        matches = mentors_near(scope, oslo, km=300)
    assert [round(match.km, -2) for match in matches] == [0, 0, 100, 200]
    assert len(of_more) == len(of_one)
    assert sum("asin" in statement.lower() for statement in of_more) == 1


def test_the_api_gives_them_to_who_sees_the_contact_and_records_it(placed, oslo, contact, api_of):
    path = f"/api/v1/contacts/{contact.pk}/mentors-near/"
    answer = api_of("nhf", COORDINATOR).get(path, {"within": 50})
    assert answer.status_code == 200
    (row,) = answer.json()["results"]
    assert (row["user"], row["is_available"], row["distance"]) == (str(placed.pk), True, "mindre enn 10 km")
    assert answer.json()["origin"]["name"] == "Oslo"
    event = AuditEvent.objects.filter(action="mentor-location.listed").latest("at")
    assert placed.pk in event.subject_ids
    assert api_of("nhf", MENTOR).get(path).status_code == 404


def test_mentors_set_and_withdraw_their_own_over_the_api(solveig, api_of):
    client = api_of("nhf", MENTOR)
    body = {"latitude": "59.913868", "longitude": "10.752245", "precision": "municipality"}
    made = client.post("/api/v1/mentor-locations/", body, format="json")
    assert made.status_code == 201
    assert (made.json()["latitude"], made.json()["longitude"]) == ("60.0000", "10.8000")
    address = f"/api/v1/mentor-locations/{made.json()['id']}/"
    assert client.delete(address).status_code == 204
    protected = client.post("/api/v1/mentor-locations/", {"is_protected": True}, format="json")
    assert protected.json()["latitude"] is None
    assert api_of("nhf", COORDINATOR).get("/api/v1/mentor-locations/").json()["results"] == []


def test_the_pages_lead_to_whoever_is_near_and_load_nothing_from_elsewhere(
    placed, oslo, contact, browser_of, settings
):
    client = browser_of("nhf", COORDINATOR)
    near = reverse("contacts:mentors_near", args=[contact.pk])
    dispatch = f"{reverse('assignments:dispatch')}?contact={contact.pk}&role_context=mentor"
    for page in (reverse("contacts:inspect", args=[contact.pk]), dispatch):
        assert near in client.get(page).content.decode()
    answer = client.get(near, {"within": 25, "available": "on", "order": "free"})
    assert str(placed) in answer.content.decode()
    assert "img-src 'self' data:" in answer["Content-Security-Policy"]
    assert "http" not in answer["Content-Security-Policy"]
    settings.MAP_TILES_URL = "https://{s}.tiles.example/{z}/{x}/{y}.png"
    page = client.get(reverse("mentor_locations:index"))
    assert "img-src 'self' data: https://*.tiles.example" in page["Content-Security-Policy"]
    assert str(placed) in page.content.decode()
    assert client.get(near, {"within": "x", "municipality": "y", "p": "-1"}).status_code == 200


def test_a_coordinator_notes_what_a_mentor_agreed_to(solveig, karim, oslo, browser_of):
    client = browser_of("nhf", COORDINATOR)
    note = reverse("mentor_locations:note")
    form = {"user": str(solveig.pk), "precision": "municipality", "municipality": str(oslo.pk)}
    assert "consent" in client.post(note, form).context["form"].errors
    page = client.post(note, form | {"consent": "spoken"}, follow=True)
    row = solveig.mentor_location
    assert (row.source, row.consent, row.latitude) == ("municipality", "spoken", Decimal("60.0000"))
    assert page.status_code == 200
    client.post(note, {"user": str(solveig.pk), "is_protected": "on"})
    row.refresh_from_db()
    assert row.is_protected
    assert (
        str(solveig)
        not in client.get(reverse("mentor_locations:index"), {"export": "csv"}).getvalue().decode()
    )
