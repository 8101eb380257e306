"""The shared ways to create, change and delete: checked, recorded, in one transaction."""

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone

from domain.audit.entities import HIDDEN, create_entity, delete_entity, update_entity
from domain.audit.guard import UnrecordedWrite, recorded
from domain.audit.models import AuditEvent
from domain.core.errors import InvalidState, NotAllowed, StaleVersion
from domain.core.models import WrongSchemaError
from domain.sales.models import DemoBooking, DemoSlot

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(platform, person):
    return person("owner@meander.example")


@pytest.fixture
def slot(owner) -> DemoSlot:
    return create_entity(new_slot(owner), by=owner)


def new_slot(owner, **values) -> DemoSlot:
    start = timezone.now().replace(microsecond=0) + timezone.timedelta(days=3)
    given = {"starts_at": start, "ends_at": start + timezone.timedelta(hours=1), "host": owner, **values}
    return DemoSlot(**given)


def events() -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(object_type="sales.demoslot").order_by("id"))


def test_creating_writes_the_row_and_what_it_began_with(slot, owner):
    (event,) = events()
    assert (event.action, event.object_id, event.actor_id) == ("demoslot.created", str(slot.pk), owner.pk)
    assert event.changes["host"] == [None, str(owner)]
    assert "created_at" not in event.changes
    assert "version" not in event.changes
    assert (slot.created_by, slot.updated_by, slot.version) == (owner, owner, 1)


def test_what_does_not_fit_leaves_neither_row_nor_event(owner):
    bad = new_slot(owner, ends_at=None)
    with pytest.raises(ValidationError):
        create_entity(bad, by=owner)
    assert events() == []
    assert not DemoSlot.objects.filter(pk=bad.pk).exists()


def test_changing_says_which_fields_changed_from_what_to_what(slot, owner):
    ends = slot.ends_at + timezone.timedelta(minutes=30)
    before = slot.ends_at
    update_entity(slot, by=owner, values={"ends_at": ends}, reason="They asked for more time")
    event = events()[-1]
    assert (event.action, event.reason) == ("demoslot.changed", "They asked for more time")
    assert set(event.changes) == {"ends_at"}
    assert event.changes["ends_at"] == [str(before), str(ends)]
    assert (slot.version, DemoSlot.objects.get().ends_at) == (2, ends)


def test_what_a_form_has_changed_on_the_instance_is_found_as_well(slot, owner):
    slot.ends_at += timezone.timedelta(minutes=30)
    update_entity(slot, by=owner)
    assert set(events()[-1].changes) == {"ends_at"}


def test_without_a_difference_nothing_is_written(slot, owner):
    update_entity(slot, by=owner, values={"ends_at": slot.ends_at})
    assert len(events()) == 1
    assert DemoSlot.objects.get().version == 1


def test_two_who_saw_the_same_version_do_not_overwrite_each_other(slot, owner):
    mine, theirs = DemoSlot.objects.get(), DemoSlot.objects.get()
    update_entity(theirs, by=owner, values={"ends_at": theirs.ends_at + timezone.timedelta(minutes=5)})
    with pytest.raises(StaleVersion):
        update_entity(mine, by=owner, values={"ends_at": mine.ends_at + timezone.timedelta(minutes=9)})
    with pytest.raises(StaleVersion):
        delete_entity(theirs, by=owner, version=1)
    assert len(events()) == 2


def test_a_row_and_its_event_are_both_written_or_neither(slot, owner):
    with pytest.raises(RuntimeError, match="afterwards"), transaction.atomic():
        update_entity(slot, by=owner, values={"ends_at": slot.ends_at + timezone.timedelta(minutes=5)})
        raise RuntimeError("afterwards")
    assert len(events()) == 1
    assert DemoSlot.objects.get().version == 1


def test_hidden_fields_say_only_that_they_changed(slot, owner, monkeypatch):
    monkeypatch.setattr(DemoSlot, "audit_hidden", {"ends_at"}, raising=False)
    update_entity(slot, by=owner, values={"ends_at": slot.ends_at + timezone.timedelta(minutes=5)})
    assert events()[-1].changes == {"ends_at": [HIDDEN, HIDDEN]}


def test_deleting_is_recorded_with_the_name_the_row_had(slot, owner):
    label, pk = str(slot), slot.pk
    delete_entity(slot, by=owner, reason="Ill")
    event = events()[-1]
    assert (event.action, event.object_id, event.object_label) == ("demoslot.deleted", str(pk), label)
    assert not DemoSlot.objects.exists()


def test_what_is_in_use_is_refused_in_words(slot, owner):
    booking = DemoBooking(name="Kari", email="kari@example.org", organization_name="Y", slot=slot)
    booking.consent_at = timezone.now()
    booking.status = "scheduled"
    DemoBooking.objects.bulk_create([booking])
    with pytest.raises(InvalidState):
        delete_entity(slot, by=owner)
    assert DemoSlot.objects.exists()
    assert events()[-1].action == "demoslot.created"


def test_whoever_may_not_is_refused(slot, person):
    mentor = person("mentor@nhf.example")
    with pytest.raises(NotAllowed):
        update_entity(slot, by=mentor, values={"ends_at": None}, permission="sales.change_demoslot")
    with pytest.raises(NotAllowed):
        delete_entity(slot, by=mentor, permission="sales.delete_demoslot")


def test_a_row_of_another_organisation_is_refused(slot, owner):
    connection.set_schema("nhf")
    with pytest.raises(WrongSchemaError):
        update_entity(slot, by=owner, values={"ends_at": None})


def test_people_the_row_is_about_are_in_the_event(slot, owner, monkeypatch):
    monkeypatch.setattr(DemoSlot, "audit_subjects", ("created_by_id",), raising=False)
    update_entity(slot, by=owner, values={"ends_at": slot.ends_at + timezone.timedelta(minutes=5)})
    assert events()[-1].subject_ids == [slot.created_by_id]


def test_a_rule_that_records_nothing_does_nothing(slot, owner):
    def forget(row):
        row.capacity += 1
        row.save()

    with pytest.raises(UnrecordedWrite), transaction.atomic(), recorded(slot):
        forget(slot)
    assert DemoSlot.objects.get(pk=slot.pk).capacity == DemoSlot().capacity
    with pytest.raises(UnrecordedWrite), transaction.atomic(), recorded():
        DemoSlot.objects.create(starts_at=slot.ends_at, ends_at=slot.ends_at + timezone.timedelta(hours=1))
    with pytest.raises(UnrecordedWrite), transaction.atomic(), recorded(slot):
        DemoSlot.objects.filter(pk=slot.pk).delete()
    slot.refresh_from_db()
    with recorded(slot):
        update_entity(slot, by=owner, values={"capacity": slot.capacity})
    with recorded(slot):
        update_entity(slot, by=owner, values={"capacity": slot.capacity + 1})
