"""Words planted in each organisation are read in no answer, export, file, cache or log of another's host.

And in none of one's own, those of people whom the role doesn't see.
"""

import io
import json
import logging
import zipfile

import pytest
from django.core.cache import cache

from api.core.entities import entities
from api.core.shapes import known_expansions
from tests.support.turns import in_turn

from .asking import ask, ids_of, told_apart
from .matrix import entries
from .test_matrix import lines
from .world import MARKS, OWN, SIDES, Person

# One of each kind of right: the others read a part of what one of these reads.
READERS = [
    "anonymous",
    "stranger",
    "mentor",
    "coordinator",
    "admin",
    "support-read",
    "staff",
    "foreign-admin",
]


def forbidden(person: Person) -> list[str]:
    """The marks of every organisation but the one whose host the person asks."""
    own = {SIDES[person.host], *(["sibling"] if person.host == OWN else [])}
    return [mark.lower() for side, mark in MARKS.items() if side not in own]


def text_of(response) -> str:
    """What an answer says, spreadsheets and archives unpacked."""
    content = response.collected
    if content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            content = b"\n".join(archive.read(name) for name in archive.namelist())
    said = content.decode(errors="replace") + str(dict(response.headers))
    return said.lower()


def read_api(world, person: Person):
    """(address, answer) of every GET of the API, with every expansion there is."""
    for entry in entries():
        if not entry.is_api or entry.method != "GET":
            continue
        for side in ("own", "foreign") if entry.rows else ("own",):
            ids = ids_of(world, person, entry.rows, side)
            if ids is None:
                continue
            for query in ("", *queries(entry.address)):
                yield entry.name + query, ask(person, "GET", entry.filled(ids) + query)


def queries(address: str) -> list[str]:
    path = address.removeprefix("api/v1/").split("/")[0]
    view = entities.get(path)
    expansions = ",".join(known_expansions(view)) if view is not None else ""
    return [f"?expand={expansions}"] if expansions and address.endswith((f"{path}/", "<uuid:id>/")) else []


@pytest.mark.parametrize("name", READERS)
def test_nothing_of_another_organisation_is_read_over_the_api(world, name):
    person = world.people[name]
    marks, read = forbidden(person), 0
    for address, response in read_api(world, person):
        said = text_of(response)
        assert not [mark for mark in marks if mark in said], address
        read += response.status_code == 200
    assert read


def read_pages(world, person: Person, *, column: str, sides: tuple[str, ...]):
    """(address, answer) of a page of every line that the role opens, and of each list's exports.

    Pages of rows are opened with rows of these sides; with none, the others alone.
    """
    for line in in_turn(lines(), name=lambda line: line[0].name):
        entry = line[0]
        if entry.is_api or entry.method != "GET" or entry.answer(column)[0] != "yes":
            continue
        if column == "staff" and entry.answer("admin")[0] == "yes":
            continue  # The same page as an administrator's.
        for side in sides if entry.rows else ("own",):
            ids = ids_of(world, person, entry.rows, side)
            if ids is None:
                continue
            address = entry.filled(ids)
            response = ask(person, "GET", address)
            yield entry.name, response
            if b"export=xlsx" in response.collected:
                for kind in ("csv", "xlsx"):
                    yield f"{entry.name} as {kind}", ask(person, "GET", f"{address}?export={kind}")


@pytest.mark.parametrize(
    ("name", "column", "sides"),
    [
        ("admin", "admin", ("own",)),
        ("foreign-admin", "admin", ()),
        ("staff", "staff", ("own",)),
    ],
)
def test_nothing_of_another_organisation_is_read_on_a_page(world, name, column, sides, caplog):
    """Whoever may most, in each organisation: what they don't read, nobody does."""
    caplog.set_level(logging.INFO)
    person = world.people[name]
    marks, exports = forbidden(person), 0
    for address, response in read_pages(world, person, column=column, sides=sides):
        said = text_of(response)
        if name == "staff" and "admin/organizations/" in address:
            # The console names the organisations and how to reach them: that is what it is for.
            said = said.replace("@canary.example", "").replace("kanarinhf", "").replace("kanaribl", "")
        assert not [mark for mark in marks if mark in said], address
        exports += " as " in address
    assert exports
    assert not [mark for mark in MARKS.values() if mark.lower() in caplog.text.lower()]


