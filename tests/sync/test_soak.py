"""Phones over bad lines, at random: in the end nothing is lost, nothing doubled, nothing stuck.

A state machine (hypothesis) drives the reference client on several phones of three people, who write, read
and are cut off while roles, contacts and areas come and go. Then the lines are good for a while; every change
that anybody ever made must have had exactly one outcome, and each phone must hold what the API shows its
user.
Run sizes: `make soak`, by SOAK_DEVICES, SOAK_RUNS and SOAK_STEPS.
"""

import os
from collections import Counter
from contextlib import ExitStack
from itertools import count
from typing import Any, ClassVar

import pytest
from django.utils import timezone
from django_tenants.utils import schema_context
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from api.core import limits
from cms.demo.organizations import PASSWORD
from domain.access.choices import Role
from domain.access.models import RoleAssignment
from domain.access.rules import assign_role, end_role
from domain.config.choices import Area
from domain.config.rules import set_area
from domain.identity.limits import Limit
from domain.identity.models import User
from domain.people.models import Contact, ContactNote, Note
from domain.people.rules import change_contact, move_contact
from domain.sync.choices import Outcome, Resolution
from domain.sync.models import SyncMutation, SyncView
from tests.support.databases import cloned_database
from tests.support.rows import make_contact, make_tree
from tests.sync.phones import Line, OfflineClient, phone, pulling

DEVICES = int(os.environ.get("SOAK_DEVICES", "4"))
RUNS = int(os.environ.get("SOAK_RUNS", "2"))
STEPS = int(os.environ.get("SOAK_STEPS", "15"))
PEOPLE = ("coordinator@nhf.example", "mentor@nhf.example", "coordinator@nhf.example", "both@meander.example")
RESOURCES = ("contacts", "contact-notes", "notes")
MODELS: dict[str, Any] = {"contacts": Contact, "contact-notes": ContactNote, "notes": Note}
FAULTS = st.lists(st.sampled_from(["", "", "before", "after", "twice", "late"]), max_size=4)
ANY = st.integers(0, 10**6)
DOINGS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                *("write_a_contact", "write_about_a_contact", "write_a_note"),
                *("change_a_contact", "change_a_contact", "change_a_note", "delete_a_note"),
                "act_on_a_contact",
            ]
        ),
        ANY,
        st.integers(0, 3),
    ),
    min_size=3,
    max_size=6,
)


