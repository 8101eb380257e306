"""Ids of another organisation in bodies and filters are answered exactly like ids of nobody."""

import json
from uuid import UUID

import pytest
from django_filters import filters
from rest_framework import serializers
from rest_framework.relations import ManyRelatedField, RelatedField

from api.core.entities import entities
from api.core.serializers import EntitySerializer
from domain.core.models import Entity

from .asking import ask, ids_of, told_apart, word
from .matrix import Entry, entries
from .test_matrix import BODIES, filled_in

WRITERS = ("coordinator", "admin", "staff")
BY_NAME = {entry.name: entry for entry in entries()}


def references(body, at=()) -> list[tuple[tuple, str]]:
    """Where a body names rows: (path, kind)."""
    if isinstance(body, dict):
        return [found for name, value in body.items() for found in references(value, (*at, name))]
    if isinstance(body, list):
        return [found for place, value in enumerate(body) for found in references(value, (*at, place))]
    return [(at, body[1:])] if isinstance(body, str) and body.startswith("@") else []


def replaced(body, path: tuple, value: str):
    if not path:
        return value
    copy = dict(body) if isinstance(body, dict) else list(body)
    copy[path[0]] = replaced(body[path[0]], path[1:], value)
    return copy


# Members that a good body may do without, and that not everybody who sends it may give.
ACTIVITY = {"leader_ids": ["@person"], "contact_ids": ["@contact"]}
OPTIONAL = {
    "POST api/v1/activities/": ACTIVITY,
    "POST api/v1/activities/bulk/": {
        "rows": [{**BODIES["POST api/v1/activities/bulk/"]["rows"][0], **ACTIVITY}]
    },
    "PATCH api/v1/activities/<uuid:id>/": {"type": "@activity-type", **ACTIVITY},
    "POST api/v1/assignments/": {"contact": "@contact"},
    "PATCH api/v1/assignments/<uuid:id>/": {"recipient": "@person"},
    "POST api/v1/declarations/": {"user": "@person"},
}
NAMING = {name: {**body, **OPTIONAL.get(name, {})} for name, body in BODIES.items()}
REFERENCES = [(name, path, kind) for name, body in NAMING.items() for path, kind in references(body)]
# What belongs to the whole organisation has no sibling.
EVERYONES = ("organization", "certification-kind", "diagnosis-category", "activity-type")


def member_of(path: tuple) -> str:
    """The member that a path leads to; of a list, the list."""
    return next(part for part in reversed(path) if isinstance(part, str))


def related_fields(serializer: serializers.BaseSerializer) -> set[str]:
    """The members of a body in which a caller names rows."""
    fixed = (
        getattr(getattr(serializer, "Meta", None), "create_only_fields", ()) if serializer.instance else ()
    )
    return {
        name
        for name, field in serializer.fields.items()
        if isinstance(field, RelatedField | ManyRelatedField) and not field.read_only and name not in fixed
    }


def test_every_member_that_names_a_row_has_a_body_that_names_one():
    wanted = set()
    for path, view in entities.items():
        detail = "" if view.single else "<uuid:id>/"
        if "create" in view.verbs:
            wanted |= {(f"POST api/v1/{path}/", name) for name in related_fields(view.maker()())}
        if "update" in view.verbs:
            changed = view.maker()(view.model()(), partial=True)
            wanted |= {(f"PATCH api/v1/{path}/{detail}", name) for name in related_fields(changed)}
        for action in view.actions:
            if action.body is not None:
                names = related_fields(action.body())
                wanted |= {(f"POST api/v1/{path}/<uuid:id>/{action.name}/", name) for name in names}
        for verb in view.bulk:
            wanted |= {(f"POST api/v1/{path}/{bulk_ending(verb)}", name) for name in bulk_members(view, verb)}
    assert wanted
    assert wanted - {(name, member_of(path)) for name, path, _kind in REFERENCES} == set()


def bulk_ending(verb: str) -> str:
    return "bulk/" if verb == "create" else f"bulk/{verb}/"


def bulk_members(view, verb: str) -> set[str]:
    """The members of each row of a request about many that name rows."""
    if verb == "create":
        return related_fields(view.maker()())
    if verb in ("update", "delete"):
        return {"id"} | (
            related_fields(view.maker()(view.model()(), partial=True)) if verb == "update" else set()
        )
    body = next(action.body for action in view.actions if action.name == verb)
    return {"id"} | (related_fields(body()) if body is not None else set())


def test_every_body_is_of_an_address_that_exists():
    assert set(BODIES) - set(BY_NAME) == set()


@pytest.mark.parametrize(("name", "path", "kind"), REFERENCES)
def test_a_foreign_id_in_a_body_is_refused_like_one_of_nobody(world, name, path, kind):
    entry = BY_NAME[name]
    asked = 0
    for column in WRITERS:
        if entry.answer(column)[0] not in ("yes", "judged"):
            continue
        person = world.people[column]
        row = world.row("foreign", kind, person)
        if row is None:
            continue
        foreign, unknown = row.pk, world.unknown(kind)
        good = filled_in(NAMING[name], lambda kind: world.row("own", kind, person).pk)  # noqa: B023
        one, two = (
            send(world, person, entry, replaced(good, path, str(value))) for value in (foreign, unknown)
        )
        assert told_apart(one, two, [str(foreign)], [unknown]) == "", column
        # A wished time that is gone is left out: the booking is what matters.
        assert word(two) in ("judged", "404") or name == "POST api/v1/demo-bookings/", column
        assert str(foreign) not in one.collected.decode() or word(one) == "judged"
        asked += 1
    assert asked


