"""Every method of every address, as every role, with own, sibling, foreign and unknown rows: see matrix.py.

Of the API every cell is asked; of the three who have a session and are no members one asks, in turn. Pages
are many and slow, so there the roles take turns: whoever may most asks once per line and method, with foreign
and unknown ids; the coordinator and the platform's staff once per line, and of the others one of those who
enter the admin, and sometimes one of those who don't. What stands in one line are the same views,
which is asserted. With RIGHTS_EVERY_CELL=1 nothing takes turns; run it so when admin.csv was changed.
"""

import json
import os
import zlib
from collections import Counter

import pytest
from django.template.backends.django import Template

from tests.contracts.addresses import view_named
from tests.contracts.test_addresses import CLASS_OF

from .asking import ask, ids_of, told_apart, word
from .matrix import COLUMNS, HERE, Entry, addresses, entries, methods, parameters

EVERY_CELL = os.environ.get("RIGHTS_EVERY_CELL") == "1"
BODIES = json.loads((HERE / "bodies.json").read_text(encoding="utf-8"))
# Who asks of pages in turn: those who don't enter the admin, and those who have little to do there.
OUTSIDE = ("anonymous", "barred", "support", "mentor")
SELDOM = ("finance", "auditor", "privacy_officer", "support-read")
EVERY_SIDE = ("own", "sibling", "foreign", "unknown")
CLOSED = [address for address in addresses() if CLASS_OF.get(address.route) == "closed"]


def test_every_method_of_every_address_has_one_entry():
    there_are = {
        f"{method} {address.route}"
        for address in addresses()
        if CLASS_OF.get(address.route) != "closed"
        for method in methods(address)
    }
    listed = Counter(entry.name for entry in entries())
    assert there_are - set(listed) == set(), "answered by the site, and nobody has said to whom"
    assert set(listed) - there_are == set(), "not answered by the site any more"
    assert [name for name, times in listed.items() if times > 1] == []


def test_every_parameter_of_every_entry_is_given():
    for entry in entries():
        given = [name for name, _kind in (*entry.rows, *entry.constants)]
        assert sorted(given) == sorted(set(parameters(entry.address))), entry.name


def test_addresses_in_one_line_are_the_same_views():
    view_of = {address.route: view_named(address.callback) for address in addresses()}
    for line in lines():
        assert len({view_of[entry.address] for entry in line}) == 1, line[0].name


def lines() -> list[list[Entry]]:
    """Entries by the line they stand in."""
    found: dict[int, list[Entry]] = {}
    for entry in entries():
        found.setdefault(entry.line, []).append(entry)
    return list(found.values())


Cell = tuple[Entry, str, tuple[str, ...]]


def cells(line: list[Entry]) -> list[Cell]:
    """What is asked of a line: entry, role, and with which rows."""
    if EVERY_CELL or line[0].is_api:
        return [(entry, column, sides(entry, column)) for entry in line for column in COLUMNS]
    turn = zlib.crc32(line[0].address.encode())
    of_method = {
        method: [one for one in line if one.method == method] for method in sorted({x.method for x in line})
    }
    chosen: list[Cell] = [
        (own[turn % len(own)], "admin", ("own", "foreign", "unknown")) for own in of_method.values()
    ]
    asking = [("coordinator", ("own", "sibling")), ("staff", ("own", "foreign"))]
    asking.append((SELDOM[turn % len(SELDOM)], ("own",)))
    if turn % len(OUTSIDE) == 0:
        asking.append((OUTSIDE[turn // len(OUTSIDE) % len(OUTSIDE)], ("own",)))
    for place, (column, with_rows) in enumerate(asking):
        chosen.append((line[(turn + place) % len(line)], column, with_rows))
    return chosen


def sides(entry: Entry, column: str) -> tuple[str, ...]:
    """With which rows a role asks that asks for all it can."""
    # Whom the door keeps out never comes as far as a row.
    if not EVERY_CELL and column in ("anonymous", "barred", "support"):
        return ("own",)
    return EVERY_SIDE


def body_for(entry: Entry, person, world):
    """The good body of bodies.json, with ids of rows; of nobody's where there is no row of their own."""

    def id_of(kind: str):
        row = world.row("own", kind, person)
        return world.unknown(kind) if row is None else row.pk

    return filled_in(BODIES.get(entry.name), id_of)


def filled_in(body, id_of):
    """A body with an id in the place of each `@kind`."""
    if isinstance(body, dict):
        return {name: filled_in(value, id_of) for name, value in body.items()}
    if isinstance(body, list):
        return [filled_in(value, id_of) for value in body]
    return str(id_of(body[1:])) if isinstance(body, str) and body.startswith("@") else body


@pytest.fixture
def unrendered(monkeypatch):
    """What a page looks like is nobody's business here, and most of the time it takes."""
    monkeypatch.setattr(Template, "render", lambda template, context=None, request=None: "")


@pytest.mark.parametrize("line", lines(), ids=lambda line: f"{line[0].name}")
def test_each_role_is_answered_as_the_matrix_says(world, unrendered, line):
    for entry, column, with_rows in cells(line):
        people = COLUMNS[column]
        turn = zlib.crc32(entry.name.encode()) % len(people)
        everyone = EVERY_CELL or (column == "mentor" and entry.is_api)
        for name in people if everyone else people[turn : turn + 1]:
            check(world, entry, column, world.people[name], with_rows if entry.rows else ("own",))


def check(world, entry: Entry, column: str, person, with_rows: tuple[str, ...]) -> None:
    own, sibling, unknown = entry.answer(column)
    said = {"own": own, "sibling": sibling, "unknown": unknown, "foreign": unknown}
    answers = {}
    for side in with_rows:
        ids = ids_of(world, person, entry.rows, side)
        if ids is None:
            continue
        response = ask(person, entry.method, entry.filled(ids), body_for(entry, person, world))
        assert word(response) == said[side], f"{person.name}, {side}: {response.status_code} for {entry.name}"
        answers[side] = response, list(ids.values())
    if {"foreign", "unknown"} <= set(answers):
        (one, ids), (two, others) = answers["foreign"], answers["unknown"]
        assert told_apart(one, two, ids, others) == "", f"{person.name}: {entry.name}"


@pytest.mark.parametrize("name", ["admin", "auditor", "support-read"])
def test_what_is_closed_is_closed_to_those_who_enter_the_admin(world, unrendered, name):
    """The others: tests/contracts."""
    for address in CLOSED:
        for method in ("GET", "POST"):
            answer = word(ask(world.people[name], method, address.sample))
            assert answer in {"refused", "404", "405"}, (method, address)