class Phones(RuleBasedStateMachine):
    """Each rule is something that happens to a phone, or to the organisation meanwhile."""

    template: ClassVar[str]
    numbers: ClassVar[Any] = count()

    def __init__(self):
        super().__init__()
        self.stack = ExitStack()
        self.stack.enter_context(cloned_database(self.template, f"soak_{os.getpid()}"))
        self.stack.enter_context(schema_context("nhf"))
        self.done: dict[str, tuple[int, str]] = {}
        self.words: dict[str, str] = {}

    @initialize(spells=st.lists(DOINGS, min_size=DEVICES, max_size=DEVICES), faults=FAULTS)
    def begin(self, spells, faults):
        self.tree = make_tree()
        for email in set(PEOPLE):
            user = User.objects.get(email=email)
            RoleAssignment.objects.filter(user=user).delete()
        self.give("coordinator@nhf.example", Role.COORDINATOR, self.tree.east)
        self.give("both@meander.example", Role.COORDINATOR, self.tree.west)
        self.give("mentor@nhf.example", Role.PEER_MENTOR, self.tree.grorud)
        for place in (self.tree.grorud, self.tree.bergen):
            make_contact(place, None)
        self.phones: list[OfflineClient] = []
        self.lines: list[Line] = []
        for number in range(DEVICES):
            made, line = phone("nhf", PEOPLE[number % len(PEOPLE)], PASSWORD)
            self.phones.append(made)
            self.lines.append(line)
            self.sync(number, [], 500)
        for number, doings in enumerate(spells):
            self.work_for_a_while(number, doings, faults, 500)

    def teardown(self):
        try:
            if hasattr(self, "phones"):
                self.settle()
        finally:
            self.stack.close()

    # --- What people do on their phones ------------------------------------------------------------------

    @rule(at=ANY, doings=DOINGS, faults=FAULTS, size=st.sampled_from([3, 500]))
    def work_for_a_while(self, at, doings, faults, size):
        for name, row, value in doings:
            getattr(self, name)(at, row, value)
        self.sync(at, faults, size)

    @rule(at=ANY, doings=DOINGS)
    def work_offline(self, at, doings):
        for name, row, value in doings:
            getattr(self, name)(at, row, value)

    def write_a_contact(self, at, row, value):
        place = (self.tree.grorud, self.tree.sinsen, self.tree.bergen)[row % 3]
        word = self.word()
        data = {"first_name": word, "last_name": word[::-1].title(), "local_association": str(place.pk)}
        self.create(at, "contacts", data, word)

    def write_about_a_contact(self, at, row, value):
        contact = self.some(at, "contacts", row)
        if contact:
            self.create(at, "contact-notes", {"contact": contact, "body": "Kort"}, self.word())

    def write_a_note(self, at, row, value):
        word = self.word()
        about = {"contact": contact} if (contact := self.some(at, "contacts", row)) and value else {}
        self.create(at, "notes", {"title": word, "body": "Kort", **about}, word)

    def change_a_contact(self, at, row, value):
        field, new = (
            ("phone", f"+472233445{value}"),
            ("email", f"a{value}@example.org"),
            ("first_name", f"Ny{'abcd'[value]}"),
        )[row % 3]
        self.change(at, "contacts", row, lambda it, found: it.update("contacts", found, **{field: new}))

    def change_a_note(self, at, row, value):
        name = ("notes", "contact-notes")[row % 2]
        self.change(at, name, row, lambda it, found: it.update(name, found, body=f"Annet {value}"))

    def delete_a_note(self, at, row, value):
        name = ("notes", "contact-notes")[row % 2]
        self.change(at, name, row, lambda it, found: it.delete(name, found))

    def act_on_a_contact(self, at, row, value):
        action = ("pause", "activate")[value % 2]
        self.change(at, "contacts", row, lambda it, found: it.act("contacts", found, action))

    def change(self, at, resource, row, do):
        found = self.some(at, resource, row)
        if found:
            self.changed(at, lambda it: do(it, found))

    # --- Lines -------------------------------------------------------------------------------------------

    @rule(at=ANY, faults=FAULTS, size=st.sampled_from([3, 500]))
    def synchronise(self, at, faults, size):
        self.sync(at, faults, size)

    @rule(at=ANY)
    def what_was_under_way_arrives(self, at):
        self.lines[at % DEVICES].deliver()

    @rule(at=ANY)
    def fetch_everything_anew(self, at):
        pulling.begin_anew(self.phones[at % DEVICES].store)

    @rule(at=ANY)
    def the_server_forgets_what_a_phone_holds(self, at):
        SyncView.objects.filter(user__email=PEOPLE[at % DEVICES % len(PEOPLE)]).delete()

    # --- The organisation --------------------------------------------------------------------------------

    @rule(row=ANY, value=st.integers(0, 3))
    def somebody_else_changes_a_contact(self, row, value):
        contact = self.stored(Contact, row)
        if contact is not None:
            change_contact(contact, changes={"phone": f"+475544332{value}"}, by=None)

    @rule(row=ANY, where=ANY)
    def a_contact_moves(self, row, where):
        contact = self.stored(Contact, row)
        to = (self.tree.grorud, self.tree.bergen)[where % 2]
        if contact is not None and contact.local_association_id != to.pk:
            move_contact(contact, to=to, by=None)

    @rule(who=ANY)
    def a_role_ends(self, who):
        held = RoleAssignment.objects.filter(
            user__email=PEOPLE[who % len(PEOPLE)],
        ).first()
        if held is not None:
            end_role(held, by=None)

    @rule(who=ANY, where=ANY)
    def a_role_begins(self, who, where):
        email = PEOPLE[who % len(PEOPLE)]
        place = (self.tree.east, self.tree.west, self.tree.grorud)[where % 3]
        role = Role.PEER_MENTOR if email.startswith("mentor") else Role.COORDINATOR
        if not RoleAssignment.objects.filter(user__email=email, local_association=place).exists():
            self.give(email, role, place)

    @rule(area=st.sampled_from([Area.CONTACTS, Area.NOTES]), enabled=st.sampled_from([True, True, False]))
    def an_area_is_switched(self, area, enabled):
        set_area(area=area, enabled=enabled, by=None)

    # --- The end -----------------------------------------------------------------------------------------

    def settle(self):
        for line in self.lines:
            line.faults.clear()
            line.deliver()
        # A phone shows what it did for some calls more, where it isn't told of it: it may see it no longer.
        for _time in range(pulling.PATIENCE + 1):
            for at in range(DEVICES):
                self.sync(at, [], 500)
            # Somebody looks into the inbox: what depends on what was refused needn't wait any more.
            now = timezone.now()
            SyncMutation.objects.open().update(resolution=Resolution.DISCARDED, resolved_at=now, content=None)
        self.nothing_is_stuck()
        self.nothing_is_lost_or_doubled()
        for at in range(DEVICES):
            self.the_phone_tells_the_truth(at)

    def nothing_is_stuck(self):
        for each in self.phones:
            waiting = [dict(entry) for entry in each.store.queue(state="waiting")]
            assert not waiting, waiting

    def nothing_is_lost_or_doubled(self):
        taken = {str(row.mutation_id): row for row in SyncMutation.objects.all()}
        assert set(taken) == set(self.done)
        told = {row["mutation_id"] for each in self.phones for row in each.store.problems()}
        assert told == {key for key, row in taken.items() if row.outcome in Outcome.to_inbox()}
        made = Counter(row.row_id for row in taken.values() if row.op == "create" and row.row_id)
        assert set(made.values()) <= {1}
        for key, (_at, word) in self.done.items():
            if not word:
                continue
            is_made = taken[key].outcome == Outcome.APPLIED
            assert (taken[key].row_id in made) == is_made
        for model in (Contact, Note):
            column = "last_name" if model is Contact else "title"
            words = Counter(model._base_manager.values_list(column, flat=True))
            ours = {word[::-1].title() if model is Contact else word for word in self.words}
            assert all(number == 1 for word, number in words.items() if word in ours)

    def the_phone_tells_the_truth(self, at):
        """What it holds is, to the letter, what the addresses of the rows answer its user."""
        each = self.phones[at]
        for resource in RESOURCES:
            truth = each.store.truth(resource)
            shown = {}
            try:
                page = each.connection.request("GET", f"/api/v1/{resource}/?page_size=200").json()
                for row in page["results"]:
                    detail = each.connection.request("GET", f"/api/v1/{resource}/{row['id']}/").json()
                    shown[row["id"]] = detail
            except Exception as error:
                assert getattr(error, "slug", "") in ("feature-disabled", "not-allowed"), error
            assert truth == shown, f"phone {at}, {resource}"
            assert each.rows(resource).keys() == shown.keys()

    # --- Helpers -----------------------------------------------------------------------------------------

    def sync(self, at, faults, size):
        each, line = self.phones[at % DEVICES], self.lines[at % DEVICES]
        line.faults = list(faults)
        each.store.db.execute("UPDATE queue SET retry_at = 0")
        pulling.LIMIT = size
        each.sync()
        line.faults.clear()

    def create(self, at, resource, data, word):
        self.words[word] = resource
        self.changed(at, lambda it: it.create(resource, data), word)

    def changed(self, at, change, word=""):
        each = self.phones[at % DEVICES]
        change(each)
        self.done[each.store.queue()[-1]["mutation_id"]] = at % DEVICES, word

    def some(self, at, resource, row):
        known = sorted(self.phones[at % DEVICES].rows(resource))
        return known[row % len(known)] if known else None

    def stored(self, model, row):
        known = list(model._base_manager.order_by("created_at"))
        return known[row % len(known)] if known else None

    def give(self, email, role, place):
        assign_role(User.objects.get(email=email), role, local_association=place, by=None)

    def word(self):
        """Nobody else's, and like no other: contacts that are called alike are asked about."""
        number, letters = next(self.numbers) * 7919 + 104729, ""
        while number:
            number, digit = divmod(number, 26)
            letters += chr(97 + digit) * 2
        return letters.title()


@pytest.fixture
def _writes_without_limit(monkeypatch):
    for name in ("WRITES_PER_SESSION", "WRITES_PER_USER", "WRITES_PER_ADDRESS"):
        monkeypatch.setattr(limits, name, Limit(f"soak-{name}", attempts=10**9, seconds=60))
    monkeypatch.setattr(pulling, "LIMIT", pulling.LIMIT)


def test_whatever_happens_on_the_way_phones_and_server_tell_the_same_in_the_end(
    template_database, django_db_setup, django_db_blocker, _writes_without_limit
):
    Phones.template = template_database
    with django_db_blocker.unblock():
        run_state_machine_as_test(
            Phones,
            settings=settings(
                max_examples=RUNS,
                stateful_step_count=STEPS,
                deadline=None,
                # Not made smaller: each run makes a database, and that takes its time.
                phases=[Phase.generate],
                database=None,
                derandomize="SOAK_RUNS" not in os.environ,
                suppress_health_check=list(HealthCheck),
            ),
        )