def send(world, person, entry: Entry, body):
    return ask(person, entry.method, entry.filled(ids_of(world, person, entry.rows, "own")), body)


@pytest.mark.parametrize(
    ("name", "path", "kind"),
    [
        one
        for one in REFERENCES
        if BY_NAME[one[0]].answer("coordinator")[0] == "yes" and one[2] not in EVERYONES
    ],
)
def test_a_coordinator_names_no_sibling_in_a_body(world, name, path, kind):
    """A local association that one only reads is no place to write; a person one doesn't see, nobody."""
    entry, person = BY_NAME[name], world.people["coordinator"]
    good = filled_in(NAMING[name], lambda kind: world.row("own", kind, person).pk)
    sibling = str(world.row("sibling", kind, person).pk)
    assert word(send(world, person, entry, replaced(good, path, sibling))) in ("judged", "403", "404")


FILTERS = [
    (path, name)
    for path, view in sorted(entities.items())
    if view.filterset_class is not None
    for name, item in view.filterset_class.base_filters.items()
    if isinstance(item, filters.ModelChoiceFilter | filters.UUIDFilter | filters.ModelMultipleChoiceFilter)
]
# Filters by an id that no reference says the kind of.
KINDS = {
    ("audit-events", "actor"): "person",
    ("audit-events", "about"): "person",
    ("users", "local_association"): "association",
    ("contacts", "mentor"): "person",
    ("registered-relatives", "contact"): "contact",
    ("activities", "leader"): "person",
    ("activities", "contact"): "contact",
    # Whichever row it is.
    ("sync/client-ids", "server_id"): "activity",
    ("sync/inbox", "mutation_id"): "sync-mutation",
}


def kind_of(path: str, name: str) -> str:
    """The kind of row that a filter takes the id of."""
    known = KINDS.get((path, name))
    if known is not None:
        return known
    model = entities[path].model()
    item = entities[path].filterset_class.base_filters[name]
    for part in item.field_name.split("__"):
        model = model._meta.get_field(part).related_model
    return {
        "User": "person",
        "LocalAssociation": "association",
        "Contact": "contact",
        "RegisteredRelative": "relative",
        "DiagnosisCategory": "diagnosis-category",
        "MentorCertification": "certification",
        "CertificationKind": "certification-kind",
        "DeclarationText": "signed-text",
        "Activity": "activity",
        "ActivityType": "activity-type",
        "Assignment": "assignment",
        "HonorariumThreshold": "threshold",
        "SyncDevice": "sync-device",
    }[model.__name__]


@pytest.mark.parametrize(("path", "name"), FILTERS)
@pytest.mark.parametrize(
    "column", ["mentor", "coordinator", "admin", "privacy_officer", "support-read", "staff"]
)
def test_a_foreign_id_in_a_filter_finds_what_one_of_nobody_finds(world, path, name, column):
    person, kind = world.people[column], kind_of(path, name)
    foreign, unknown = world.row("foreign", kind, person).pk, world.unknown(kind)
    one, two = (ask(person, "GET", f"/api/v1/{path}/?{name}={value}") for value in (foreign, unknown))
    assert told_apart(one, two, [foreign], [unknown]) == ""
    if one.status_code == 200:
        assert json.loads(one.collected)["results"] == []


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("content/faqs/?category=", "faq-category"),
        ("content/resource-links/?category=", "link-category"),
        ("content/conversation-cards/?deck=", "deck"),
        ("audit-events/?object_type=associations.localassociation&object_id=", "association"),
    ],
)
def test_a_foreign_id_in_another_parameter_finds_nothing(world, address, kind):
    person = world.people["admin"]
    value, unknown = world.rows["foreign"][kind].pk, world.unknown(kind)
    one, two = (ask(person, "GET", f"/api/v1/{address}{each}") for each in (value, unknown))
    assert one.status_code == 200
    assert told_apart(one, two, [value], [unknown]) == ""


@pytest.mark.parametrize("path", sorted(entities))
def test_a_cursor_of_another_organisation_shows_nothing_of_it(world, path):
    """A cursor is a place in an order, no key: on another host it leads among that one's own rows."""
    view = entities[path]
    if view.single or "list" not in view.verbs:
        assert "list" not in view.verbs or view.single
        return
    first = ask(world.people["foreign-admin"], "GET", f"/api/v1/{path}/?page_size=1")
    following = json.loads(first.collected)["next"]
    if following is None:
        return
    here = ask(world.people["admin"], "GET", f"/api/v1/{path}/?{following.partition('?')[2]}")
    theirs = {str(row.pk) for row in world.rows["foreign"].values() if isinstance(row.pk, UUID)}
    assert here.status_code in (200, 400)
    assert not [one for one in theirs if one in here.collected.decode()]


def test_entities_and_their_serializers_are_what_is_walked():
    """The walk above sees every entity there is: none is declared beside the base."""
    assert all(issubclass(view.serializer_class, EntitySerializer) for view in entities.values())
    assert {"LocalAssociation", "Membership"} <= {view.model().__name__ for view in entities.values()}
    assert all(
        view.model()._meta.pk.name == "id" for view in entities.values() if issubclass(view.model(), Entity)
    )
