"""No committed change is missed, whatever is under way meanwhile; what a call costs. In a database of its
own, where transactions overlap."""

import itertools
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django_tenants.utils import schema_context
from rest_framework.test import APIClient

from api.sync import pull
from domain.access.models import RoleAssignment
from domain.access.rules import assign_role
from domain.identity.models import User
from domain.identity.sessions import open_session
from domain.people.models import Contact
from domain.people.rules import change_contact, create_contact
from domain.sync import cleaning
from domain.sync.cleaning import forget_old_changes
from domain.sync.devices import end_device
from domain.sync.models import SyncDevice, SyncTableChange, SyncView
from tenants.dumps import write_dump
from tenants.models import Organization
from tenants.restore import restore_organization
from tests.support.rows import make_tree

from .conftest import Phone

WRITERS, CONTACTS = 4, 6


@pytest.fixture
def site(own_database):
    """The small tree, and the phone of the coordinator of Øst."""
    with schema_context("nhf"):
        tree = make_tree()
        person = User.objects.get(email="coordinator@nhf.example")
        RoleAssignment.objects.filter(user=person).delete()
        assign_role(person, "coordinator", local_association=tree.east, by=None)
        tokens = open_session(person, Organization.objects.get(schema_name="nhf"))
        client = APIClient(HTTP_HOST="nhf.localhost")
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {tokens.access_token}")
        yield tree, Phone(client)


@contextmanager
def in_nhf():
    try:
        with schema_context("nhf"):
            yield
    finally:
        connection.close()


def test_writers_that_commit_late_and_out_of_order_lose_nothing(site):
    tree, phone = site
    phone.pull()

    def write(number: int) -> None:
        with in_nhf():
            for turn in range(CONTACTS):
                with transaction.atomic():
                    contact = create_contact(
                        first_name=f"N{number}-{turn}",
                        last_name="Ny",
                        local_association=tree.grorud,
                        by=None,
                        duplicate_checked=True,
                    )
                    # Whoever began later has ended by now, and has been fetched.
                    time.sleep(0.02 * (number + 1))
                with transaction.atomic():
                    change_contact(contact, changes={"city": f"By {turn}"}, by=None)
                    time.sleep(0.01)

    with ThreadPoolExecutor(WRITERS) as pool:
        writing = [pool.submit(write, number) for number in range(WRITERS)]
        brought = 0
        while not all(each.done() for each in writing):
            brought += len(phone.pull())
        for each in writing:
            each.result()
    phone.pull()
    expected = {str(row.pk): (row.version, row.city) for row in Contact.objects.filter(last_name="Ny")}
    held = {key: (row["version"], row["city"]) for key, row in phone.held("contacts").items()}
    assert len(expected) == WRITERS * CONTACTS
    assert held == expected
    # Each state at most once: what was seen above the horizon isn't sent again.
    assert brought <= 2 * WRITERS * CONTACTS


def test_a_writer_that_stalls_holds_nobody_up(site):
    tree, phone = site
    values = {"last_name": "Ny", "local_association": tree.grorud, "by": None, "duplicate_checked": True}
    quick, slow = (create_contact(first_name=name, **values) for name in ("Rask", "Treg"))
    phone.pull()

    def stall(seconds: float) -> None:
        with in_nhf(), transaction.atomic():
            change_contact(slow, changes={"city": "Moss"}, by=None)
            time.sleep(seconds)

    with ThreadPoolExecutor(1) as pool:
        stalled = pool.submit(stall, 1)
        time.sleep(0.2)
        change_contact(quick, changes={"city": "Oslo"}, by=None)
        assert phone.pull() == [("contacts", "upsert")]
        assert phone.held("contacts")[str(quick.pk)]["city"] == "Oslo"
        # It is looked at again for as long as the other is open, and sent no more.
        assert phone.pull() == []
        assert not stalled.done()
        stalled.result()
    assert phone.pull() == [("contacts", "upsert")]
    assert phone.held("contacts")[str(slow.pk)]["city"] == "Moss"