def test_pages_of_foreign_rows_are_byte_for_byte_those_of_rows_that_never_were(world):
    person = world.people["admin"]
    compared = 0
    for line in lines():
        entry = line[0]
        if entry.is_api or not entry.rows or entry.method != "GET" or entry.answer("admin")[0] != "yes":
            continue
        foreign, unknown = (ids_of(world, person, entry.rows, side) for side in ("foreign", "unknown"))
        one, two = (ask(person, "GET", entry.filled(ids)) for ids in (foreign, unknown))
        assert told_apart(one, two, list(foreign.values()), list(unknown.values())) == "", entry.name
        compared += 1
    assert compared > 50


def test_a_coordinator_reads_nothing_of_people_elsewhere_in_the_organisation(world):
    """Local associations are known to everyone, and content is the whole organisation's; people are not."""
    person, unseen = world.people["coordinator"], world.rows["sibling"]
    secrets = [
        str(unseen["person"].pk),
        unseen["person"].email,
        str(unseen["membership"].pk),
        unseen["membership"].display_title,
        str(unseen["role"].pk),
        unseen["share"].reason,
        unseen["invitation"].email,
    ]
    found = 0
    for source in (
        read_api(world, person),
        read_pages(world, person, column="coordinator", sides=("own", "sibling")),
    ):
        for address, response in source:
            # A refusal names the address that was asked.
            said = response.collected.decode(errors="replace") if response.status_code == 200 else ""
            assert not [secret for secret in secrets if secret in said], address
            found += world.rows["own"]["person"].email in said
    assert found, "of people in the region something is read"


@pytest.mark.parametrize("name", ["mentor", "both", "finance", "support"])
def test_who_sees_no_members_reads_of_nobody(world, name):
    person = world.people[name]
    for address, response in read_api(world, person):
        # A refusal names the address that was asked.
        said = response.collected.decode(errors="replace") if response.status_code == 200 else ""
        for side in ("own", "sibling"):
            assert world.rows[side]["person"].email not in said, address
            assert str(world.rows[side]["membership"].pk) not in said, address


def test_a_file_of_another_organisation_is_answered_like_one_that_never_was(world):
    person = world.people["admin"]
    picture, paper = world.rows["foreign"]["image"], world.rows["foreign"]["document"]
    for address in (
        f"/media/{picture.file.name}",
        f"/media/{paper.file.name}",
        f"/documents/{paper.pk}/{paper.filename}",
    ):
        response = ask(person, "GET", address)
        assert response.status_code == 404, address
        assert MARKS["foreign"] not in response.collected.decode()
    own = world.rows["own"]["image"]
    assert ask(person, "GET", f"/media/{own.file.name}").status_code == 200


def test_what_is_remembered_is_kept_apart_by_organisation(world):
    for name in ("admin", "foreign-admin"):
        for address in ("content/faqs/", "content/terminology/", "content/bundle/"):
            assert ask(world.people[name], "GET", f"/api/v1/{address}").status_code == 200
    kept = {key: str(cache._cache[key]) for key in cache._cache}
    assert any(key.startswith(f"{OWN}:") for key in kept)
    for key, value in kept.items():
        schema = key.split(":")[0]
        others = [mark for side, mark in MARKS.items() if SIDES.get(schema) != side and side != "sibling"]
        assert not [mark for mark in others if mark in value], key


def test_the_canaries_sing(world):
    """The marks are where they should be: else the tests above would prove nothing."""
    said = text_of(ask(world.people["admin"], "GET", "/api/v1/content/faqs/"))
    assert MARKS["own"].lower() in said
    members = json.loads(ask(world.people["admin"], "GET", "/api/v1/memberships/?expand=user").collected)
    names = {row["expanded"]["user"]["last_name"] for row in members["results"]}
    assert {MARKS["own"], MARKS["sibling"]} <= names
    foreign = text_of(ask(world.people["foreign-admin"], "GET", "/admin/content/faqs/"))
    assert MARKS["foreign"].lower() in foreign
