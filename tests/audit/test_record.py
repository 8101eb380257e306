"""What is written when something happens, and what stays out of the hash."""

from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction

from domain.audit import payload
from domain.audit.context import acting, bind, network_of
from domain.audit.models import AuditDetail, AuditEvent
from domain.audit.rules import record, record_read
from domain.identity.models import User
from tenants.db import connection

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(nhf, person) -> User:
    return person("admin@nhf.example")


def commitment_of(detail: AuditDetail) -> bytes:
    texts = {name: getattr(detail, name) for name in payload.TEXT_PARTS}
    parts = payload.parts_of(texts, detail.changes)
    return payload.commitment(
        {name: payload.part_hash(detail.salts[name], name, value) for name, value in parts.items()}
    )


def test_an_event_says_who_did_what_to_what_and_why(admin):
    written = record("faq.published", admin, by=admin, changes={"title": ("Old", "New")}, reason="Reviewed")
    event = AuditEvent.objects.get(pk=written.pk)
    assert (event.action, event.object_type, event.object_id) == (
        "faq.published",
        "identity.user",
        str(admin.pk),
    )
    assert event.actor_id == admin.pk
    assert (event.actor_label, event.object_label, event.reason) == (str(admin), str(admin), "Reviewed")
    assert event.changes == {"title": ["Old", "New"]} == written.changes


def test_what_tells_about_people_is_outside_the_event_and_bound_to_it_by_its_commitment(admin):
    event = record("faq.published", admin, by=admin, changes={"name": (None, "Kari")}, reason="Asked")
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(e)::text FROM audit_auditevent e WHERE id = %s", [event.pk])
        row = cursor.fetchone()[0]
    assert str(admin) not in row
    assert "Kari" not in row
    assert "Asked" not in row
    assert commitment_of(AuditDetail.objects.get(pk=event.pk)) == event.commitment


def test_the_same_words_have_another_commitment_each_time(admin):
    first, second = (record("faq.published", admin, by=admin, reason="Same") for _ in range(2))
    assert first.commitment != second.commitment


@pytest.mark.parametrize(
    "value", ["æ\x00ø", 0.1, 1e300, -5, 2**70, True, None, ["a", 0.5], {"b": 1, "a": {2}}, "\ud800", "𝄞"]
)
def test_any_value_comes_back_from_the_database_as_it_was_hashed(admin, value):
    event = record("faq.published", admin, by=admin, changes={"value": (value, None)})
    assert commitment_of(AuditDetail.objects.get(pk=event.pk)) == event.commitment


def test_events_carry_what_the_request_knows(admin):
    session, grant = uuid4(), uuid4()
    with acting(session_id=session, network="192.0.2.0/24"):
        bind(grant_id=grant, on_behalf_of=admin)
        event = AuditEvent.objects.select_related("detail").get(pk=record("faq.published", admin, by=None).pk)
    after = record("faq.published", admin, by=None)
    assert (event.session_id, event.grant_id, event.on_behalf_of_id) == (session, grant, admin.pk)
    assert (event.detail.network, event.on_behalf_of_label) == ("192.0.2.0/24", str(admin))
    assert (after.session_id, after.grant_id, after.on_behalf_of_id) == (None, None, None)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2::9", "2001:db8:1::/48"),
        ("::ffff:192.0.2.77", "192.0.2.0/24"),
        ("not an address", ""),
        ("", ""),
    ],
)
def test_of_an_address_only_the_network_is_kept(address, network):
    assert network_of(address) == network


def test_a_request_of_the_api_leaves_its_session_and_network(api_of):
    client = api_of("nhf", "admin@nhf.example")
    assert client.post("/api/v1/auth/logout/", REMOTE_ADDR="198.51.100.7").status_code == 204
    connection.set_schema("nhf")
    event = AuditEvent.objects.select_related("detail").get(action="session.ended")
    assert event.detail.network == "198.51.100.0/24"
    assert str(event.session_id) == event.object_id


def test_reading_about_people_is_recorded_with_whom_it_was_about(admin, person):
    mentor = person("mentor@nhf.example")
    event = record_read(mentor, by=admin, subject_ids=[mentor.pk])
    assert (event.action, event.subject_ids) == ("user.read", [mentor.pk])


def test_a_page_of_a_list_is_one_event_about_everyone_on_it(admin, person):
    people = [person("mentor@nhf.example"), person("coordinator@nhf.example")]
    event = record_read(people, by=admin, verb="listed")
    assert (event.action, event.object_id) == ("user.listed", "")
    assert set(event.subject_ids) == {p.pk for p in people}
    assert record_read([], by=admin) is None


def test_the_public_schema_has_no_record(db):
    connection.set_schema_to_public()
    with pytest.raises(RuntimeError, match="none is selected"):
        record("faq.published", User(), by=None)


@pytest.mark.parametrize("statement", ["UPDATE {} SET action = 'x'", "DELETE FROM {}", "TRUNCATE {}"])
def test_events_are_never_changed_or_removed(admin, statement):
    record("faq.published", admin, by=admin)
    with (
        pytest.raises(DatabaseError, match="kept for ever"),
        transaction.atomic(),
        connection.as_owner(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.format("audit_auditevent"))


@pytest.mark.parametrize(
    "table", ["audit_auditseal", "audit_auditnode", "audit_audithead", "audit_auditdetail"]
)
def test_the_organisation_itself_may_not_touch_seals_heads_and_details(admin, table):
    with (
        pytest.raises(DatabaseError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"DELETE FROM {table}")