def test_a_call_with_nothing_new_asks_two_questions(site):
    _tree, phone = site
    phone.pull()

    def questions() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert phone.ask().status_code == 204
        return len(asked.captured_queries)

    wait_for_others(lambda: questions() <= 2)


def test_notes_of_changes_are_kept_for_as_long_as_a_phone_needs_them(site, monkeypatch):
    tree, phone = site
    monkeypatch.setattr(cleaning, "MARGIN", 0)
    noted = SyncTableChange.objects.filter(name="people_contact")
    numbers = itertools.count()
    phone.pull()

    def change_and_forget() -> int:
        forget_old_changes()
        create_contact(
            first_name=f"N{next(numbers)}",
            last_name="Ny",
            local_association=tree.grorud,
            by=None,
            duplicate_checked=True,
        )
        forget_old_changes()
        assert phone.pull() == [("contacts", "upsert")]
        forget_old_changes()
        return noted.count()

    for _turn in range(3):
        change_and_forget()
    # Of the last two alone: the answer before may still have to be given again.
    wait_for_others(lambda: change_and_forget() <= 2)
    phone.checkpoint, phone.rows = None, {}
    SyncView.objects.all().delete()
    wait_for_others(lambda: forget_old_changes() and not noted.exists())
    phone.pull()
    assert phone.names() == {f"N{number}" for number in range(next(numbers))}


def test_after_a_restore_a_phone_begins_anew_and_is_right_again(site):
    tree, phone = site
    values = {"last_name": "Ny", "local_association": tree.grorud, "by": None, "duplicate_checked": True}
    create_contact(first_name="Før", **values)
    phone.pull()
    dump = write_dump(Organization.objects.get(schema_name="nhf"))
    create_contact(first_name="Etter", **values)
    phone.pull()
    assert phone.names() == {"Før", "Etter"}
    connection.set_schema_to_public()
    restore_organization(dump)
    connection.set_schema("nhf")
    assert phone.ask().status_code == 410
    phone.checkpoint, phone.rows = None, {}
    phone.pull()
    assert phone.names() == {"Før"}


def wait_for_others(holds: Callable[[], bool]) -> None:
    """Until it holds: transactions in other databases of the server keep the horizon back as well."""
    for _turn in range(300):
        if holds():
            return
        time.sleep(0.2)
    raise AssertionError("a transaction elsewhere has been open all the time")


def test_what_changes_in_the_midst_of_the_first_pages_is_told_though_old_notes_are_forgotten(site):
    tree, phone = site
    for name in ("En", "To", "Tre"):
        create_contact(
            first_name=name, last_name="Ny", local_association=tree.grorud, by=None, duplicate_checked=True
        )
    phone.take(phone.ask(limit=1, resources="contacts"))
    [first] = phone.held("contacts")
    change_contact(Contact.objects.get(pk=first), changes={"city": "Moss"}, by=None)
    forget_old_changes()
    phone.pull(resources="contacts")
    phone.pull(resources="contacts")
    assert phone.held("contacts")[first]["city"] == "Moss"


def test_a_device_that_is_ended_during_its_call_and_the_call_dont_wait_for_each_other(site, monkeypatch):
    _tree, phone = site
    phone.pull(device_id="telefon-1")
    device = SyncDevice.objects.get()
    acknowledge, ending = pull.acknowledge, []

    def end() -> None:
        with in_nhf():
            end_device(device, by=None, reason="Mistet")

    with ThreadPoolExecutor(1) as pool:

        def meanwhile(view, generation):
            acknowledge(view, generation)
            ending.append(pool.submit(end))
            with pytest.raises(TimeoutError):
                ending[0].result(0.3)

        monkeypatch.setattr(pull, "acknowledge", meanwhile)
        phone.api.post("/api/v1/notes/", {"title": "Husk", "body": "Ringe"}, format="json")
        assert phone.ask(device_id="telefon-1").status_code == 200
        ending[0].result(5)
    assert phone.ask(device_id="telefon-1").json()["wipe"] is True
