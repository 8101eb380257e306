"""/api/v1/audit-events/: read only, for whoever may read the record."""

import pytest

from domain.audit import verify_audit
from domain.audit.models import AuditEvent
from domain.audit.rules import record, record_read
from tenants.db import connection
from tests.audit.sealed import seal_alone

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/audit-events/"


@pytest.fixture
def admin(nhf, person):
    return person("admin@nhf.example")


@pytest.fixture
def mentor(nhf, person):
    return person("mentor@nhf.example")


def listed(api_of, **query) -> list[dict]:
    answer = api_of("nhf", "admin@nhf.example").get(
        ADDRESS, {"ordering": "-at", **query}, HTTP_ACCEPT_LANGUAGE="en"
    )
    assert answer.status_code == 200, answer.content
    connection.set_schema("nhf")
    return answer.json()["results"]


def test_events_say_what_happened_in_words_and_in_data(api_of, admin, mentor):
    record(
        "membership.suspended",
        mentor,
        by=admin,
        changes={"status": ("active", "suspended")},
        reason="Left us",
        subject_ids=[mentor.pk],
    )
    event = listed(api_of, kind="changes")[0]
    assert event["summary"] == f"{admin} suspended the membership of “{mentor}”"
    assert event["changes"] == {"status": ["active", "suspended"]}
    assert (event["actor_id"], event["object_id"]) == (str(admin.pk), str(mentor.pk))
    assert (event["subject_ids"], event["reason"], event["seq"]) == ([str(mentor.pk)], "Left us", None)


def test_who_has_read_about_a_person_can_be_asked(api_of, admin, mentor):
    record_read(mentor, by=admin)
    record_read(admin, by=mentor)
    record("membership.suspended", mentor, by=admin, subject_ids=[mentor.pk])
    found = listed(api_of, about=str(mentor.pk), kind="reads")
    assert [event["action"] for event in found] == ["user.read"]
    assert found[0]["actor_label"] == str(admin)


def test_asking_what_the_record_says_of_somebody_is_recorded(api_of, admin, mentor, person):
    with connection.as_owner():
        stranger = person("admin@blindeforbundet.example")
    listed(api_of, about=str(mentor.pk))
    listed(api_of, actor=str(mentor.pk))
    listed(api_of, about=str(admin.pk))
    listed(api_of, about=str(stranger.pk))
    asked = AuditEvent.objects.filter(action="audit-event.read")
    assert [(event.actor_id, event.subject_ids) for event in asked] == [(admin.pk, [mentor.pk])] * 2


def test_the_proof_of_an_event_is_had_once_it_is_sealed(api_of, nhf, admin, mentor, tmp_path):
    event = record("membership.suspended", mentor, by=admin, reason="Left us")
    client, address = api_of("nhf", "admin@nhf.example"), f"{ADDRESS}{event.pk}/proof/"
    answer = client.get(address)
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/invalid-state")
    connection.set_schema("nhf")
    seal_alone(nhf, event)
    answer = client.get(address)
    assert (answer.status_code, answer.json()["seq"], answer.json()["event"]["id"]) == (200, 0, str(event.pk))
    file = tmp_path / "proof.json"
    file.write_bytes(answer.content)
    assert verify_audit.main([str(file)]) == 0
    assert api_of("nhf", "mentor@nhf.example").get(address).status_code == 404
    connection.set_schema("nhf")
    assert AuditEvent.objects.filter(action="event-proof.exported", actor_id=admin.pk).count() == 1


def test_one_event_can_be_fetched_and_none_written(api_of, admin, mentor):
    event = record("membership.suspended", mentor, by=admin)
    client = api_of("nhf", "admin@nhf.example")
    answer = client.get(f"{ADDRESS}{event.pk}/")
    assert answer.status_code == 200
    assert answer.json()["id"] == str(event.pk)
    assert client.post(ADDRESS, {}).status_code == 405
    assert client.delete(f"{ADDRESS}{event.pk}/").status_code == 405
    assert client.patch(f"{ADDRESS}{event.pk}/", {}).status_code == 405


@pytest.mark.parametrize("email", ["coordinator@nhf.example", "mentor@nhf.example"])
def test_others_find_nothing(api_of, admin, mentor, email):
    event = record("membership.suspended", mentor, by=admin)
    client = api_of("nhf", email)
    assert client.get(ADDRESS).json()["results"] == []
    assert client.get(f"{ADDRESS}{event.pk}/").status_code == 404
