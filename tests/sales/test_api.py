"""The sales website books a demo through the API."""

from datetime import timedelta

import pytest
from django.utils import timezone

from domain.sales.models import DemoBooking, DemoSlot

pytestmark = pytest.mark.django_db
FORM = {
    "name": "Liv Dahl",
    "email": "liv@forening.example",
    "organization_name": "Foreningen",
    "consent": True,
}


@pytest.fixture
def slot(platform):
    start = timezone.now() + timedelta(days=1)
    return DemoSlot.objects.create(starts_at=start, ends_at=start + timedelta(minutes=30))


@pytest.fixture
def website(api_of, platform):
    return api_of("platform")


def test_a_visitor_sees_free_times_and_books_one(website, slot):
    (free,) = website.get("/api/v1/demo-slots/").json()["results"]
    assert set(free) == {"id", "starts_at", "ends_at"}
    answer = website.post("/api/v1/demo-bookings/", {**FORM, "wished_slots": [free["id"]], "language": "nn"})
    assert (answer.status_code, answer.json()) == (201, {"status": "received"})
    booking = DemoBooking.objects.get()
    assert (booking.language, list(booking.wished_slots.all())) == ("nn", [slot])


def test_the_language_of_the_page_is_the_language_of_the_mail(website):
    website.post("/api/v1/demo-bookings/", FORM, headers={"accept-language": "en"})
    assert DemoBooking.objects.get().language == "en"


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"name": ""}, "#/name"),
        ({"email": "liv at forening"}, "#/email"),
        ({"consent": False}, "#/consent"),
        ({"size": "huge"}, "#/size"),
        ({"phone": "ring meg"}, "#/phone"),
        ({"message": "x" * 4001}, "#/message"),
        ({"wished_slots": ["not-an-id"]}, "#/wished_slots/0"),
        ({"wished_slots": ["018f0000-0000-7000-8000-000000000000"]}, "#/wished_slots"),
    ],
)
def test_bad_input_is_pointed_at_and_nothing_is_stored(website, change, pointer):
    answer = website.post("/api/v1/demo-bookings/", {**FORM, **change}, headers={"accept-language": "nb"})
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert not DemoBooking.objects.exists()


def test_a_robot_that_fills_in_the_trap_gets_the_same_answer_and_nothing_is_kept(website):
    answer = website.post("/api/v1/demo-bookings/", {**FORM, "website": "https://spam.example"})
    assert (answer.status_code, answer.json()) == (201, {"status": "received"})
    assert not DemoBooking.objects.exists()


def test_one_address_cannot_be_flooded_with_confirmations(website):
    answers = [website.post("/api/v1/demo-bookings/", FORM) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [201, 201, 201, 429]
    assert int(answers[-1]["Retry-After"]) > 0
    assert DemoBooking.objects.count() == 3


def test_an_organisations_host_has_no_demo_bookings(api_of, nhf):
    client = api_of("nhf")
    for answer in (client.get("/api/v1/demo-slots/"), client.post("/api/v1/demo-bookings/", FORM)):
        assert answer.status_code == 404
        assert answer.json()["type"] == "/problems/feature-disabled"
